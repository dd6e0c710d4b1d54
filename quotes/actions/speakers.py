"""Merge two speakers who are one, undo that exactly, and keep that two are not one (invariant 9).

What is attached to the one given up moves, so that nothing is left on it; what the other has in the same words (a
spelling, a role) stays behind unseen. Its slug leads to the other from then on. Checks of quotes whose speaker
changes count no more, and count again when it is undone (invariants 4 and 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection

from quotes.models import Different, Merging, Speaker, SpeakerName, Statement, Tenure

from .audit import acting
from .merging import MergePlan, pair_of, plan_merge
from .refusals import Changed, NotAllowed, NotValid

NO_RIGHT = "Your account may look at speakers, but not merge them."
CHANGED = "One of the two was changed since it was shown. Look at what is there now."


def merge(gone: Speaker, kept: Speaker, *, seen: tuple[int, int], despite: bool, by: Any) -> Merging:
    """Make `gone` the same speaker as `kept`.

    Args:
        gone: the one given up; its slug leads to the other.
        kept: the one that stays, with its own name, slug, description and numbers.
        seen: the versions of `gone` and `kept` that were on the screen.
        despite: whether an earlier “they are two” was read and overruled.
        by: who merges them.

    Raises:
        NotAllowed: without the right.
        Changed: when one of them is no longer as shown.
        NotValid: when they cannot be one.
    """
    if not by.has_perm("quotes.merge_speaker"):
        raise NotAllowed(NO_RIGHT)
    with _in_its_time(), acting(by=by, verb="speakers.merge"):
        rows = _lock([gone.pk, kept.pk])
        gone, kept = rows[gone.pk], rows[kept.pk]
        if (gone.version, kept.version) != seen:
            raise Changed(CHANGED)
        plan = plan_merge(gone, kept)
        if plan.refusals:
            raise NotValid(" ".join(plan.refusals))
        if plan.against and not despite:
            raise NotValid("Say that you have read what stands against it.", "despite")
        return _merged(plan, by)


def _merged(plan: MergePlan, by: Any) -> Merging:
    gone, kept = plan.gone, plan.kept
    statements, uttered = Statement.objects.filter(speaker=gone), Statement.objects.filter(uttered_by=gone)
    # First the note: the database keeps with it what the quotes show until now.
    merging = Merging.objects.create(
        speaker=kept,
        other=gone,
        by=by,
        moved={
            "statements": list(statements.order_by("pk").values_list("pk", flat=True)),
            "uttered": list(uttered.order_by("pk").values_list("pk", flat=True)),
            "names": [name.pk for name in plan.names],
            "tenures": [role.pk for role in plan.tenures],
            "offices": [role.pk for role in plan.offices],
        },
    )
    statements.update(speaker=kept)
    uttered.update(uttered_by=kept)
    SpeakerName.objects.filter(pk__in=merging.moved["names"]).update(speaker=kept)
    Tenure.objects.filter(pk__in=merging.moved["tenures"]).update(person=kept)
    Tenure.objects.filter(pk__in=merging.moved["offices"]).update(organisation=kept)
    Speaker.objects.filter(pk=gone.pk).update(redirects_to=kept)
    return merging


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What an undo gave back, and what stays because it was credited to somebody else since."""

    statements: int
    elsewhere: int


def unmerge(merging: Merging, *, by: Any) -> Unmerged:
    """Give back the rows as they were before a merging.

    What was attached to the speaker since stays there; a statement that was credited to a third since stays so.

    Args:
        merging: one that stands.
        by: who undoes it.

    Raises:
        NotAllowed: without the right.
        Changed: when it was undone already.
        NotValid: when what was done since stands in the way; the sentence names it.
    """
    if not by.has_perm("quotes.merge_speaker"):
        raise NotAllowed(NO_RIGHT)
    try:
        with _in_its_time(), acting(by=by, verb="speakers.unmerge"):
            rows = _lock([merging.speaker_id, merging.other_id])
            now = Merging.objects.select_for_update(of=("self",)).get(pk=merging.pk)
            if now.undone_at is not None:
                raise Changed("It was undone already.")
            kept, gone = rows[now.speaker_id], rows[now.other_id]
            if kept.redirects_to is not None:
                raise NotValid(
                    f"{kept.name} was itself merged into {kept.redirects_to.name} since. Undo that first."
                )
            return _unmerged(now, kept, gone, by)
    except IntegrityError as error:
        raise NotValid(
            f"It cannot be undone as it is: {merging.other} has by now what would be given back to it."
        ) from error


def _unmerged(merging: Merging, kept: Speaker, gone: Speaker, by: Any) -> Unmerged:
    moved = merging.moved
    Speaker.objects.filter(pk=gone.pk).update(redirects_to=None)
    statements = Statement.objects.filter(pk__in=moved["statements"], speaker=kept).update(speaker=gone)
    Statement.objects.filter(pk__in=moved["uttered"], uttered_by=kept).update(uttered_by=gone)
    SpeakerName.objects.filter(pk__in=moved["names"], speaker=kept).update(speaker=gone)
    Tenure.objects.filter(pk__in=moved["tenures"], person=kept).update(person=gone)
    Tenure.objects.filter(pk__in=moved["offices"], organisation=kept).update(organisation=gone)
    # The time is the database's.
    Merging.objects.filter(pk=merging.pk).update(undone_at=merging.at, undone_by=by)
    return Unmerged(statements, len(moved["statements"]) - statements)


def tell_apart(first: Speaker, second: Speaker, *, note: str = "", by: Any) -> Different:
    """Keep that two speakers are not one, so that nobody is offered to merge them again.

    Raises:
        NotAllowed: without the right.
        NotValid: for a speaker and itself.
    """
    if not by.has_perm("quotes.merge_speaker"):
        raise NotAllowed(NO_RIGHT)
    if first.pk == second.pk:
        raise NotValid("A speaker is always itself.")
    low, high = sorted((first, second), key=lambda speaker: speaker.pk)
    with acting(by=by, verb="speakers.tell_apart"):
        kept, _ = Different.objects.get_or_create(
            first=low, second=high, defaults={"by": by, "note": note.strip()[:300]}
        )
    return kept


def doubt_again(first: Speaker, second: Speaker, *, by: Any) -> bool:
    """Take back that two speakers are not one; they may be suggested again. Returns whether that was kept."""
    if not by.has_perm("quotes.merge_speaker"):
        raise NotAllowed(NO_RIGHT)
    with acting(by=by, verb="speakers.doubt_again"):
        taken, _ = Different.objects.filter(pair_of(first, second)).delete()
    return bool(taken)


def _lock(keys: Sequence[int]) -> dict[int, Speaker]:
    """Return speakers as they are now, held against everybody who would attach something to them."""
    found = (
        Speaker.objects.filter(pk__in=keys)
        .select_related("redirects_to")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    return {speaker.pk: speaker for speaker in found}


def _in_its_time() -> AbstractContextManager[None]:
    """A speaker with a hundred thousand statements takes longer than a page may; nobody else waits for it."""
    engine: Any = connection
    found: AbstractContextManager[None] = engine.unhurried()
    return found
