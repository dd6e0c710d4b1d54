"""What the admin only shows: statements and quotes are edited on their pages, checks and audit never."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from quotes.models import AuditEvent, Check, Evidence, Link, Quote, Statement

from .base import ReadOnlyAdmin


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    """Statements."""

    list_display = ("gist", "speaker", "said_on", "record", "uid")
    list_filter = ("record",)
    list_select_related = ("speaker",)
    search_fields = ("uid", "gist", "speaker__name")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Quotes with their standing."""

    list_display = ("text", "kind", "standing_word", "article", "uid")
    list_filter = ("kind", "standing__value")
    list_select_related = ("standing", "article")
    search_fields = ("uid", "text")

    @admin.display(description="standing", ordering="standing__value")
    def standing_word(self, quote: Quote) -> str:
        """Return the standing in words."""
        return str(quote.standing)


@admin.register(Check)
class CheckAdmin(ReadOnlyAdmin):
    """Checks, as they were signed."""

    list_display = ("quote", "by", "at", "full_pass", "ruling")
    list_filter = ("full_pass", "ruling")
    list_select_related = ("quote", "by")
    search_fields = ("quote__uid", "by__username")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """Evidence for and against quotes."""

    list_display = ("quote", "kind", "stance", "primary", "url")
    list_filter = ("kind", "stance", "primary")
    list_select_related = ("quote",)
    search_fields = ("quote__uid", "url")


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    """Links between statements."""

    list_display = ("source", "type", "target", "state", "decided_by")
    list_filter = ("type", "state")
    list_select_related = ("source", "target", "decided_by")
    search_fields = ("source__uid", "target__uid")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The audit log."""

    list_display = ("id", "at", "actor", "verb", "table", "record_pk")
    list_filter = ("table",)
    search_fields = ("actor", "verb")
    fields = ("id", "at", "actor", "verb", "table", "record_pk", "before", "after", "seal")
    list_select_related = ()

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.has_perm("quotes.view_auditevent"))
