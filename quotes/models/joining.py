"""Two records found to be one, and what that moved: kept so that it can be undone exactly (invariant 9)."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .base import RecordQuerySet
from .speaker import Speaker
from .statement import Statement, open_to


class Move(models.Model):
    """What one joining, splitting or merging moved; only ever added, and closed once when it is undone.

    `moved` holds keys of rows by what they are. The database notes `hashes`, the content of the quotes concerned
    before it: where an undo gives back just that content, who joined and undid has not contributed to it.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    moved = models.JSONField(default=dict)
    hashes = models.JSONField(default=dict, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        editable=False,
    )
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class JoiningQuerySet(RecordQuerySet):
    """The questions that can be asked of joinings."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "statement__"))

    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at__isnull=True)


class Joining(Move):
    """Two statements that are one utterance, or one that was two.

    A join moves the quotes, links and topics of `other` to `statement`; `other` stays as a signpost. A split moves
    quotes of `statement` to `other`, which it enters; undone, that is gone, and only its key and its uid are known.
    """

    class Kind(models.TextChoices):
        JOIN = "join", "joined"
        SPLIT = "split", "split"

    kind = models.CharField(max_length=5, choices=Kind)
    statement = models.ForeignKey(
        Statement, on_delete=models.DO_NOTHING, db_constraint=False, related_name="joinings"
    )
    other = models.ForeignKey(
        Statement, on_delete=models.DO_NOTHING, db_constraint=False, related_name="joined_by"
    )
    other_uid = models.CharField(max_length=64, db_index=True)

    objects = JoiningQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["other"],
                condition=Q(kind="join", undone_at__isnull=True),
                name="joining_of_a_statement_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_uid} {self.get_kind_display()} {self.statement_id}"


class MergingQuerySet(RecordQuerySet):
    """The questions that can be asked of mergings."""

    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at__isnull=True)


class Merging(Move):
    """A speaker found to be another one: all that was `other`'s is `speaker`'s."""

    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="mergings")
    other = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="merged_by")

    objects = MergingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at__isnull=True), name="merging_of_a_speaker_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.speaker_id}"


class Different(models.Model):
    """Two speakers of whom somebody said that they are not one; the pair is suggested no more.

    `first` is the one with the lower key, so that a pair is kept once.
    """

    first = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="different_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=models.F("second")), name="different_pair_is_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
