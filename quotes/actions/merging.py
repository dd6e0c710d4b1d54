# house: steps of quotes.actions.speakers, which says by whom
"""What merging two speakers would move, and what stands against it.

The preview and the deed ask here, so that nobody confirms one thing and does another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from quotes.models import Different, Quote, Speaker, SpeakerName, Standing, Statement, Tenure


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
    for said in Different.objects.filter(pair_of(gone, kept)).select_related("by"):
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


def pair_of(first: Speaker, second: Speaker) -> Q:
    """Return the condition that finds a pair, kept in the order of keys."""
    low, high = sorted((first.pk, second.pk))
    return Q(first=low, second=high)
