"""What people were on the day, and printed roles that they did not hold then (invariant 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Value
from django.db.models.functions import StrIndex

from quotes.models import Quote, Speaker, SpeakerName, Statement, Tenure
from quotes.text import days, roles


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role on the day of the statement; `note` says what is not sure about it, or is empty."""

    tenure: Tenure
    note: str = ""

    @property
    def title(self) -> str:
        """The title as it is kept."""
        return self.tenure.title


@dataclass(frozen=True, slots=True)
class RoleFlag:
    """A printed role that was not held that day, in a sentence; a remark, never a bar (invariant 7)."""

    kind: str
    sentence: str


def said_roles(tenures: Iterable[Tenure], statement: Statement) -> list[HeldRole]:
    """Return the roles as they are shown, each title once, with what is not sure about them."""
    if statement.days is None:
        return []
    first, last = statement.days
    shown: dict[tuple[str, int | None], HeldRole] = {}
    for tenure in tenures:
        note = ""
        if not tenure.was_surely_held(first, last):
            if tenure.starts is not None and not (tenure.starts <= first):
                note = f"from {days.in_words(tenure.starts, tenure.starts_precision)}"
            elif tenure.ends is not None:
                note = f"until {days.in_words(tenure.ends, tenure.ends_precision)}"
            else:
                note = f"since {days.in_words(tenure.starts, tenure.starts_precision)}"
        shown.setdefault((tenure.title, tenure.organisation_id), HeldRole(tenure, note))
    return list(shown.values())


def role_flag(statement: Statement, quote: Quote) -> RoleFlag | None:
    """Say whether the printed role was held on the day; None when it was, or cannot be told."""
    if statement.days is None or not quote.role_as_printed:
        return None
    people = [speaker for speaker in (statement.speaker, statement.uttered_by) if speaker is not None]
    return _flag(quote.role_as_printed, quote.language, people, statement.days, "Printed as")


def mention_flags(statement: Statement, quote: Quote, mentioned: dict[str, Speaker]) -> list[RoleFlag]:
    """Say which people named in the quote are given a role that they did not hold that day.

    A role that is not among those known is no reason here: only the speaker's own is looked at so closely.
    """
    if statement.days is None or not mentioned:
        return []
    flags = [
        _flag(printed, quote.language, [mentioned[name]], statement.days, f"Calls {mentioned[name]}")
        for printed, _, name in roles.before_names(_english(quote), dict.fromkeys(mentioned))
    ]
    return list(dict.fromkeys(flag for flag in flags if flag is not None and flag.kind != "not_held"))


def _english(quote: Quote) -> str:
    return f"{quote.prefix}{quote.text}{quote.suffix}" if quote.language.split("-")[0] == "en" else ""


def mentioned_in(quotes: Sequence[Quote]) -> dict[str, Speaker]:
    """Return whose roles are known and whose name stands in one of the quotes, by that name."""
    text = "\n".join(_english(quote) for quote in quotes).strip()
    if not text:
        return {}
    names = (
        SpeakerName.objects.filter(language="en", speaker__tenures__isnull=False)
        .annotate(place=StrIndex(Value(text), F("text")))
        .filter(place__gt=0)
        .select_related("speaker")
        .prefetch_related("speaker__tenures__organisation")
        .distinct()
    )
    return {name.text: name.speaker for name in names}


def _flag(
    printed: str, language: str, people: Sequence[Speaker], day: tuple[dt.date, dt.date], words: str
) -> RoleFlag | None:
    known = {
        roles.Role(tenure.title, tenure.organisation.name if tenure.organisation else "", tenure.pk): tenure
        for person in people
        for tenure in person.tenures.all()
    }
    held = {role for role, tenure in known.items() if tenure.was_held(*day)}
    flag = roles.flag(
        printed, language, [role for role in known if role in held], [r for r in known if r not in held]
    )
    if flag is None:
        return None
    tenure = known[flag.role]
    said = f"{words} “{flag.printed}”"
    if flag.kind == "not_former":
        since = f" since {days.in_words(tenure.starts, tenure.starts_precision)}" if tenure.starts else ""
        return RoleFlag(flag.kind, f"{said}, but that role was held on the day: {tenure.title}{since}.")
    if flag.kind == "other_time":
        ended = tenure.ends is not None and tenure.ends < day[0]
        when = (
            f"ended {days.in_words(tenure.ends, tenure.ends_precision)}"
            if ended
            else f"began {days.in_words(tenure.starts, tenure.starts_precision)}"
        )
        return RoleFlag(flag.kind, f"{said}, but that role ({tenure.title}) {when}.")
    titles = "; ".join(dict.fromkeys(role.title for role in known if role in held))
    return RoleFlag(flag.kind, f"{said}. The role held that day, as far as is known: {titles}.")
