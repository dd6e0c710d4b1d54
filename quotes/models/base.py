"""What every record that people edit has in common."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

UID_PATTERN = r"[a-z0-9][a-z0-9-]{2,63}"
"""How a uid is spelt (PRODUCT.md §2): it is chosen by whoever enters the record and never changes."""

uid_validator = RegexValidator(
    rf"\A{UID_PATTERN}\Z",
    "A uid is 3 to 64 characters, a–z, 0–9 and hyphens, and starts with a letter or a digit.",
)

type Person = AbstractBaseUser | AnonymousUser


class Precision(models.TextChoices):
    """How much of a partial date is known."""

    DAY = "day", "day"
    MONTH = "month", "month"
    YEAR = "year", "year"


def last_day(day: dt.date, precision: str | None) -> dt.date:
    """Return the last day that a partial date can mean; the database's verbatim_last_day, in Python."""
    if precision == Precision.YEAR:
        return day.replace(month=12, day=31)
    if precision == Precision.MONTH:
        # Not by way of the next month: December 9999 has none.
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


class LastDay(models.Func):
    """`last_day` in a query: the date, then its precision."""

    function = "verbatim_last_day"
    arity = 2
    output_field = models.DateField()


class RecordQuerySet(models.QuerySet[Any]):
    """The questions that can be asked of every record."""

    def visible_to(self, user: Any) -> Self:
        """Leave out what `user` has no right to see; reference records hide nothing."""
        return self


class Record(models.Model):
    """A record that people edit.

    `version` is raised by the database with every change, whoever makes it; a writer says which
    version it has seen, and changes nothing when that is no longer the present one (rule 6).
    The four stamps are kept by the database too, from the actor of the transaction.
    """

    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )

    class Meta:
        abstract = True


def precise_date(field: str) -> models.CheckConstraint:
    """Return the constraint that a partial date and its precision are both known or both not known.

    A date known to the month is kept as the first of that month, one known to the year as the first
    of January, so that no day is invented (STACK.md §7: date parsers fill in today).
    """
    precision = f"{field}_precision"
    known = models.Q(**{f"{field}__isnull": False, f"{precision}__isnull": False})
    unknown = models.Q(**{f"{field}__isnull": True, f"{precision}__isnull": True})
    whole = (
        models.Q(**{precision: Precision.DAY})
        | models.Q(**{precision: Precision.MONTH, f"{field}__day": 1})
        | models.Q(**{precision: Precision.YEAR, f"{field}__day": 1, f"{field}__month": 1})
    )
    return models.CheckConstraint(
        condition=unknown | (known & whole),
        name=f"%(class)s_{field}_is_as_precise_as_it_says",
        violation_error_message=f"{field} and its precision do not fit together.",
    )


def precision_field() -> models.CharField[Any, Any]:
    """Return the field that says how much of the date beside it is known; null with a null date."""
    return models.CharField(max_length=5, choices=Precision, null=True, blank=True)
