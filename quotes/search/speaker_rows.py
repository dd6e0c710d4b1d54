"""What one speaker said, row by row, each with whose mouth it was (invariant 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from quotes.models import Quote, Speaker, Standing, Statement, best_standing
from quotes.search.held_roles import HeldRole, said_roles
from quotes.search.keyset import Page, after_newest, page_of
from quotes.search.statements import said_in_words

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement in a speaker's list, worded for `shared/quote_row.html`.

    `mouth` is who uttered it, where that is not the one whose page it is; `on_behalf_of` is whose words they
    are, where those are not hers.
    """

    statement: Statement
    said: str
    mouth: Speaker | None
    mouth_roles: Sequence[HeldRole]
    on_behalf_of: Speaker | None
    quote: Quote | None

    @property
    def uid(self) -> str:
        """Of the statement."""
        return self.statement.uid

    @property
    def url(self) -> str:
        """Where it opens."""
        return reverse("statement", args=[self.statement.uid])

    @property
    def text(self) -> str:
        """Its best-supported wording, or our summary."""
        return self.quote.text if self.quote else self.statement.gist

    @property
    def kind(self) -> str:
        """Of the wording; a summary is nobody's words."""
        return self.quote.kind if self.quote else "indirect"

    @property
    def language(self) -> str:
        """Of the wording."""
        return self.quote.language if self.quote else "en"

    @property
    def cue(self) -> str:
        """The verb as printed, where it is English as the rest of the line."""
        return self.quote.cue if self.quote and self.quote.language.split("-")[0] == "en" else ""

    @property
    def speaker(self) -> str:
        """Whose mouth it was, as far as is known."""
        return (self.mouth or self.statement.speaker).name if not self.on_behalf_of else self._own.name

    @property
    def _own(self) -> Speaker:
        return self.statement.uttered_by or self.statement.speaker

    @property
    def speaker_kind(self) -> str:
        """What kind of speaker that is."""
        return (self.mouth or (self._own if self.on_behalf_of else self.statement.speaker)).kind

    @property
    def role(self) -> str:
        """What the mouth was then, and for whom it spoke."""
        mine = said_roles(self.statement.roles, self.statement) if self.mouth is None else self.mouth_roles
        titles = [] if self.on_behalf_of is not None else [role.title for role in mine]
        if self.mouth is not None and self.mouth.pk != self.statement.speaker_id:
            titles.append(f"for {self.statement.speaker.name}")
        if self.on_behalf_of is not None:
            titles.append(f"for {self.on_behalf_of.name}")
        return ", ".join(titles)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The chain of the wording, from its root."""
        if self.quote is None:
            return []
        held = self.quote.capture_id is not None
        names = [relay.outlet.name if relay.outlet else f"“{relay.as_printed}”" for relay in self.quote.chain]
        relays = [{"name": name, "held": False} for name in reversed(names)]
        return [*relays, {"name": self.quote.article.outlet.name, "held": held}]

    @property
    def standing(self) -> str:
        """The statement's standing; without a wording nobody can have checked it."""
        return self.quote.standing.value if self.quote else Standing.Value.UNCHECKED.value

    @property
    def depth(self) -> str:
        """How far back the wording was traced."""
        return self.quote.standing.depth if self.quote else ""

    @property
    def passes(self) -> int:
        """Full passes so far."""
        return self.quote.standing.passes if self.quote else 0

    @property
    def needed(self) -> int:
        """Full passes that `verified` needs."""
        return self.quote.standing.needed if self.quote else 0

    @property
    def adverse(self) -> list[str]:
        """The standings of its other quotes that are disputed, misattributed or retracted."""
        own = self.quote.pk if self.quote else None
        return sorted({bad.standing.value for bad in self.statement.adverse_quotes if bad.pk != own})

    @property
    def reports(self) -> int:
        """How many articles report it."""
        return self.statement.reports

    @property
    def roots(self) -> int:
        """From how many independent houses."""
        return len(self.statement.roots)


def statements_by(
    speaker: Speaker,
    user: Any,
    *,
    topic: str = "",
    standing: str = "",
    year: int | None = None,
    cursor: str = "",
) -> Page[StatementRow]:
    """Return a page of what `speaker` said, newest first, each row once and with whose mouth it was.

    Raises:
        Http404: for a cursor that no page gave.
    """
    found: Any = Statement.objects.visible_to(user).of_speaker(speaker)
    if topic:
        found = found.filter(topics__slug=topic)
    if year:
        found = found.filter(said_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    if standing:
        found = found.annotate(shown=best_standing("pk")).filter(shown=standing)
    listed: Any = after_newest(found.newest_first(), cursor, "said_on", dt.date)
    page = page_of(
        listed.for_list().prefetch_related("uttered_by__tenures__organisation"),
        PER_PAGE,
        lambda statement: statement.said_on,
    )
    return Page([_row(statement, speaker) for statement in page.rows], page.next)


def _row(statement: Statement, speaker: Speaker) -> StatementRow:
    mouth, roles, behalf = None, [], None
    if statement.uttered_by is not None and statement.uttered_by_id != statement.speaker_id:
        mouth, roles = statement.uttered_by, said_roles(statement.mouth_roles, statement)
    if statement.speaker_id != speaker.pk and mouth is not None and mouth.pk == speaker.pk:
        mouth, behalf = None, statement.speaker
    elif statement.speaker_id != speaker.pk:
        # A spokesperson's own statement on the page of the institution.
        mouth, roles = statement.speaker, said_roles(statement.roles, statement)
    said = said_in_words(statement)
    return StatementRow(statement, said, mouth, roles, behalf, statement.shown_quote)
