"""What colleagues write beside a quote. Only ever added: what was said stays said."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .base import RecordQuerySet
from .quote import Quote
from .statement import open_to


class NoteQuerySet(RecordQuerySet):
    """The questions that can be asked of notes."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))


class Note(models.Model):
    """A remark on a quote; it is no part of its content and changes no standing.

    A `despite` says why words were entered although nearly the same were ruled misattributed or retracted before.
    """

    class Kind(models.TextChoices):
        NOTE = "note", "note"
        DESPITE = "despite", "entered despite a known fake"

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NOTE)
    text = models.TextField()

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="note_says_something")]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
