"""Numbers of JSON text: whole ones within 64 bits, others as exact decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""The whole numbers of a PostgreSQL bigint."""

_LARGEST_EXPONENT, _SMALLEST_EXPONENT = 308, -324
_MOST_DIGITS = 1_000


class BeyondRange(ValueError):
    """A number that no record could keep exactly."""


def whole_number(text: str) -> int | Decimal:
    """The value of JSON text without fraction and exponent. ``-0`` stays apart from ``0``, as a decimal.

    Raises BeyondRange outside 64 bits.
    """
    if len(text) > 20:
        raise BeyondRange(_message(text))
    number = int(text)
    if not SMALLEST <= number <= LARGEST:
        raise BeyondRange(_message(text))
    if number == 0 and text[0] == "-":
        return Decimal(text)
    return number


def decimal_number(text: str) -> Decimal:
    """The exact value of JSON text with fraction or exponent.

    Raises BeyondRange outside the exponents of a 64-bit float, and beyond 1,000 digits.
    """
    if len(text) > _MOST_DIGITS:
        raise BeyondRange(_message(text))
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BeyondRange(_message(text)) from None
    if not _SMALLEST_EXPONENT <= number.adjusted() < _LARGEST_EXPONENT:
        raise BeyondRange(_message(text))
    return number


def _message(text: str) -> str:
    return f"found the number {text if len(text) <= 40 else text[:39] + '…'}, which is beyond range"
