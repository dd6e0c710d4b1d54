"""What came in by file, and what it did."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class ImportRun(models.Model):
    """One import of one or more files, by one person."""

    class State(models.TextChoices):
        CHECKED = "checked", "checked, nothing written"
        RUNNING = "running", "running"
        DONE = "done", "done"
        REFUSED = "refused", "refused, nothing written"
        UNDONE = "undone", "undone"

    UNDO = "undo"
    """The deed of a process that takes an import back, as its note in `progress_file` says it."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="Bytes.")
    state = models.CharField(max_length=8, choices=State)
    counts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("import_quotes", "Can import files")]

    def __str__(self) -> str:
        return self.name

    @property
    def progress_file(self) -> Path:
        """Where the process of this run writes how far it is, apart from the rows that it holds."""
        return Path(settings.DATA_DIR) / "imports" / f"{self.pk}.progress"


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    """The questions that can be asked of the rows of imports."""

    def open_proposals(self) -> Self:
        """Keep what an import has proposed and nobody has decided yet."""
        return self.filter(
            action=ImportRow.Action.PROPOSED, settled_at__isnull=True, run__state=ImportRun.State.DONE
        )


class ImportRow(models.Model):
    """What one row of a file did, or why it was refused, or what it proposes."""

    class Action(models.TextChoices):
        CREATED = "created", "created"
        UPDATED = "updated", "updated"
        UNCHANGED = "unchanged", "unchanged"
        PROPOSED = "proposed", "proposed"
        REFUSED = "refused", "refused"

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    path = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=60)
    key = models.JSONField(default=list)
    action = models.CharField(max_length=9, choices=Action)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    message = models.TextField(blank=True)
    settled_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When the last field of a proposal was decided, or a later import repeated it.",
    )

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["run", "pk"]
        indexes = [
            models.Index(
                fields=["model"],
                condition=models.Q(action="proposed", settled_at__isnull=True),
                name="importrow_open_proposal",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"


class ImportDecision(models.Model):
    """What somebody has decided on one field that an import has proposed; never changed, never deleted.

    The value itself is not repeated here, only its digest: it is in the row, and the log of a decision must not tell
    what the log of a held-back statement would not.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"

    row = models.ForeignKey(ImportRow, on_delete=models.PROTECT, related_name="decisions")
    field = models.CharField(max_length=60)
    digest = models.CharField(
        max_length=64, db_index=True, help_text="SHA-256 of record, field and proposed value."
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["row", "field"], name="importdecision_once_for_each_field")
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.verdict}"
