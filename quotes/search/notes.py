"""What stands beside a quote: notes, who has it in hand, and which colleagues may be named or asked there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import Http404

from quotes.models import Assignment, Contribution, Note, Quote
from quotes.models.colleagues import who_may_see
from quotes.text.mentions import begun, mentions, pieces

SHOWN = 5
"""Notes shown beside a quote on its page; all of them stand on the page of its notes."""
PER_PAGE = 100
OFFERED = 8
MOST_LISTED = 200
RIGHTS = {Assignment.Task.VERIFY: "quotes.add_check", Assignment.Task.CORRECT: "quotes.change_quote"}
"""What somebody must be able to do to be asked for it, or to ask for it."""


@dataclass(frozen=True, slots=True)
class NoteOnPage:
    """A note with its text cut where it names somebody: parts with whether each is a name."""

    note: Note
    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Beside:
    """All that stands beside one quote.

    Attributes:
        rows: the newest notes, the newest first.
        total: how many there are.
        older: the key before which older ones begin, or None.
        tasks: what this person may ask others for: value and label.
        colleagues: whom a task can be given to, by account.
    """

    quote: Quote
    rows: Sequence[NoteOnPage]
    total: int
    older: int | None
    may_write: bool
    assignment: Assignment | None
    mine: bool
    tasks: Sequence[tuple[str, str]]
    colleagues: Sequence[User]

    @property
    def mark(self) -> str:
        """What the form of an assignment carries."""
        return self.assignment.mark if self.assignment else ""

    @property
    def may_take_back(self) -> bool:
        """Whether this person may take the quote out of somebody's hands, or give it back."""
        held = self.assignment
        return held is not None and (self.mine or any(held.task == task for task, _ in self.tasks))


def quote_with_notes(user: Any, uid: str) -> Quote:
    """Return a quote whose notes `user` may read.

    Raises:
        Http404: when there is none, or none that `user` may know of.
    """
    found = (
        Quote.objects.visible_to(user)
        .select_related("standing", "statement__speaker__redirects_to", "article__outlet", "created_by")
        .filter(uid=uid)
        .first()
    )
    if found is None:
        raise Http404
    return found


def beside(quote: Quote, user: Any, *, most: int = SHOWN, before: int | None = None) -> Beside:
    """Return what stands beside a quote that `user` may see; five queries at most.

    Args:
        most: how many notes.
        before: only notes older than the one with this key.
    """
    notes = Note.objects.visible_to(user).filter(quote=quote)
    total = notes.count()
    if before is not None:
        notes = notes.filter(pk__lt=before)
    found = list(notes.select_related("by").order_by("-pk")[: most + 1]) if total else []
    shown = found[:most]
    names = _names(shown)
    held = Assignment.objects.visible_to(user).select_related("to", "by").filter(quote=quote).first()
    tasks = [(str(task), str(task.label)) for task, right in RIGHTS.items() if user.has_perm(right)]
    return Beside(
        quote=quote,
        rows=[NoteOnPage(note, pieces(note.text, names)) for note in shown],
        total=total,
        older=shown[-1].pk if len(found) > most else None,
        may_write=user.has_perm("quotes.change_quote"),
        assignment=held,
        mine=held is not None and held.to_id == user.pk,
        tasks=tasks,
        colleagues=_who_can_do(quote, [task for task, _ in tasks]) if tasks else (),
    )


def _names(notes: Sequence[Note]) -> set[str]:
    """The names in some notes that are somebody's, in lower case."""
    typed = {mention.name for note in notes for mention in mentions(note.text)}
    if not typed:
        return set()
    wanted = Q()
    for name in typed:
        wanted |= Q(username__iexact=name)
    return {name.lower() for name in User.objects.filter(wanted).values_list("username", flat=True)}


def _who_can_do(quote: Quote, tasks: Sequence[str]) -> list[User]:
    """People who may see the quote and can do one of the tasks, by name."""
    people = who_may_see(quote)
    fit = Q(pk__in=[])
    if Assignment.Task.CORRECT in tasks:
        fit |= Q(pk__in=_with("quotes.change_quote"))
    if Assignment.Task.VERIFY in tasks:
        contributed = Contribution.objects.filter(quote=quote).values("user")
        fit |= Q(pk__in=_with("quotes.add_check")) & ~Q(pk__in=contributed)
    return list(people.filter(fit).order_by("first_name", "last_name", "username")[:MOST_LISTED])


def _with(right: str) -> Any:
    return User.objects.with_perm(right).values("pk")


def people_named(quote: Quote, typed: str) -> list[User]:
    """Return colleagues whose account or name begins with what is typed behind an @ at the end of `typed`.

    Only people who may see the quote are offered (invariant 12); nobody when no name is being typed.
    """
    name = begun(typed)
    if name is None:
        return []
    people = who_may_see(quote)
    if name:
        people = people.filter(
            Q(username__istartswith=name) | Q(first_name__istartswith=name) | Q(last_name__istartswith=name)
        )
    return list(people.order_by("first_name", "last_name", "username")[:OFFERED])


def people_to_name(quote: Quote) -> list[User]:
    """Return everybody who can be named beside a quote, for the page without a script."""
    return list(who_may_see(quote).order_by("first_name", "last_name", "username")[:MOST_LISTED])
