"""Digits as numbers: what comma, point and space mean depends on the language, and on how digits group."""

from __future__ import annotations

import re
from decimal import Decimal

from quotes.text.numberwords import EAST_ASIAN

HANGUL_DIGITS = {sign: number for number, sign in enumerate("일이삼사오육칠팔구", 1)}
"""Korean numbers written in words: 오만 오천 is 55,000."""
SIGNS = "".join(EAST_ASIAN)
"""The number signs of Korean, Japanese and Chinese print."""

_POINT_IS_DECIMAL = frozenset({"en", "ko", "ja", "zh", "th", "he", "hi", "ar"})


def read_digits(printed: str, language: str, has_multiplier: bool) -> Decimal | None:
    """Digits as a number, by what comma and point mean in the language, and by how they group."""
    digits = re.sub(r"['\u00a0\u202f\u2009 ]", "", printed)
    if re.fullmatch(r"\d+", digits):
        return Decimal(digits)
    if len(set(re.findall("[.,]", digits))) == 2:
        decimal = max(digits.rfind("."), digits.rfind(","))
        return Decimal(re.sub("[.,]", "", digits[:decimal]) + "." + digits[decimal + 1 :])
    mark = "," if "," in digits else "."
    parts = digits.split(mark)
    grouped = len(parts[-1]) == 3 and parts[0] != "0" and 1 <= len(parts[0]) <= 3
    if len(parts) > 2:
        return Decimal("".join(parts)) if grouped else None
    is_decimal_mark = mark == "." if language in _POINT_IS_DECIMAL else mark == ","
    if language == "und":
        is_decimal_mark = False
    if grouped and parts[-1] == "000" and not has_multiplier:
        return Decimal("".join(parts))  # nobody prints a whole number with three noughts behind its point
    if grouped and not (
        (is_decimal_mark and mark == ".") or (has_multiplier and (is_decimal_mark or language == "und"))
    ):
        return Decimal("".join(parts))
    return Decimal(".".join(parts))


def read_east_asian(printed: str) -> Decimal | None:
    """5만5000, 1억 2천만, 10万: sections of ten thousand, with tens, hundreds and thousands inside."""
    total = section = Decimal(0)
    pending: Decimal | None = None
    for piece in re.findall(rf"\d[\d,]*(?:\.\d+)?|[{SIGNS}{''.join(HANGUL_DIGITS)}]", printed):
        if piece[0].isdigit():
            pending = Decimal(piece.replace(",", "").rstrip("."))
            continue
        if piece in HANGUL_DIGITS:
            pending = Decimal(HANGUL_DIGITS[piece])
            continue
        value = EAST_ASIAN[piece]
        if value < 10_000:
            section += (pending if pending is not None else 1) * value
        else:
            section += pending or 0
            total += (section or 1) * value
            section = Decimal(0)
        pending = None
    result = total + section + (pending or 0)
    return result or None
