"""Merge two speakers who are one, undo that exactly, and keep that two are not one (invariant 9).

What is attached to the one given up moves, so that nothing is left on it; what the other has in the same words (a
spelling, a role) stays behind unseen. Its slug leads to the other from then on. Checks of quotes whose speaker
changes count no more, and count again when it is undone (invariants 4 and 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import F, Q

from quotes.models import Different, Merging, Quote, Speaker, SpeakerName, Standing, Statement, Tenure

from .audit import acting
from .refusals import Changed, NotAllowed, NotValid

NO_RIGHT = "Your account may look at speakers, but not merge them."
CHANGED = "One of the two was changed since it was shown. Look at what is there now."


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging `gone` into `kept` does.

    Attributes:
        statements: how many are credited to `gone`; `uttered`: how many came out of its mouth for others.
        names: spellings that `kept` gets; `known`: those it has already, which stay behind.
        tenures: roles that it gets; `held`: those it has already.
        offices: roles of others at or for `gone`.
        checked: how many checked quotes will have to be looked at again.
        against: sentences that have to be read before it is done all the same.
        refusals: sentences why it cannot be done.
    """

    kept: Speaker
    gone: Speaker
    statements: int
    uttered: int
    names: Sequence[SpeakerName]
    known: Sequence[SpeakerName]
    tenures: Sequence[Tenure]
    held: Sequence[Tenure]
    offices: Sequence[Tenure]
    checked: int
    against: Sequence[str]
    refusals: Sequence[str]


def plan_merge(gone: Speaker, kept: Speaker, *, visible_to: Any = None) -> MergePlan:
    """Return what merging `gone` into `kept` would do; nothing is written.

    Args:
        visible_to: whose preview it is: statements that she may not know of are not counted in it.
    """
    own_names = set(kept.names.values_list("text", "language"))
    own_roles = set(kept.tenures.values_list("title", "starts"))
    names = list(gone.names.order_by("pk"))
    tenures = list(gone.tenures.select_related("organisation").order_by("pk"))
    statements = Statement.objects.all() if visible_to is None else Statement.objects.visible_to(visible_to)
    moving_roles = [role for role in tenures if (role.title, role.starts) not in own_roles]
    concerned = Q(statement__speaker=gone) | Q(statement__uttered_by=gone)
    if moving_roles:
        # The roles of that day are part of what a check was made on.
        concerned |= Q(statement__speaker=kept)
    checked = Quote.objects.filter(concerned).exclude(standing__value=Standing.Value.UNCHECKED)
    if visible_to is not None:
        checked = checked.filter(pk__in=Quote.objects.visible_to(visible_to))
    return MergePlan(
        kept=kept,
        gone=gone,
        statements=statements.filter(speaker=gone).count(),
        uttered=statements.filter(uttered_by=gone).exclude(speaker=gone).count(),
        names=[name for name in names if (name.text, name.language) not in own_names],
        known=[name for name in names if (name.text, name.language) in own_names],
        tenures=moving_roles,
        held=[role for role in tenures if (role.title, role.starts) in own_roles],
        offices=list(gone.offices.select_related("person").order_by("pk")),
        checked=checked.count(),
        against=list(_against(gone, kept)),
        refusals=list(_refusals(gone, kept)),
    )


def _against(gone: Speaker, kept: Speaker) -> Iterator[str]:
    for said in Different.objects.filter(_pair(gone, kept)).select_related("by"):
        why = f": {said.note}" if said.note else ""
        yield f"On {said.at:%-d %b %Y} {said.by} said that they are two{why}."


def _refusals(gone: Speaker, kept: Speaker) -> Iterator[str]:
    if gone.pk == kept.pk:
        yield "A speaker cannot be merged into itself."
        return
    for one in (gone, kept):
        if one.redirects_to is not None:
            yield f"{one.name} was merged into {one.redirects_to.name} already."
    if gone.kind != kept.kind:
        yield (
            f"{gone.name} is of the kind “{gone.get_kind_display()}”, {kept.name} of the kind"
            f" “{kept.get_kind_display()}”. Who speaks for whom is told by roles, not by merging."
        )
    if gone.wikidata_id and kept.wikidata_id and gone.wikidata_id != kept.wikidata_id:
        yield (
            f"Wikidata knows them as two: {gone.name} is {gone.wikidata_id}, {kept.name} is {kept.wikidata_id}."
            " Correct the wrong number first."
        )
    if gone.country and kept.country and gone.country != kept.country and gone.kind != Speaker.Kind.PERSON:
        yield f"{gone.name} is of {gone.country}, {kept.name} of {kept.country}."
    pair = (gone.pk, kept.pk)
    for role in Tenure.objects.filter(person__in=pair, organisation__in=pair).exclude(
        person=F("organisation")
    )[:1]:
        yield f"One holds a role at the other: {role.title}. They are two."
    both = Statement.objects.filter(
        Q(speaker=gone, uttered_by=kept) | Q(speaker=kept, uttered_by=gone), joined_into__isnull=True
    )
    if both.exists():
        yield "One is on record as the mouth of the other. They are two; correct those statements first."


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
    with acting(by=by, verb="speakers.merge"):
        _take_time()
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
        with acting(by=by, verb="speakers.unmerge"):
            _take_time()
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
        taken, _ = Different.objects.filter(_pair(first, second)).delete()
    return bool(taken)


def _pair(first: Speaker, second: Speaker) -> Q:
    low, high = sorted((first.pk, second.pk))
    return Q(first=low, second=high)


def _lock(keys: Sequence[int]) -> dict[int, Speaker]:
    """Return speakers as they are now, held against everybody who would attach something to them."""
    found = (
        Speaker.objects.filter(pk__in=keys)
        .select_related("redirects_to")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    return {speaker.pk: speaker for speaker in found}


def _take_time() -> None:
    """A speaker with a hundred thousand statements takes longer than a page may; nobody else waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
