"""Saved searches: what each finds, and what was added since its owner last looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import QueryDict

from quotes.models import SavedSearch
from quotes.search.compiling import compile_search
from quotes.search.engine import added_since
from quotes.search.kept import Kept
from quotes.search.names import names
from quotes.search.reading import read

MOST_COUNTED = 100
"""New statements above which the number is “99+”."""

MOST_SHOWN = 50
"""Saved searches of one person whose news are counted."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search with its news.

    `trouble` says why it no longer can be searched as it was; it is shown all the same, and never dropped.
    """

    search: SavedSearch
    new: int
    trouble: tuple[str, ...] = ()

    @property
    def new_in_words(self) -> str:
        """The number of new statements, honestly."""
        return f"{MOST_COUNTED - 1}+" if self.new >= MOST_COUNTED else str(self.new)


def saved_searches(user: Any) -> list[Saved]:
    """The saved searches of `user` with their news, counted as far as `user` may know of them now."""
    searches = [SavedSearch.from_db(connection.alias, _COLUMNS, row) for row in _OWN.rows(user)]
    if not searches:
        return []
    held = bool(user.has_perm("quotes.view_restricted"))
    known, last_seen = names(), _last_seen(searches)
    plans = {search.pk: compile_search(read(QueryDict(search.query)), known) for search in searches}
    behind = [pk for pk in plans if last_seen.get(pk)]
    counts = added_since([(plans[pk], last_seen[pk]) for pk in behind], held=held, most=MOST_COUNTED)
    new = dict(zip(behind, counts, strict=True))
    return [Saved(search, new.get(search.pk, 0), tuple(plans[search.pk].notes)) for search in searches]


_COLUMNS = [field.attname for field in SavedSearch._meta.concrete_fields]
_OWN = Kept(
    lambda user: (
        SavedSearch.objects.filter(owner=user).order_by("name", "pk").values_list(*_COLUMNS)[:MOST_SHOWN]
    )
)


@dataclass(frozen=True, slots=True)
class News:
    """What mail has to tell one person: key of a search and how many are new in it, up to the statement `newest`."""

    person: int
    newest: int
    found: tuple[tuple[int, str], ...]


def news_for_mail(*, daily: bool) -> list[News]:
    """For everybody who chose mail, what came into the searches since the last letter; only what all may know.

    Args:
        daily: those who chose one letter a day, else those who chose mail at once.
    """
    when = SavedSearch.Mail.DAILY if daily else SavedSearch.Mail.AT_ONCE
    with connection.cursor() as db:
        db.execute("SELECT coalesce(max(id), 0) FROM quotes_statement")
        newest = int((db.fetchone() or (0,))[0])
    waiting = SavedSearch.objects.filter(mail=when, mailed_to__lt=newest).order_by("owner", "name", "pk")
    known = names()
    found: dict[int, list[tuple[int, str]]] = {}
    for search in waiting.iterator():
        plan = compile_search(read(QueryDict(search.query)), known)
        (new,) = added_since([(plan, search.mailed_to)], held=False, most=MOST_COUNTED)
        if new:
            found.setdefault(search.owner_id, []).append((search.pk, Saved(search, new).new_in_words))
    return [News(person, newest, tuple(told)) for person, told in found.items()]


def _last_seen(searches: list[SavedSearch]) -> dict[int, int]:
    """For each search the newest statement its owner can have seen; 0 where nothing was added since."""
    if not searches:
        return {}
    with connection.cursor() as db:
        # Keys are given in the order of adding: the walk from the newest passes only what is new.
        db.execute(
            """
            SELECT l.id, CASE WHEN n.seen = m.newest THEN 0 ELSE coalesce(n.seen, 1) END
            FROM unnest(%s::bigint[], %s::timestamptz[]) AS l(id, looked_at),
              (SELECT coalesce(max(id), 0) AS newest FROM quotes_statement) m,
              LATERAL (SELECT (SELECT id FROM quotes_statement WHERE created_at <= l.looked_at
                               ORDER BY id DESC LIMIT 1) AS seen) n
            """,
            [[search.pk for search in searches], [search.looked_at for search in searches]],
        )
        return dict(db.fetchall())


def waiting(rows: list[Saved]) -> str:
    """How many statements are new in all these saved searches, for the navigation; empty when none is."""
    total = sum(row.new for row in rows)
    return "" if not total else f"{MOST_COUNTED - 1}+" if total >= MOST_COUNTED else str(total)
