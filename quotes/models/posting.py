"""Forms that were sent, with what was answered, so that sending one twice happens once (PRODUCT.md §8)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Posting(models.Model):
    """One accepted form; `quotes.actions.once` writes it in the transaction of what the form did.

    It is no record of the newsroom: it holds nothing that its sender was not told, and goes after a day.
    """

    digest = models.CharField(
        max_length=64, primary_key=True, editable=False, help_text="Of key, person, rights, address and form."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, editable=False, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=Now(), editable=False)
    status = models.PositiveSmallIntegerField(null=True, editable=False)
    headers = models.JSONField(default=dict, editable=False)
    body = models.TextField(blank=True, editable=False)
    wrote = models.JSONField(
        db_default={}, editable=False, help_text="Its records by table, and the number of its last event."
    )
    said = models.JSONField(default=list, editable=False, help_text="Messages: level, text, tags.")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["at"], name="posting_oldest")]

    def __str__(self) -> str:
        return f"{self.digest[:8]}: {self.status}"
