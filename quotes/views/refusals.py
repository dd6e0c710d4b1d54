"""What a database error means for the person who waits: away, too slow, busy, full, or a value out of range.

SQLSTATE codes are those of PostgreSQL's appendix "Error Codes".
"""

from dataclasses import dataclass

from django.db import DatabaseError, DataError, InterfaceError, OperationalError


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer for a database error: the HTTP status, what to say, and whether the write is surely undone."""

    status: int
    title: str
    line: str
    certainly_unsaved: bool = True


AWAY = Refusal(
    503,
    "The records are out of reach for a moment",
    "The database does not answer. This page tries nothing by itself: reload it in a few seconds.",
    # The answer to a commit may be what was lost.
    certainly_unsaved=False,
)
TOO_LONG = Refusal(
    503, "That took too long", "The question took too long and was stopped. Ask for less, or try again."
)
BUSY = Refusal(
    503, "Somebody else is writing here", "The record was held by another change. Try again in a moment."
)
FULL = Refusal(
    507,
    "Storage full, nothing saved",
    "The disk of the database is full. Reading still works; tell the operator.",
)
READ_ONLY = Refusal(
    503, "Reading only for now", "The database takes no changes at the moment. Reading still works."
)
BAD_VALUE = Refusal(
    400, "A value is out of range", "A number, date or text in the address or form is out of range."
)

BY_STATE = {
    "57014": TOO_LONG,  # query_canceled: statement_timeout
    "55P03": BUSY,  # lock_not_available: lock_timeout
    "40001": BUSY,  # serialization_failure
    "40P01": BUSY,  # deadlock_detected
    "53100": FULL,  # disk_full
    "25006": READ_ONLY,  # read_only_sql_transaction
}


def explain(error: BaseException | None) -> Refusal | None:
    """Say what an exception means for the person waiting.

    Args:
        error: what was raised, from Django's database layer or from elsewhere.

    Returns:
        None when it is not the database's state or the value's range: then it is a fault of ours (500).
    """
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state in BY_STATE:
        return BY_STATE[state]
    if isinstance(error, OperationalError | InterfaceError):
        return AWAY
    # Class 22, data exception: NUL, a number or a date that PostgreSQL cannot hold.
    if isinstance(error, DataError):
        return BAD_VALUE
    return None
