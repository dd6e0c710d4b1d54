"""The one app."""

from django.apps import AppConfig


class QuotesConfig(AppConfig):
    """Quotes, their speakers and sources, and what was checked."""

    name = "quotes"
    label = "quotes"
    verbose_name = "Verbatim"
    default_auto_field = "django.db.models.BigAutoField"
