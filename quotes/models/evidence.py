"""What speaks for or against a quote. Evidence is added, never changed or taken away."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .base import RecordQuerySet
from .quote import Quote
from .statement import open_to


class EvidenceQuerySet(RecordQuerySet):
    """The questions that can be asked of evidence records."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(open_to(user, "quote__statement__"))

    def supporting(self) -> Self:
        return self.filter(stance=Evidence.Stance.SUPPORTS)

    def get_by_natural_key(self, quote: str, kind: str, url: str, timecode: str, stance: str) -> Any:
        return self.get(quote__uid=quote, kind=kind, url=url, timecode=timecode, stance=stance)


class Evidence(models.Model):
    """One piece of evidence on one quote."""

    class Kind(models.TextChoices):
        RECORDING = "recording", "recording"
        TRANSCRIPT = "transcript", "transcript"
        OFFICIAL_TEXT = "official_text", "official text"
        WIRE = "wire", "wire copy"
        ARCHIVE = "archive", "archived page"
        CONFIRMATION = "confirmation", "confirmation by the speaker’s office"
        OTHER = "other", "other"

    class Stance(models.TextChoices):
        SUPPORTS = "supports", "supports"
        REFUTES = "refutes", "refutes"
        SILENT = "silent", "does not address it"

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=13, choices=Kind)
    url = models.URLField(max_length=2000, blank=True)
    timecode = models.CharField(max_length=20, blank=True, help_text="Hours, minutes, seconds: 01:02:03.")
    excerpt = models.TextField(blank=True)
    primary = models.BooleanField(default=False, help_text="The recording or document itself.")
    stance = models.CharField(max_length=8, choices=Stance)
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

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["quote", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["quote", "kind", "url", "timecode", "stance"], name="evidence_natural_key"
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__regex=r"^https?://[^\s]+$"), name="evidence_url_is_a_web_address"
            ),
            models.CheckConstraint(condition=~Q(url="") | ~Q(excerpt=""), name="evidence_says_where_or_what"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_stance_display()})"

    def natural_key(self) -> tuple[str, str, str, str, str]:
        return (*self.quote.natural_key(), self.kind, self.url, self.timecode, self.stance)

    natural_key.dependencies = ["quotes.quote"]  # type: ignore[attr-defined]
