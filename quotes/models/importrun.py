"""What came in by file, and what it did."""

from __future__ import annotations

from pathlib import Path

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

    class Meta:
        ordering = ["run", "pk"]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
