"""Ids in addresses: one spelling per object, and nothing that Unicode would also read as that object.

Python reads "١٢٣" and "1_000" as numbers, Django's ``int`` takes leading zeros and its ``slug`` takes capitals: each
would give one record a second address (TRUST.md F8).
"""

from django.urls import register_converter
from django.urls.converters import StringConverter


class AsciiInt:
    """A number of at most 18 ASCII digits without leading zeros, so that it fits PostgreSQL's bigint."""

    regex = "(?:0|[1-9][0-9]{0,17})"

    def to_python(self, value: str) -> int:
        """Give the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Give the digits."""
        return str(int(value))


class Uid(StringConverter):
    """The uid of a statement or quote (PRODUCT.md §2)."""

    regex = "[a-z0-9][a-z0-9-]{2,63}"


class Slug(StringConverter):
    """The slug of a speaker, outlet, topic or measure: as a uid, but one letter is enough."""

    regex = "[a-z0-9][a-z0-9-]{0,79}"


def register() -> None:
    """Make ``<ascii-int:…>``, ``<uid:…>`` and ``<ascii-slug:…>`` known to ``path``; quotes.urls calls it once."""
    register_converter(AsciiInt, "ascii-int")
    register_converter(Uid, "uid")
    register_converter(Slug, "ascii-slug")
