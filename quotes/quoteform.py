"""The form of one quote with its statement, article, chain and figures: what a POST may carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from quotes.actions.quotes import Entry, Step
from quotes.forms import LONGEST_NOTE, Key
from quotes.models import CONTEXT_LIMIT, UID_PATTERN, Quote, Statement, Topic
from quotes.quoteformrows import FigureForm, Named, Partial, RelayForm, Words
from quotes.search import quotes as reads
from quotes.text.urls import NotAWebAddress, canonical_url

LONGEST_TEXT = 20_000
LONGEST_BODY = 1_500_000
"""Characters of an article's text; the whole form may have 2 MiB (settings)."""
MOST_ROWS = 40
"""Steps of a chain, and figures, that one quote can have in the form."""
LANGUAGE = r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z"


class QuoteForm(forms.Form):
    """POST that enters or edits a quote. `entry` is what it says, once it is valid."""

    do = forms.ChoiceField(required=False, choices=[(name, name) for name in ("", "save", "look")])
    version = Key(required=False)
    shown = forms.CharField(required=False, max_length=4000)
    opened = forms.CharField(required=False, strip=False, max_length=500_000)
    reason = forms.CharField(required=False, max_length=LONGEST_NOTE, label="Why it is entered all the same")

    uid = forms.RegexField(
        rf"\A{UID_PATTERN}\Z",
        required=False,
        label="Uid",
        error_messages={"invalid": "3 to 64 characters: a–z, 0–9 and hyphens."},
        help_text="Stands in addresses and never changes. Left empty, one is made.",
    )
    statement = forms.CharField(
        required=False,
        max_length=300,
        label="Statement",
        help_text="Its uid or address, when it is on record already.",
    )
    speaker = Named(
        reads.find_speaker, "speakers", required=False, label="Speaker", help_text="A name in any spelling."
    )
    uttered_by = Named(reads.find_speaker, "speakers", required=False, label="By whose mouth")
    gist = forms.CharField(required=False, max_length=300, label="In short", help_text="One neutral line.")
    said_on = Partial(
        required=False, max_length=10, label="Said on", help_text="2026, 2026-02 or 2026-02-04."
    )
    occasion = forms.CharField(required=False, max_length=300, label="Occasion")
    original_language = forms.RegexField(LANGUAGE, required=False, label="Original language")
    original_text = Words(required=False, max_length=LONGEST_TEXT, label="Original wording")
    record = forms.ChoiceField(required=False, choices=Statement.Terms.choices, label="Terms")
    embargoed_until = forms.DateTimeField(required=False, label="Embargoed until")

    topics = forms.CharField(
        required=False,
        max_length=1000,
        label="Topics",
        widget=forms.TextInput(attrs={"list": "topics", "autocapitalize": "none"}),
        help_text="Names or slugs on record, with commas between them.",
    )

    article = forms.CharField(max_length=2000, label="Address of the article")
    outlet = Named(reads.find_outlet, "outlets", required=False, label="Outlet")
    headline = forms.CharField(required=False, max_length=500, label="Headline")
    byline = forms.CharField(required=False, max_length=300, label="By")
    article_language = forms.RegexField(LANGUAGE, required=False, label="Language of the article")
    published_at = forms.DateTimeField(required=False, label="Published")
    body = Words(required=False, max_length=LONGEST_BODY, label="Text of the article")

    kind = forms.ChoiceField(choices=Quote.Kind.choices, label="Kind")
    text = Words(max_length=LONGEST_TEXT, label="Words")
    language = forms.RegexField(LANGUAGE, label="Language")
    is_translation = forms.BooleanField(required=False, label="Translated")
    cue = forms.CharField(required=False, max_length=80, label="Verb as printed")
    speaker_as_printed = forms.CharField(required=False, max_length=200, label="Name as printed")
    role_as_printed = forms.CharField(required=False, max_length=200, label="Role as printed")
    # Django’s forms have an attribute of this name too; as a field it is taken out of the class.
    prefix = Words(  # type: ignore[assignment]
        required=False, max_length=CONTEXT_LIMIT, label="Words before"
    )
    suffix = Words(required=False, max_length=CONTEXT_LIMIT, label="Words behind")

    def __init__(
        self, data: Mapping[str, Any] | None, *, user: Any, quote: Quote | None = None, **kwargs: Any
    ) -> None:
        values = reads.values_of(quote, user) if quote is not None else {}
        super().__init__(data, initial={**values, **kwargs.pop("initial", {})}, **kwargs)
        self.user, self.quote, self.values = user, quote, values
        if not user.has_perm("quotes.view_restricted"):
            # What somebody could not see again, nobody lets them hide.
            del self.fields["embargoed_until"]
            field: Any = self.fields["record"]
            field.choices = [choice for choice in field.choices if choice[0] != Statement.Terms.OFF]
        if not user.has_perm("quotes.change_statement"):
            del self.fields["topics"]
        self.chain = self._rows("relay", RelayForm)
        self.figures = self._rows("figure", FigureForm)

    def _rows(self, name: str, kind: Any) -> list[Any]:
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        found = [re.fullmatch(rf"{name}-(\d{{1,3}})-[a-z_]+", key, re.ASCII) for key in source]
        number = 1 + max((int(match[1]) for match in found if match), default=-1)
        rows = [
            kind(self.data if self.is_bound else None, prefix=f"{name}-{n}")
            for n in range(min(number, MOST_ROWS))
        ]
        if not self.is_bound:
            for row in rows:
                row.initial = {field: source.get(row.add_prefix(field), "") for field in row.fields}
        return rows

    def spare(self, name: str) -> list[Any]:
        """Give empty rows below those that there are."""
        kind, rows = (RelayForm, self.chain) if name == "relay" else (FigureForm, self.figures)
        full = [row for row in rows if not self.is_bound or row.says_something]
        first = len(rows)
        return (
            [kind(prefix=f"{name}-{first + n}") for n in range(reads.SPARE_ROWS)]
            if len(full) < MOST_ROWS
            else []
        )

    def free_row(self, name: str) -> int:
        """The number of the first row that says nothing, or of the one behind the last."""
        rows = self.chain if name == "relay" else self.figures
        return next((n for n, row in enumerate(rows) if not row.says_something), len(rows))

    @property
    def spare_steps(self) -> list[Any]:
        """Empty rows for the chain."""
        return self.spare("relay")

    @property
    def spare_figures(self) -> list[Any]:
        """Empty rows for figures."""
        return self.spare("figure")

    def clean_statement(self) -> Statement | None:
        """Find the statement that is named."""
        typed = self.cleaned_data["statement"]
        if not typed:
            return None
        try:
            return reads.find_statement(typed, self.user)
        except reads.Unclear as error:
            raise ValidationError(str(error)) from error

    def clean_topics(self) -> list[Topic]:
        """Find the topics that are named."""
        try:
            return reads.find_topics(self.cleaned_data["topics"])
        except reads.Unclear as error:
            raise ValidationError(str(error)) from error

    def clean_article(self) -> str:
        """Keep one spelling of the address."""
        try:
            return canonical_url(self.cleaned_data["article"])
        except NotAWebAddress as error:
            raise ValidationError(f"The address {error}.") from error

    def clean(self) -> None:
        """Ask for what a new statement and a new article need, and for whole rows."""
        given = self.cleaned_data
        if self.quote is not None and "statement" in given and given["statement"] is None:
            given["statement"] = self.quote.statement
        if self.quote is None and given.get("statement") is not None:
            described = [name for name in reads.STATEMENT_FIELDS if name != "record" and self.data.get(name)]
            if described:
                self.add_error(
                    "statement", "You named a statement and described a new one as well. Do one of the two."
                )
        if "statement" in given and given["statement"] is None:
            for name in ("speaker", "gist"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, "A new statement needs it. Or name a statement above.")
        if (
            self.quote is not None
            and (
                self.statement_changes
                or ("topics" in given and "topics" in self.data and self._topics_differ)
            )
            and given.get("statement") not in (None, self.quote.statement)
        ):
            self.add_error(
                "statement",
                "You named another statement and changed this one’s details. Do one, then the other.",
            )
        given["known_article"] = (
            reads.find_article(given["article"], self.user) if "article" in given else None
        )
        if "article" in given and given["known_article"] is None:
            for name in ("outlet", "headline", "article_language"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, "This article is not on record yet, so it is needed.")
        if given.get("uid") == "new":
            self.add_error("uid", "This uid stands for the page on which quotes are entered.")
        if given.get("uid") and self._is_held_back:
            self.add_error(
                "uid",
                "What is held back needs a uid that nobody can guess by trying: leave it empty, and one is made.",
            )
        if "text" in given and not given["text"].strip():
            self.add_error("text", "A quote has words.")
        self._clean_rows()

    @property
    def _is_held_back(self) -> bool:
        """Whether the quote is entered on a statement that is, or will be, off the record or under embargo."""
        given = self.cleaned_data
        if (statement := given.get("statement")) is not None:
            record, until = statement.record, statement.embargoed_until
        else:
            record, until = given.get("record"), given.get("embargoed_until")
        return record == Statement.Terms.OFF or (until is not None and until > timezone.now())

    def _clean_rows(self) -> None:
        for noun, rows in (("Step", self.chain), ("Figure", self.figures)):
            for n, row in enumerate(rows, 1):
                if row.says_something and not row.is_valid():
                    for field, errors in row.errors.items():
                        label = row.fields[field].label if field in row.fields else ""
                        self.add_error(None, f"{noun} {n}, {label}: {' '.join(errors)}")
        measures = [row.cleaned_data["measure"] for row in self._told(self.figures) if row.is_valid()]
        if len(measures) != len({measure.pk for measure in measures}):
            self.add_error(None, "A quote has one figure of each measure: two rows count the same.")

    def _told(self, rows: list[Any]) -> list[Any]:
        return [row for row in rows if row.says_something]

    @property
    def steps(self) -> list[Step]:
        """The chain in its order: by the number of each row, rows without one behind."""
        rows = [(row.cleaned_data["place"] or 1000, n, row) for n, row in enumerate(self._told(self.chain))]
        return [
            Step(row.cleaned_data["outlet"], row.cleaned_data["as_printed"])
            for _, _, row in sorted(rows, key=lambda part: part[:2])
        ]

    @property
    def statement_changes(self) -> dict[str, Any]:
        """Fields of the statement that are not as they were."""
        return self._statement_fields([name for name in reads.STATEMENT_FIELDS if self._differs(name)])

    def _differs(self, name: str) -> bool:
        """Whether a field says something else than what is saved; one that was not sent says nothing."""
        if name not in self.fields or name not in self.cleaned_data:
            return False
        was = self.values.get(name, "")
        if name == "is_translation":  # a box that is off is not sent
            return bool(self.cleaned_data[name]) != bool(was)
        if name not in self.data:
            return False
        typed = str(self.data[name])
        if isinstance(self.fields[name], Words):
            return typed.replace("\r\n", "\n") != was.replace("\r\n", "\n")
        return typed.strip() != was.strip()

    @property
    def _names_topics(self) -> bool:
        """Whether the topics are to be written: those of a new statement, or others than there were."""
        if "topics" not in self.cleaned_data or "topics" not in self.data:
            return False
        if self.quote is None:
            return self.cleaned_data["statement"] is None
        named = self.cleaned_data["statement"]
        moved = named is not None and named.pk != self.quote.statement_id
        return not moved and self._topics_differ

    @property
    def _topics_differ(self) -> bool:
        typed = {topic.slug for topic in self.cleaned_data.get("topics") or ()}
        return typed != set(filter(None, self.values.get("topics", "").split(", ")))

    def _statement_fields(self, names: list[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name in names:
            value = self.cleaned_data[name]
            if name == "said_on":
                fields["said_on"], fields["said_on_precision"] = value
            elif name == "original_text":
                fields[name] = value or None
            elif name == "record":
                fields[name] = value or str(Statement.Terms.ON)
            else:
                fields[name] = value
        if self.quote is not None and fields.get("speaker", self) is None:
            del fields["speaker"]
        return fields

    @property
    def entry(self) -> Entry:
        """What the form says, for `quotes.actions.quotes`; on an edit only what changes."""
        given, old = self.cleaned_data, self.quote
        names = [name for name in reads.QUOTE_FIELDS if old is None or self._differs(name)]
        known = given["known_article"]
        moved = old is None or known is None or known.pk != old.article_id
        statement = given["statement"]
        new = (
            {}
            if statement is not None
            else self._statement_fields([name for name in reads.STATEMENT_FIELDS if name in given])
        )
        return Entry(
            quote={name: given[name] for name in names},
            statement=statement,
            statement_fields=new if old is None else self.statement_changes,
            article=known if moved else None,
            article_fields={}
            if known is not None
            else {
                "url": given["article"],
                "outlet": given["outlet"],
                "headline": given["headline"],
                "byline": given["byline"],
                "language": given["article_language"],
                "published_at": given["published_at"],
            },
            body=given["body"],
            topics=given["topics"] if self._names_topics else None,
            # A form without these rows says nothing of them; one with empty rows takes them away.
            chain=self.steps if self.chain or old is None else None,
            figures=[row.number for row in self._told(self.figures)] if self.figures or old is None else None,
            reason=given["reason"],
        )
