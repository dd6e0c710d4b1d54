"""Many rows, as they come: for whoever reads a whole table, and has to be done with it in a minute."""

import itertools
from collections.abc import Iterator
from typing import Any

from psycopg.types.numeric import Int8BinaryLoader

# Rows that are fetched at a time.
ROWS = 2_000

_numbers = itertools.count(1)


def rows_of(connection: Any, query: str, values: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a query as they come, within a transaction: at constant memory, however many there are.

    They come in the server's own binary form, and what would cost most to make of it is left out: moments are
    microseconds since 2000-01-01 in UTC (the ends of time are the ends of an int8).

    Args:
        connection: Django's.
        query: one SELECT.
        values: of its parameters.
    """
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        connection.connection.cursor(name=f"streamed_{next(_numbers)}", binary=True) as cursor,
    ):
        cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
        cursor.execute(query, values)
        while rows := cursor.fetchmany(ROWS):
            yield from rows
