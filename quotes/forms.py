# house: one form per GET and per POST of every task, in the order of the tasks; each is short.
"""What addresses and forms may carry: one form per GET query and per POST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.core.validators import URLValidator
from django.http import QueryDict

from quotes.models import (
    AXES,
    UID_PATTERN,
    Assignment,
    Check,
    Evidence,
    Link,
    MailChoice,
    SavedSearch,
    Standing,
    Verdict,
)
from quotes.models.queue import Order, Tab
from quotes.search import reading
from quotes.search.activity_log import KINDS
from quotes.search.criteria import Criteria
from quotes.search.desk_lists import PERIODS, Show
from quotes.search.links import TYPES as LINK_TYPES

LONGEST_CURSOR = 600


class Key(forms.RegexField):
    """A record's key in ASCII digits; any other spelling of the number is refused (PRODUCT.md §8)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[1-9][0-9]{0,17}\Z", strip=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Give the number, or None when there is none."""
        text = super().clean(value)
        return int(text) if text else None


class Cursor(forms.CharField):
    """Where the page before ended, as that page gave it."""

    def __init__(self) -> None:
        super().__init__(required=False, strip=False, max_length=LONGEST_CURSOR)


# --- statements --------------------------------------------------------------------------------------------------


class StatementQuery(forms.Form):
    """GET of a statement's page."""

    format = forms.CharField(required=False, strip=False, max_length=20)
    history = Key(required=False)
    as_of = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class Uid(forms.RegexField):
    """The uid of a statement."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rf"\A{UID_PATTERN}\Z", max_length=64, **kwargs)


class JoinQuery(forms.Form):
    """GET of joining two statements: the other one, and which of them is kept."""

    with_ = Uid(required=False)
    keep = Uid(required=False)

    def add_prefix(self, field_name: str) -> str:
        """Give the name in the address; `with` is a word of Python's own."""
        return super().add_prefix(field_name.rstrip("_"))


class JoinForm(forms.Form):
    """POST of joining: the versions that were shown, what was to move, and whether the objections were read."""

    version = forms.IntegerField()
    other_version = forms.IntegerField()
    shown = forms.CharField(max_length=64)
    despite = forms.BooleanField(required=False)


class SplitForm(forms.Form):
    """POST of splitting a statement."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    quotes = forms.TypedMultipleChoiceField(required=False)
    uid = Uid(label="Uid of the other statement", help_text="3 to 64 characters: a–z, 0–9 and hyphens.")
    gist = forms.CharField(max_length=300, label="In one neutral line")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedMultipleChoiceField, self.fields["quotes"])
        given = self.data.getlist("quotes") if isinstance(self.data, QueryDict) else []
        # Which of them are on the statement is the action's question; here they are only words.
        field.choices = [(uid, uid) for uid in given]


# --- speakers ----------------------------------------------------------------------------------------------------


class SpeakersQuery(forms.Form):
    """GET of the list of speakers."""

    q = forms.CharField(required=False, max_length=200, label="Name or spelling")
    cursor = Cursor()


class SpeakerSlug(forms.RegexField):
    """The slug of a speaker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[a-z0-9][a-z0-9-]*\Z", max_length=80, **kwargs)


class MergeQuery(forms.Form):
    """GET of merging a speaker: into which other one."""

    into = SpeakerSlug(required=False)


class MergeForm(forms.Form):
    """POST of merging: the versions that were shown, and whether the objections were read."""

    version = forms.IntegerField()
    into_version = forms.IntegerField()
    despite = forms.BooleanField(required=False)


class ApartForm(forms.Form):
    """POST about two speakers who may be one: they are not, or that is taken back."""

    do = forms.ChoiceField(choices=[("apart", "apart"), ("again", "again")])
    first = SpeakerSlug()
    second = SpeakerSlug()
    note = forms.CharField(required=False, max_length=300)


class Year(forms.RegexField):
    """A year in four ASCII digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[12][0-9]{3}\Z", strip=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Give the number, or None when there is none."""
        text = super().clean(value)
        return int(text) if text else None


class SpeakerQuery(forms.Form):
    """GET of a speaker's page."""

    format = forms.CharField(required=False, strip=False, max_length=20)
    topic = forms.SlugField(required=False, max_length=80)
    standing = forms.ChoiceField(required=False, choices=[("", "any"), *Standing.Value.choices])
    year = Year(required=False)
    cursor = Cursor()


# --- figures -----------------------------------------------------------------------------------------------------


class FigureQuery(forms.Form):
    """GET of a measure's ledger: whose numbers, as of which days, and the two statements to compare."""

    format = forms.CharField(required=False, strip=False, max_length=20)
    speaker = forms.SlugField(required=False, max_length=80)
    a = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)
    b = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in ("from", "to"):  # “from” is a word of Python
            self.fields[name] = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class MapQuery(forms.Form):
    """GET of a map: of what, which links are drawn, and which one is shown beside it.

    Boxes that are not ticked are not sent, so `f` says that the ticks were.
    """

    topic = forms.SlugField(required=False, max_length=80)
    statement = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)
    speaker = forms.SlugField(required=False, max_length=80)
    type = forms.MultipleChoiceField(required=False, choices=Link.Type.choices)
    suggested = forms.BooleanField(required=False)
    f = forms.BooleanField(required=False)
    view = forms.ChoiceField(required=False, choices=[("", "timeline"), ("table", "table")])
    link = Key(required=False)


class CompareQuery(forms.Form):
    """GET of a comparison: the uids of two statements or quotes."""

    a = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)
    b = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)


# --- articles ----------------------------------------------------------------------------------------------------


class ArticlesQuery(forms.Form):
    """GET of the list of articles."""

    outlet = forms.SlugField(required=False, max_length=80)
    cursor = Cursor()


class StepsQuery(forms.Form):
    """GET of the steps that name no outlet; `done` is the one just resolved, to be undone."""

    cursor = Key(required=False)
    done = Key(required=False)


class StepForm(forms.Form):
    """POST to one step: which outlet it means, or take that back."""

    do = forms.ChoiceField(required=False, choices=[("", ""), ("resolve", "resolve"), ("reopen", "reopen")])
    version = Key()
    outlet = forms.CharField(required=False, max_length=200)

    def clean(self) -> None:
        """A step is resolved into an outlet."""
        if self.cleaned_data.get("do") != "reopen" and not self.cleaned_data.get("outlet"):
            self.add_error("outlet", "Say which outlet it is.")


# --- search ------------------------------------------------------------------------------------------------------


class SearchForm(forms.Form):
    """A search as its address has it. Nothing in it is an error: `criteria` says what was left out."""

    q = forms.CharField(required=False, strip=False)
    sort = forms.CharField(required=False)
    cursor = forms.CharField(required=False)
    count = forms.CharField(required=False)
    format = forms.CharField(required=False)

    def criteria(self) -> Criteria:
        """Return the search that was asked for."""
        return reading.read(cast("QueryDict", self.data))

    @property
    def wants_json(self) -> bool:
        """Whether the answer is for a program."""
        return self.data.get("format") == "json"

    @property
    def wants_exact_count(self) -> bool:
        """Whether all hits are to be counted, also where the page would estimate."""
        return self.data.get("count") == "exact"


class FacetForm(SearchForm):
    """GET of the page of one facet: the search, and what its values are looked for by."""

    find = forms.CharField(required=False, strip=False)


class JumpQuery(forms.Form):
    """GET of the jump box."""

    q = forms.CharField(required=False, strip=False)


# --- saved searches ----------------------------------------------------------------------------------------------


class SaveForm(forms.Form):
    """Keep a search: what it is called, and its address."""

    name = forms.CharField(max_length=120, label="Name")
    query = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)


class SavedMailForm(forms.Form):
    """Choose when mail tells of what is new in a saved search."""

    when = forms.ChoiceField(
        choices=SavedSearch.Mail.choices,
        error_messages={"invalid_choice": "“%(value)s” is no time for mail.", "required": "Say when."},
    )


# --- verify ------------------------------------------------------------------------------------------------------

LONGEST_NOTE = 10_000
RULINGS = tuple(Check.Ruling.values)
DEEDS = ("sign", *RULINGS, "return", "claim", "release", "take_over", "undo", "anchor")


class QueueQuery(forms.Form):
    """GET of the queue, and where a checker stands in it while she works."""

    tab = forms.ChoiceField(required=False, choices=[("", ""), *Tab.choices])
    order = forms.ChoiceField(required=False, choices=[("", ""), *Order.choices])
    page = Key(required=False)
    format = forms.CharField(required=False, strip=False, max_length=20)


class RoomQuery(QueueQuery):
    """GET of one quote: also the place in the source that is proposed for the highlight."""

    start = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    end = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class NextForm(QueueQuery):
    """POST that asks for the next quote; `skip` is the one that is passed over."""

    skip = forms.SlugField(required=False, max_length=64)


class EvidenceForm(forms.Form):
    """One piece of evidence in the form of a check."""

    kind = forms.ChoiceField(
        choices=Evidence.Kind.choices,
        error_messages={
            "invalid_choice": "“%(value)s” is no kind of evidence.",
            "required": "Say what kind it is.",
        },
    )
    url = forms.CharField(
        required=False, max_length=2000, validators=[URLValidator(["http", "https"])], label="Address"
    )
    timecode = forms.CharField(required=False, max_length=20, label="Time code")
    excerpt = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE)
    primary = forms.BooleanField(required=False, label="The recording or document itself")
    stance = forms.ChoiceField(
        required=False,
        choices=Evidence.Stance.choices,
        error_messages={"invalid_choice": "“%(value)s” is no stance of evidence."},
    )

    def clean_stance(self) -> str:
        """Evidence that says nothing else supports."""
        return self.cleaned_data["stance"] or str(Evidence.Stance.SUPPORTS)

    @property
    def is_given(self) -> bool:
        """Whether anything was filled in; what a list offers by itself does not count."""
        names = (
            ("url", "timecode", "excerpt")
            if self.data.get(self.add_prefix("kind")) in _OFFERED
            else ("kind", "url", "timecode", "excerpt")
        )
        return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in names)


_OFFERED = set(Evidence.Kind.values)


class CheckForm(forms.Form):
    """POST to one quote: a check, a ruling, or one of the other deeds there.

    `seen` is the content hash that was on the screen, `shown` the same in words, for a conflict. Each verdict is
    `axis-<axis>`; evidence is `evidence-…`, further pieces `evidence-2-…` and so on.
    """

    do = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((deed, deed) for deed in DEEDS)],
        error_messages={"invalid_choice": "There is nothing called “%(value)s” to do here."},
    )
    ruling = forms.ChoiceField(
        required=False,
        choices=[("", ""), *Check.Ruling.choices],
        error_messages={"invalid_choice": "“%(value)s” is no ruling."},
    )
    seen = forms.CharField(required=False, max_length=64)
    shown = forms.CharField(required=False, strip=False, max_length=100_000)
    version = Key(required=False)
    note = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE)
    reason = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE)
    tab = forms.ChoiceField(required=False, choices=[("", ""), *Tab.choices])
    order = forms.ChoiceField(required=False, choices=[("", ""), *Order.choices])
    start = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    end = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for axis in AXES:
            self.fields[f"axis-{axis}"] = forms.ChoiceField(
                required=False,
                choices=[("", ""), *Verdict.choices],
                error_messages={
                    "invalid_choice": f"“%(value)s” is no verdict on {axis}: pass, fail or unclear."
                },
            )
        self.evidence = [form for form in self._evidence(data) if form.is_given]

    def _evidence(self, data: QueryDict) -> Iterator[EvidenceForm]:
        yield EvidenceForm(data, prefix="evidence")
        for number in range(2, 11):
            yield EvidenceForm(data, prefix=f"evidence-{number}")

    def clean(self) -> None:
        """Refuse what no axis and no evidence can be."""
        unknown = [name for name in self.data if name.startswith("axis-") and name not in self.fields]
        for name in unknown:
            self.add_error(None, f"There is no question “{name.removeprefix('axis-')[:40]}”.")
        for form in self.evidence:
            if not form.is_valid():
                for field, errors in form.errors.items():
                    for error in errors:
                        self.add_error(None, f"Evidence, {form.fields[field].label or field}: {error}")

    @property
    def deed(self) -> str:
        """What is to be done; a form that names only a ruling asks for that."""
        return self.cleaned_data["do"] or self.cleaned_data["ruling"] or "sign"

    @property
    def typed_verdicts(self) -> dict[str, str]:
        """The verdicts as they came, for showing the form again."""
        return {axis: self.data[f"axis-{axis}"] for axis in AXES if self.data.get(f"axis-{axis}")}

    @property
    def verdicts(self) -> dict[str, str]:
        """Axis to verdict, for those that were answered."""
        return {axis: value for axis in AXES if (value := self.cleaned_data.get(f"axis-{axis}"))}

    @property
    def faults(self) -> list[str]:
        """What is wrong with the form, in sentences."""
        return [str(error) for errors in self.errors.values() for error in errors]


# --- notes and hand-over ------------------------------------------------------------------------------------------


class NotesQuery(forms.Form):
    """GET of a list that goes back in time: notes beside a quote, or one's own alerts."""

    cursor = Key(required=False)


class PeopleQuery(forms.Form):
    """GET of colleagues to name: the text up to the caret."""

    text = forms.CharField(required=False, strip=False, max_length=4000)


class HandOverForm(forms.Form):
    """POST beside a quote: a note, or giving the quote to somebody, or taking it back."""

    do = forms.ChoiceField(
        required=False, choices=[(name, name) for name in ("", "note", "assign", "take_back")]
    )
    text = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE, label="Note")
    to = forms.CharField(required=False, max_length=151, label="To")
    task = forms.ChoiceField(required=False, choices=[("", ""), *Assignment.Task.choices], label="What")
    reason = forms.CharField(required=False, max_length=2000, label="Why")
    mark = forms.CharField(required=False, max_length=80)

    def clean(self) -> None:
        """Ask for what an assignment needs; which account it is, is asked by the verb."""
        if self.cleaned_data.get("do") == "assign":
            if not self.cleaned_data.get("to"):
                self.add_error("to", "Say to whom.")
            if not self.cleaned_data.get("task"):
                self.add_error("task", "Say whether to verify or to correct it.")

    @property
    def faulty(self) -> str:
        """The first field that something is wrong with."""
        return next(iter(self.errors), "")

    @property
    def fault(self) -> str:
        """What is wrong, in sentences."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class AlertsForm(forms.Form):
    """POST to one's alerts: the newest that was on the screen, to mark all as read; or when mail comes."""

    newest = Key(required=False)
    when = forms.ChoiceField(required=False, choices=[("", ""), *MailChoice.When.choices])


# --- links -------------------------------------------------------------------------------------------------------


class LinksQuery(forms.Form):
    """GET of the list of suggestions; `at` is the place of the row that is looked at, counted from 1."""

    state = forms.ChoiceField(required=False, choices=[("", ""), *Link.State.choices])
    type = forms.ChoiceField(required=False, choices=[("", ""), *LINK_TYPES])
    speaker = forms.CharField(required=False, max_length=200)
    score = forms.ChoiceField(
        required=False,
        choices=[
            ("", "any score"),
            ("0.5", "50 and above"),
            ("0.7", "70 and above"),
            ("0.9", "90 and above"),
        ],
    )
    cursor = Cursor()
    at = Key(required=False)
    format = forms.CharField(required=False, strip=False, max_length=20)


class LinkForm(forms.Form):
    """POST to one link: what is decided, by the version that was on the screen, and where to go then."""

    do = forms.ChoiceField(
        choices=[(deed, deed) for deed in ("confirm", "reject", "change", "undo")],
        error_messages={"required": "Say what to do.", "invalid_choice": "Confirm, reject, change or undo."},
    )
    version = Key(error_messages={"required": "The form has no version: open it anew."})
    type = forms.CharField(required=False, max_length=40)
    turned = forms.BooleanField(required=False)
    note = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE)
    back = forms.ChoiceField(required=False, choices=[("", ""), ("list", ""), ("statement", "")])
    uid = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)
    kept = forms.CharField(required=False, max_length=2000)
    at = Key(required=False)

    @property
    def fault(self) -> str:
        """What is wrong, in sentences."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    def clean_kept(self) -> str:
        """The list's own address, put together anew, so that it can lead nowhere else."""
        return QueryDict(self.cleaned_data["kept"]).urlencode()


class NewLinkQuery(forms.Form):
    """GET of the dialog: from which statement, and what is searched for."""

    source = forms.RegexField(rf"\A{UID_PATTERN}\Z")
    q = forms.CharField(required=False, max_length=200)


class NewLinkForm(forms.Form):
    """POST of a new link."""

    source = forms.RegexField(rf"\A{UID_PATTERN}\Z")
    target = forms.CharField(max_length=64, error_messages={"required": "Choose the statement to link with."})
    type = forms.CharField(max_length=40, error_messages={"required": "Choose what kind of link it is."})
    turned = forms.BooleanField(required=False)
    note = forms.CharField(required=False, strip=False, max_length=LONGEST_NOTE)
    q = forms.CharField(required=False, max_length=200)

    @property
    def fault(self) -> str:
        """What is wrong, in sentences."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


# --- desk --------------------------------------------------------------------------------------------------------


class DeskQuery(forms.Form):
    """GET of the desk: its period, or one of its lists and what that is narrowed to."""

    show = forms.ChoiceField(required=False, choices=[("", ""), *Show.choices])
    days = forms.TypedChoiceField(
        required=False, choices=[(n, n) for n in PERIODS], coerce=int, empty_value=None
    )
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    at = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    hour = forms.TypedChoiceField(
        required=False, choices=[(n, n) for n in range(24)], coerce=int, empty_value=None
    )
    outlet = forms.SlugField(required=False, max_length=80)
    depth = forms.ChoiceField(required=False, choices=[("", ""), *Standing.Depth.choices])
    standing = forms.ChoiceField(required=False, choices=[("", ""), *Standing.Value.choices])
    by = forms.CharField(required=False, max_length=150)
    cursor = Key(required=False)

    def clean_days(self) -> int:
        """Today, unless it says otherwise."""
        return self.cleaned_data["days"] or 1


# --- activity ----------------------------------------------------------------------------------------------------


class ActivityQuery(forms.Form):
    """GET of the log: by whom, which deeds, what kind of record, from which day to which, of which statement."""

    who = forms.CharField(required=False, max_length=150)
    verb = forms.RegexField(r"\A[a-z_]{1,40}(\.[a-z_]{1,40})?\Z", required=False)
    kind = forms.ChoiceField(
        required=False, choices=[("", ""), *((table, noun) for table, noun in KINDS.items())]
    )
    statement = forms.RegexField(rf"\A{UID_PATTERN}\Z", required=False)
    check = forms.ChoiceField(required=False, choices=[("", ""), ("chain", "chain")])
    cursor = Key(required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in ("from", "to"):  # “from” is a word of Python
            self.fields[name] = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


# --- preferences -------------------------------------------------------------------------------------------------


class PreferencesForm(forms.Form):
    """POST of how pages look in this browser: any one of the choices, or several."""

    theme = forms.ChoiceField(choices=[(name, name) for name in ("system", "light", "dark")], required=False)
    keys = forms.ChoiceField(choices=[(name, name) for name in ("on", "off")], required=False)
    density = forms.ChoiceField(choices=[(name, name) for name in ("comfortable", "compact")], required=False)
    next = forms.CharField(required=False, max_length=2000)


# --- imports -----------------------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """One JSON file in the format of PRODUCT.md §7, or a CSV file of quotes; it is judged line by line, not here."""

    file = forms.FileField(label="JSON or CSV file", allow_empty_file=True)
