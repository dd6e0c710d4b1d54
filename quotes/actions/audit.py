"""Who is acting, for the database: it stamps and records every write with what is said here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def acting(*, by: Any, verb: str) -> Iterator[None]:
    """Open a transaction in which all that is written is `by`'s doing, under the name `verb`.

    Inside another `acting` the inner verb holds until its end, then the outer one again. On an error
    nothing is kept, events included.

    Args:
        by: the account that acts; None for the system itself.
        verb: task and deed as `verify.check`, shown in the history and the activity log.
    """
    with transaction.atomic():
        before = _set(actor=str(by.pk) if by is not None else "", verb=verb)
        yield
        # After an error the settings fall with the transaction or its savepoint; here they must be put back.
        _set(**before)


def _set(*, actor: str, verb: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('verbatim.actor', true), ''),"
            " coalesce(current_setting('verbatim.verb', true), '')"
        )
        was = cursor.fetchone()
        cursor.execute(
            "SELECT set_config('verbatim.actor', %s, true), set_config('verbatim.verb', %s, true)",
            [actor, verb],
        )
    return {"actor": was[0], "verb": was[1]}
