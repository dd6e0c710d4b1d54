"""What search reads: one document for each statement, kept by the database itself.

Triggers of migration 0004_search write these tables in the transaction that writes any part of a statement. The
app's role may only read them, and only `quotes.search` does, with the right of the person who asks.
"""

from __future__ import annotations

from enum import IntEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from .statement import Statement


class FacetKind(IntEnum):
    """What a facet term says; search_document.sql has the same numbers."""

    SPEAKER = 1
    STANDING = 2
    KIND = 3
    OUTLET = 4
    TOPIC = 5
    LANGUAGE = 6
    YEAR = 7
    MONTH = 8
    HOLDS = 9
    ROOT = 10


STANDING_NUMBERS = {
    "verified": 1,
    "in_review": 2,
    "stale": 3,
    "unchecked": 4,
    "disputed": 5,
    "misattributed": 6,
    "retracted": 7,
}
KIND_NUMBERS = {"direct": 1, "mixed": 2, "partial": 3, "indirect": 4}
HOLDS_NUMBERS = {"figure": 1, "original": 2}


class Searchable(models.Model):
    """The columns of a document.

    `terms` holds words with weights (A what was said, B original and gist, C names as printed, D occasion), facets
    as terms such as `#4.17`, and numbers as terms such as `=55000`. `facets` holds those whose values are counted.
    `pairs` and `lines` serve exact phrases. What a count reads stands before the long columns (0064_documents_lean).
    A statement that is held back has its time of opening in `open_from`, so that lifting an embargo needs no write.
    """

    statement = models.OneToOneField(
        Statement, on_delete=models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    day = models.DateField(help_text="When it was said; 1 January of the year 1 when not known.")
    last_day = models.DateField(help_text="The last day that a partial date can mean.")
    open_from = models.DateTimeField(help_text="In the year 9999 when off the record.")
    facets = ArrayField(models.IntegerField())
    terms = SearchVectorField()
    pairs = ArrayField(models.IntegerField())
    lines = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"document of statement {self.pk}"


class SearchDoc(Searchable):
    """The document of one statement."""

    class Meta:
        default_permissions = ()
        indexes = [
            # New entries wait in a list that every search reads as well; verbatim_index keeps it to some ten documents.
            GinIndex(fields=["terms", "pairs"], name="searchdoc_terms"),
            models.Index(F("day").desc(), F("statement").desc(), name="searchdoc_newest"),
        ]


class SearchSample(Searchable):
    """Every eighth document by hash: what a search costs and finds is estimated here first.

    `level` says how rare the sample is in which a row still stands: 3 every 8th, 5 every 32nd, 7 every 128th, 9 every
    512th. The table is partitioned by it, so that a question reads only the rows of its own sample.
    """

    level = models.SmallIntegerField()

    class Meta:
        default_permissions = ()
        # Made by 0004_search, because Django cannot make a partitioned table.
        indexes = [
            GinIndex(fields=["terms", "pairs"], name="searchsample_terms"),
            models.Index(F("day").desc(), name="searchsample_newest"),
        ]
