"""The kinds of fields in the form of a quote, and the rows of its chain and of its figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from quotes.actions.quotes import Number
from quotes.models import Figure
from quotes.search import quotes as reads
from quotes.text import dates


class Words(forms.CharField):
    """Text kept byte for byte. Browsers send every line break as CR LF, so that alone is taken back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the text with plain line breaks."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class Partial(forms.CharField):
    """A date as YYYY, YYYY-MM or YYYY-MM-DD; gives (first day, precision), both None when not known."""

    def clean(self, value: Any) -> Any:
        """Read the date."""
        text = super().clean(value)
        if not text:
            return None, None
        try:
            found = dates.parse(text)
        except ValueError as error:
            raise ValidationError(
                "Write 2026, 2026-02 or 2026-02-04; leave empty what is not known."
            ) from error
        return found.first, found.precision


class Named(forms.CharField):
    """A record by its slug or name; `find` returns it or raises Unclear."""

    def __init__(self, find: Any, offered: str, **kwargs: Any) -> None:
        # Names are offered below the field by a list of the page (datalist); any other may be typed.
        widget = forms.TextInput(attrs={"list": offered, "dir": "auto"})
        super().__init__(max_length=300, widget=widget, **kwargs)
        self.find = find

    def clean(self, value: Any) -> Any:
        """Return the record, or None when nothing is typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.find(text)
        except reads.Unclear as error:
            raise ValidationError(str(error)) from error


class RelayForm(forms.Form):
    """One step of the chain; a row without outlet and words is none."""

    place = forms.IntegerField(required=False, min_value=1, max_value=999, label="Order")
    outlet = Named(reads.find_outlet, "outlets", required=False, label="Outlet")
    as_printed = forms.CharField(required=False, strip=False, max_length=300, label="As printed")

    @property
    def says_something(self) -> bool:
        """Whether the row names anybody."""
        return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in ("outlet", "as_printed"))


class FigureForm(forms.Form):
    """One figure; a row without a measure is none."""

    measure = Named(reads.find_measure, "measures", required=False, label="What it counts")
    bound = forms.ChoiceField(required=False, choices=Figure.Bound.choices, label="Bound")
    low = forms.DecimalField(required=False, max_digits=24, decimal_places=6, label="Lower")
    high = forms.DecimalField(required=False, max_digits=24, decimal_places=6, label="Upper")
    as_of = Partial(required=False, max_length=10, label="As of")
    method = forms.ChoiceField(
        required=False, choices=Figure.Method.choices, initial=Figure.Method.CLAIM, label="Method"
    )
    as_printed = forms.CharField(required=False, strip=False, max_length=120, label="As printed")

    @property
    def says_something(self) -> bool:
        """Whether the row says what is counted."""
        return bool(str(self.data.get(self.add_prefix("measure"), "")).strip())

    def clean(self) -> None:
        """Hold the numbers against the bound; one number is enough for “exactly” and “about”."""
        given = self.cleaned_data
        if "low" not in given or "high" not in given:
            return
        bound = given["bound"] = given.get("bound") or str(Figure.Bound.EXACT)
        low, high = given["low"], given["high"]
        if bound in ("exact", "about"):
            low = high = low if low is not None else high
        wrong = {
            "exact": low is None,
            "about": low is None,
            "at_least": low is None or high is not None,
            "at_most": high is None or low is not None,
            "range": low is None or high is None or high < low,
        }
        if wrong[bound]:
            told = {
                "at_least": "“At least” needs the lower number and no other.",
                "at_most": "“At most” needs the upper number and no other.",
                "range": "“Between” needs a lower and an upper number.",
            }
            self.add_error("low", told.get(bound, "A number is needed."))
        given |= {"low": low, "high": high}

    @property
    def number(self) -> Number:
        """The figure that it says."""
        given = self.cleaned_data
        first, precision = given["as_of"]
        return Number(
            given["measure"],
            {
                "bound": given["bound"],
                "low": given["low"],
                "high": given["high"],
                "as_of": first,
                "as_of_precision": precision,
                "method": given["method"] or str(Figure.Method.CLAIM),
                "as_printed": given["as_printed"],
            },
        )
