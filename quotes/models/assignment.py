"""Who is asked to verify or to correct a quote, by whom, and why."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .base import RecordQuerySet
from .quote import Quote
from .statement import open_to


class AssignmentQuerySet(RecordQuerySet):
    """The questions that can be asked of assignments."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))


class Assignment(models.Model):
    """One quote in one person's hands: one at a time, taken away when it is done or taken back.

    Like a claim it says nothing about the words and changes no standing; unlike a claim it does not run out, and
    somebody else gave it. What was, is in the log. The database keeps who may be asked (constraints `assignment_…`).
    """

    class Task(models.TextChoices):
        VERIFY = "verify", "verify"
        CORRECT = "correct", "correct"

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, primary_key=True, related_name="assignment")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=7, choices=Task)
    reason = models.TextField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="assignment_has_a_reason")]
        indexes = [models.Index(fields=["to"], name="assignment_of_person")]

    def __str__(self) -> str:
        return f"{self.quote_id} to {self.to_id}"

    @property
    def mark(self) -> str:
        """What a form carries to say which assignment it was opened with."""
        return f"{self.to_id}.{self.task}.{self.at:%Y%m%dT%H%M%S%f}"
