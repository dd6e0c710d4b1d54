"""Where words were published, and the text as it stood."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from .base import Record, RecordQuerySet
from .outlet import Outlet


class ArticleQuerySet(RecordQuerySet):
    """Questions that can be asked of articles."""

    def visible_to(self, user: Any) -> Self:
        """Leave out articles that hold nothing but what `user` may not know of (invariant 12)."""
        from .quote import Quote

        if user.has_perm("quotes.view_restricted"):
            return self.all()
        quotes = Quote.objects.filter(article=OuterRef("pk"))
        return self.filter(Exists(quotes.visible_to(user)) | ~Exists(quotes))

    def newest_first(self) -> Self:
        """By publication; articles without a known one come last."""
        return self.order_by(F("published_at").desc(nulls_last=True), "-pk")

    def get_by_natural_key(self, url: str) -> Any:
        return self.get(url=url)


class Article(Record):
    """One published page, broadcast or post, known by its canonical address."""

    url = models.URLField(max_length=2000, unique=True)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="articles")
    headline = models.CharField(max_length=500)
    byline = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=12)
    published_at = models.DateTimeField(null=True, blank=True)
    retrieved_at = models.DateTimeField(null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = [F("published_at").desc(nulls_last=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://[^\s]+$"), name="article_url_is_a_web_address"
            )
        ]

    def __str__(self) -> str:
        return self.headline

    def natural_key(self) -> tuple[str]:
        return (self.url,)

    natural_key.dependencies = ["quotes.outlet"]  # type: ignore[attr-defined]


class CaptureQuerySet(RecordQuerySet):
    """The questions that can be asked of capture records."""

    def get_by_natural_key(self, article: str, sha256: str) -> Any:
        return self.get(article__url=article, sha256=sha256)


class Capture(models.Model):
    """An article's text as it stood at one moment. The database refuses every change (invariant 1)."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="captures")
    sha256 = models.CharField(max_length=64, help_text="Of the body in UTF-8; the database checks it.")
    captured_at = models.DateTimeField()
    body = models.TextField()
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

    objects = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["-captured_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "sha256"], name="capture_natural_key"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="capture_sha256_is_hexadecimal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article} ({self.sha256[:8]})"

    def natural_key(self) -> tuple[str, str]:
        return (*self.article.natural_key(), self.sha256)

    natural_key.dependencies = ["quotes.article"]  # type: ignore[attr-defined]
