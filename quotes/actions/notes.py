"""Write a note, ask somebody to verify or correct a quote, take that back; and tell whom it concerns.

A note and an assignment are written with their alerts in one transaction: nobody is named without being told, and
nobody is told of what was not kept. Who may be named and asked is the rule of the database (migrations/sql/
handover.sql); here it becomes sentences. Nothing here is part of a quote's content, so no standing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.db.models.functions import Lower

from quotes.models import Alert, Assignment, Note, Quote, Return
from quotes.models.colleagues import colleagues, who_may_see
from quotes.text.mentions import mentions

from .audit import acting
from .refusals import Changed, NotAllowed, NotValid, Refused

MOST_NAMES = 20
"""Colleagues whom one note may name."""

REFUSALS: dict[str, tuple[type[Refused], str, str]] = {
    "note_says_something": (NotValid, "A note says something.", "text"),
    "assignment_has_a_reason": (NotValid, "Say why, or what is to be done.", "reason"),
    "assignment_needs_the_right": (NotAllowed, "Your account may not ask for that.", ""),
    "assignment_is_to_who_may_see": (NotValid, "{to} may not see this quote.", "to"),
    "assignment_is_to_who_may_do_it": (NotValid, "{to} has no right to do it.", "to"),
    "assignment_is_to_who_can_pass_it": (
        NotValid,
        "{to} entered, imported or edited what this quote shows, so a pass of theirs would not count.",
        "to",
    ),
}
"""Constraint: what kind of refusal, in which words, at which field."""


@contextmanager
def _in_words(to: str = "") -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if name not in REFUSALS:
            raise
        kind, sentence, field = REFUSALS[name]
        raise kind(sentence.format(to=to), field) from error


def write(quote: Quote, text: str, *, by: Any) -> Note:
    """Write a note beside a quote, and tell everybody whom it names.

    Args:
        quote: one that `by` may see.
        text: kept as it is; `@name` names a colleague.

    Raises:
        NotAllowed: without the right to work on quotes.
        NotValid: when it says nothing, or names nobody known, or somebody who may not see the quote.
    """
    if not by.has_perm("quotes.change_quote"):
        raise NotAllowed("Your account may read notes, but not write any.")
    if not text.strip():
        raise NotValid("A note says something.", "text")
    people = _named(quote, text)
    with _in_words(), acting(by=by, verb="notes.write"):
        note = Note.objects.create(quote=quote, by=by, text=text)
        for person in people:
            if person.pk != by.pk:
                Alert.objects.create(to=person, by=by, quote=quote, kind=Alert.Kind.NAMED, note=note)
    return note


def _named(quote: Quote, text: str) -> list[User]:
    """Find whom a text names; everybody, or a refusal that says who is not known or may not see the quote."""
    names = list(dict.fromkeys(mention.name for mention in mentions(text)))
    if len(names) > MOST_NAMES:
        raise NotValid(f"A note names at most {MOST_NAMES} colleagues.", "text")
    found = [(name, _account(name)) for name in names]
    unknown = [name for name, person in found if person is None]
    if unknown:
        told = ", ".join(f"“@{name}”" for name in unknown)
        raise NotValid(
            f"Nobody here is called {told}. Where no colleague is meant, leave a space behind the @.", "text"
        )
    people = [person for _, person in found if person is not None]
    may_see = set(
        who_may_see(quote).filter(pk__in=[person.pk for person in people]).values_list("pk", flat=True)
    )
    shut_out = [person for person in people if person.pk not in may_see]
    if shut_out:
        told = ", ".join(f"@{person.username}" for person in shut_out)
        raise NotValid(f"{told} may not see this quote, so nobody can be named here by that.", "text")
    return list({person.pk: person for person in people}.values())


def _account(name: str) -> User | None:
    """The active account of a person with this name; in any case of letters when only one has it."""
    found = list(colleagues().annotate(lower=Lower("username")).filter(lower=name.lower()).order_by("pk")[:3])
    exact = [person for person in found if person.username == name]
    return exact[0] if exact else found[0] if len(found) == 1 else None


# --- Assignments ---------------------------------------------------------------------------------------------------


def assign(quote: Quote, name: str, task: str, reason: str, *, seen: str, by: Any) -> Assignment:
    """Ask somebody to verify or correct a quote; whoever was asked before is told that it is not theirs any more.

    Args:
        name: the account's name, with or without @.
        task: of `Assignment.Task`.
        reason: why, or what is to be done.
        seen: the `mark` of the assignment that was on the screen, empty for none.

    Raises:
        Changed: when somebody else has given it to somebody, or taken it back, since.
        NotAllowed: without the right to do the same oneself.
        NotValid: without a reason, or for somebody who is not known, may not see it, may not do it, or whose pass
            would not count.
    """
    person = _account(name.strip().removeprefix("@"))
    if person is None:
        raise NotValid(f"Nobody here is called “{name.strip()[:60]}”.", "to")
    to = person.get_full_name() or person.username
    with _in_words(to), acting(by=by, verb="notes.assign"):
        before = _held(quote, seen)
        if before is not None:
            before.delete()
            _tell(before.to_id, quote.pk, Alert.Kind.TAKEN_BACK, "", by)
        given = Assignment.objects.create(quote=quote, to=person, by=by, task=task, reason=reason.strip())
        given.refresh_from_db()
        _tell(person.pk, quote.pk, Alert.Kind(task), reason.strip(), by)
    return given


def take_back(quote: Quote, reason: str, *, seen: str, by: Any) -> None:
    """Take an assignment away: the one who has it gives it back, anybody else with the right takes it back.

    Raises:
        Changed: when it is not there any more.
        NotAllowed: without the right to do what it asks for.
        NotValid: when it is given back without a reason.
    """
    with acting(by=by, verb="notes.take_back"):
        held = _held(quote, seen)
        if held is None:
            raise Changed("Nobody has this quote any more.")
        if held.to_id == by.pk:
            if not reason.strip():
                raise NotValid("Say why you give it back.", "reason")
            _tell(held.by_id, quote.pk, Alert.Kind.GIVEN_BACK, reason.strip(), by)
        else:
            right = "quotes.add_check" if held.task == Assignment.Task.VERIFY else "quotes.change_quote"
            if not by.has_perm(right):
                raise NotAllowed("Your account may not take this back.")
            _tell(held.to_id, quote.pk, Alert.Kind.TAKEN_BACK, reason.strip(), by)
        held.delete()


def _held(quote: Quote, seen: str) -> Assignment | None:
    """The assignment of a quote, with the quote's row held, so that two who give it come one after the other."""
    Quote.objects.select_for_update(of=("self",), no_key=True).filter(pk=quote.pk).values("pk").first()
    held = Assignment.objects.filter(quote=quote).first()
    if (held.mark if held else "") != seen:
        raise Changed(
            "Somebody else gave this quote to somebody, or took it back, after you opened the page."
        )
    return held


# --- What others' verbs leave behind -------------------------------------------------------------------------------


def done(quote: Quote, task: str, *, by: Any) -> None:
    """End `by`'s own assignment: what it asked for is done. Inside another verb's transaction."""
    Assignment.objects.filter(quote=quote, to=by, task=task).delete()


def tell_returned(sent: Return, *, by: Any) -> None:
    """Tell who entered a quote that it came back, with the reason. Inside another verb's transaction."""
    if sent.to_id is not None:
        _tell(sent.to_id, sent.quote_id, Alert.Kind.RETURNED, sent.reason, by)


def tell_answered(returns: Iterable[Return], *, by: Any) -> None:
    """Tell those who sent a quote back that it was changed. Inside another verb's transaction."""
    for person, quote in {(sent.by_id, sent.quote_id) for sent in returns}:
        _tell(person, quote, Alert.Kind.ANSWERED, "", by)


def _tell(to: int, quote: int, kind: str, reason: str, by: Any) -> None:
    if to != by.pk:
        Alert.objects.create(to_id=to, by=by, quote_id=quote, kind=kind, reason=reason)
