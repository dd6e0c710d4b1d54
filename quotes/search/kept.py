"""Questions that every page asks: put into SQL once, not for every page.

To build such a question anew and to put it into SQL costs Django five times what the database needs for the answer. The
rules stay where they are, in the QuerySets; only their SQL is kept, apart for all who have the same rights.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

type _Rights = tuple[bool, bool, frozenset[str]]

_WHO = -7_340_033
"""Stands for the key of whoever asks until it is known; no key is below zero."""

_MOST = 64
"""Sets of rights for which the SQL is kept: there are five groups, and few people have rights beside them."""


class Kept:
    """A question of one person, whose answer depends on her key and her rights, and on nothing else about her.

    Args:
        build: gives the QuerySet for a person; it is asked once for each set of rights.
    """

    def __init__(self, build: Callable[[Any], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._kept: dict[_Rights, tuple[str, tuple[Any, ...]]] = {}

    def rows(self, user: Any) -> list[tuple[Any, ...]]:
        """The rows for `user`, as the columns stand in the database; one query."""
        rights = (user.is_active, user.is_superuser, frozenset(user.get_all_permissions()))
        kept = self._kept.get(rights)
        if kept is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[rights] = self._in_sql(user)
        text, values = kept
        with connection.cursor() as cursor:
            cursor.execute(text, [type(one)(user.pk) if one == _WHO else one for one in values])
            return list(cursor.fetchall())

    def _in_sql(self, user: Any) -> tuple[str, tuple[Any, ...]]:
        stand_in = copy.copy(user)
        stand_in.pk = _WHO
        text, values = self._build(stand_in).query.sql_with_params()
        return str(text), tuple(values)
