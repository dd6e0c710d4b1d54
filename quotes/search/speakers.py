"""Speakers, what they said, and whose mouth it was."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404

from quotes.models import (
    Link,
    Merging,
    Speaker,
    SpeakerName,
    Standing,
    Statement,
    Tenure,
    Topic,
)
from quotes.models.statement import within
from quotes.search import charts
from quotes.search import speaker_profile as profile
from quotes.search.criteria import Criteria, Filter
from quotes.search.engine import search
from quotes.search.keyset import after, page_of
from quotes.search.statements import LinkOnPage, ends_of, link_from
from quotes.text.scripts import main_script

PER_PAGE = 50
CHANGES_SHOWN = 12
FEW_NAMES = 12
"""Spellings up to which all are shown at once."""
TELLS_A_CHANGE = (
    Link.Type.CONTRADICTS,
    Link.Type.CONFLICTS_FIGURE,
    Link.Type.REVERSES,
    Link.Type.DENIES,
    Link.Type.UPDATES_FIGURE,
    Link.Type.CLARIFIES,
)


@dataclass(frozen=True, slots=True)
class SpeakerRow:
    """One line of the list of speakers."""

    speaker: Speaker
    statements: int
    role: Tenure | None
    native: SpeakerName | None


@dataclass(frozen=True, slots=True)
class SpeakerList:
    """A page of speakers in the order of an index."""

    rows: Sequence[SpeakerRow]
    total: int
    next: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write the name, in the languages that write it so."""

    text: str
    kind: str
    names: list[SpeakerName]
    found: int = 0

    @property
    def official(self) -> bool:
        """Whether it is the official name in one of them."""
        return any(name.kind == SpeakerName.Kind.OFFICIAL for name in self.names)

    @property
    def language(self) -> str:
        """One of its languages, for reading it out."""
        return self.names[0].language


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """All that a speaker's page says, but for its list of statements."""

    speaker: Speaker
    names: Sequence[tuple[str, Sequence[Spelling]]]
    roles: Sequence[Tenure]
    current: Sequence[Tenure]
    voices: Sequence[Tenure]
    total: int
    counts: dict[str, int]
    adverse: int
    months: Sequence[profile.Month]
    undated: int
    changes: Sequence[LinkOnPage]
    merged: Sequence[Merging]
    exact: bool
    considered: int
    steady: bool
    timeline: profile.Timeline | None
    topics: Sequence[Topic]
    years: Sequence[int]
    by_year: Sequence[profile.TopicYears]
    outlets: Sequence[profile.Share]
    figures: Sequence[profile.Share]
    also: Sequence[Tenure]

    @property
    def native(self) -> SpeakerName | None:
        """The official name in her own language."""
        return native_name(self.speaker)

    @property
    def usual(self) -> Sequence[tuple[str, Sequence[Spelling]]]:
        """The official names and those that a quote prints; all of them while they are few."""
        return [(script, shown) for script, names in self.names if (shown := self._split(names)[0])]

    @property
    def rare(self) -> Sequence[tuple[str, Sequence[Spelling]]]:
        """The other names, behind a fold."""
        return [(script, hidden) for script, names in self.names if (hidden := self._split(names)[1])]

    def _split(self, names: Sequence[Spelling]) -> tuple[list[Spelling], list[Spelling]]:
        few = self.spellings <= FEW_NAMES
        shown = [name for name in names if few or name.found or name.official]
        return shown, [name for name in names if name not in shown]

    @property
    def spellings(self) -> int:
        """How many names there are."""
        return sum(len(spellings) for _, spellings in self.names)

    @property
    def chart(self) -> charts.Chart | None:
        """The activity as a drawing and its table."""
        return charts.by_month([(month.label, month.counts) for month in self.months])

    @property
    def first_month(self) -> str:
        """The first month drawn."""
        return self.months[0].label

    @property
    def last_month(self) -> str:
        """The last month drawn."""
        return self.months[-1].label


def find_speaker(slug: str) -> Speaker:
    """Return the speaker with this slug, merged or not.

    Raises:
        Http404: when there is none.
    """
    speaker = Speaker.objects.select_related("redirects_to").filter(slug=slug).first()
    if speaker is None:
        raise Http404
    return speaker


def merging_to_undo(key: int, slug: str) -> Merging:
    """Return a merging by its key and the slug of one of its two speakers, undone or not.

    Raises:
        Http404: when there is none.
    """
    found = (
        Merging.objects.filter(Q(speaker__slug=slug) | Q(other__slug=slug), pk=key)
        .select_related("speaker", "other", "by", "undone_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def speaker_list(user: Any, *, name: str = "", cursor: str = "") -> SpeakerList:
    """Return a page of the speakers, each with the number of statements that `user` may know of.

    Args:
        name: only those with a spelling, in any script, in which this text occurs.
        cursor: where the page before ended.

    Raises:
        Http404: for a cursor that no page gave.
    """
    speakers = Speaker.objects.current()
    if name.strip():
        speakers = speakers.spelt_like(name)
    page = page_of(
        after(speakers.alphabetical(), cursor, "sort_key").prefetch_related("tenures", "names"),
        PER_PAGE,
        lambda speaker: speaker.sort_key,
    )
    counts = statements_of(page.rows, user)
    today = dt.datetime.now(dt.UTC).date()
    rows = [
        SpeakerRow(
            speaker,
            counts.get(speaker.pk, 0),
            next(iter(speaker.roles_held(today, today)), None),
            native_name(speaker),
        )
        for speaker in page.rows
    ]
    return SpeakerList(rows, speakers.count(), page.next)


def statements_of(speakers: Sequence[Speaker], user: Any) -> dict[int, int]:
    """Count what each of `speakers` said, as `of_speaker` finds it, in a fixed number of queries."""
    keys = [speaker.pk for speaker in speakers]
    visible = Statement.objects.visible_to(user)
    voices: dict[int, list[Tenure]] = {}
    for tenure in Tenure.objects.filter(organisation__in=keys, speaks_for=True):
        voices.setdefault(tenure.organisation_id, []).append(tenure)
    counts: Counter[int] = Counter()
    own = visible.filter(speaker__in=keys).order_by().values_list("speaker").annotate(number=Count("pk"))
    counts.update(dict(own))
    # Said by her mouth, and not counted as hers already.
    lent = visible.filter(uttered_by__in=keys).order_by().values_list("uttered_by", "speaker")
    for mouth, key, number in lent.annotate(number=Count("pk")):
        if key != mouth:
            counts[mouth] += number
    if voices:
        spoken = visible.with_days().aggregate(
            **{
                f"of_{key}": Count(
                    "pk",
                    filter=within(tenures)
                    & ~Q(speaker=key)
                    & (Q(uttered_by__isnull=True) | ~Q(uttered_by=key)),
                )
                for key, tenures in voices.items()
            }
        )
        counts.update({key: spoken[f"of_{key}"] for key in voices})
    return counts


def native_name(speaker: Speaker) -> SpeakerName | None:
    """Return the first official name entered in another language than English, unless it heads the page."""
    official = [
        name
        for name in speaker.names.all()
        if name.kind == SpeakerName.Kind.OFFICIAL and name.language != "en" and name.text != speaker.name
    ]
    return min(official, key=lambda name: name.pk, default=None)


def speaker_page(speaker: Speaker, user: Any) -> SpeakerPage:
    """Gather what the page of `speaker` says besides the list of statements."""
    with profile.by_keys():
        return _page(speaker, user)


def _page(speaker: Speaker, user: Any) -> SpeakerPage:
    today = dt.datetime.now(dt.UTC).date()
    seen = profile.consider(speaker, user)
    roles = sorted(
        speaker.tenures.select_related("organisation"),
        key=lambda tenure: (tenure.starts or dt.date.min, tenure.pk),
        reverse=True,
    )
    current = [tenure for tenure in roles if tenure.was_held(today, today)]
    months, dated = profile.activity(seen)
    counts, total = seen.counts, len(seen.keys)
    if not seen.all:
        counts, total = _estimated(speaker, user, at_least=total)
    spoken = profile.about(seen.keys)
    years, by_year = profile.topics_by_year(seen, spoken)
    found = profile.spellings_found(seen)
    return SpeakerPage(
        speaker=speaker,
        names=_by_script(list(speaker.names.all()), found),
        roles=roles,
        current=current,
        voices=list(
            Tenure.objects.speaking_for(speaker).select_related("person").order_by("person__sort_key", "pk")
        ),
        total=total,
        exact=seen.all,
        considered=len(seen.keys),
        counts={value: counts.get(value, 0) for value in Standing.Value},
        adverse=len(seen.adverse),
        months=months,
        undated=len(seen.keys) - dated,
        changes=_changes(seen.keys, user),
        steady=not profile.contradicts_itself(seen, user),
        merged=list(Merging.objects.standing().filter(speaker=speaker).select_related("other", "by")),
        timeline=profile.timeline(roles, today),
        topics=spoken.most,
        years=years,
        by_year=by_year,
        outlets=profile.outlets_of(seen),
        figures=profile.figures_of(seen),
        also=profile.also_speaking(speaker, current, today),
    )


def topics_about(speaker: Speaker, user: Any) -> list[Topic]:
    """Return what `speaker` spoke about most, each with the `number` of statements."""
    with profile.by_keys():
        return profile.about(profile.latest_keys(speaker, user)).most


def _estimated(speaker: Speaker, user: Any, *, at_least: int) -> tuple[dict[str, int], int]:
    """Return counts by standing and in all as the search estimates them, which costs the same at any number."""
    answer = search(Criteria(filters=(Filter("speaker", speaker.slug),)), user)
    counts = {
        option.value: option.count
        for facet in answer.facets
        if facet.name == "standing"
        for option in facet.options
    }
    return counts, max(answer.total, at_least)


def _by_script(names: Sequence[SpeakerName], printed: dict[str, int]) -> list[tuple[str, list[Spelling]]]:
    """Group spellings by their script, Latin first; one that several languages share stands once."""
    found: dict[tuple[str, str], Spelling] = {}
    for name in sorted(names, key=lambda name: (name.kind != name.Kind.OFFICIAL, name.text, name.language)):
        found.setdefault(
            (name.text, name.kind),
            Spelling(name.text, name.get_kind_display(), [], printed.get(name.text, 0)),
        ).names.append(name)
    scripts: dict[str, list[Spelling]] = {}
    for spelling in found.values():
        scripts.setdefault(main_script(spelling.text).capitalize(), []).append(spelling)
    return sorted(scripts.items(), key=lambda pair: (pair[0] != "Latin", pair[0]))


def _changes(mine: Sequence[int], user: Any) -> list[LinkOnPage]:
    """Confirmed conflicts and changes of what was said, told from this speaker's side."""
    links = list(
        Link.objects.visible_to(user)
        .confirmed()
        .filter(Q(source__in=mine) | Q(target__in=mine), type__in=TELLS_A_CHANGE)
        .select_related("decided_by")
        .order_by("-pk")[:CHANGES_SHOWN]
    )
    ends = ends_of(links)
    own = set(mine)
    return [
        link_from(link, link.source_id if link.source_id in own else link.target_id, ends) for link in links
    ]
