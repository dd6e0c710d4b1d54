"""What addresses and forms may carry: one form per GET query and per POST."""

from __future__ import annotations

from typing import Any

from django import forms

from quotes.models import Standing

LONGEST_CURSOR = 600


class Key(forms.CharField):
    """A record's key in ASCII digits; any other spelling of the number is refused (PRODUCT.md §8)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, max_length=18, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Give the number, or None when there is none."""
        text = super().to_python(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and text[0] != "0"):
            raise forms.ValidationError("A key is written in digits.", code="invalid")
        return int(text)


class Cursor(forms.CharField):
    """Where the page before ended, as that page gave it."""

    def __init__(self) -> None:
        super().__init__(required=False, strip=False, max_length=LONGEST_CURSOR)


# --- statements --------------------------------------------------------------------------------------------------


class StatementQuery(forms.Form):
    """GET of a statement's page."""

    format = forms.CharField(required=False, strip=False, max_length=20)
    history = Key(required=False)


# --- speakers ----------------------------------------------------------------------------------------------------


class SpeakersQuery(forms.Form):
    """GET of the list of speakers."""

    q = forms.CharField(required=False, max_length=200, label="Name or spelling")
    cursor = Cursor()


class SpeakerQuery(forms.Form):
    """GET of a speaker's page."""

    format = forms.CharField(required=False, strip=False, max_length=20)
    topic = forms.SlugField(required=False, max_length=80)
    standing = forms.ChoiceField(required=False, choices=[("", "any"), *Standing.Value.choices])
    cursor = Cursor()


# --- articles ----------------------------------------------------------------------------------------------------


class ArticlesQuery(forms.Form):
    """GET of the list of articles."""

    outlet = forms.SlugField(required=False, max_length=80)
    cursor = Cursor()
