"""Searches that a person keeps, and when she last looked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SavedSearch(models.Model):
    """A search by its query string; it is never dropped, even when it no longer parses.

    `mailed_to` is the key of the newest statement when mail last told of it: what is newer is told next time.
    """

    class Mail(models.TextChoices):
        NEVER = "never", "No mail"
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_searches"
    )
    name = models.CharField(max_length=120)
    query = models.TextField(blank=True, help_text="The part of the address behind the question mark.")
    mail = models.CharField(max_length=7, choices=Mail, default=Mail.NEVER)
    mailed_to = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name_plural = "saved searches"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="savedsearch_name_once"),
            models.CheckConstraint(
                condition=models.Q(mail__in=["never", "at_once", "daily"]), name="savedsearch_mail_is_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name
