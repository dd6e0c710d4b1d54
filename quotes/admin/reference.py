"""Curation of what statements refer to: speakers, outlets, articles, topics, measures."""

from __future__ import annotations

from django.contrib import admin

from quotes.models import Article, Measure, Outlet, Speaker, SpeakerName, Tenure, Topic

from .base import RecordAdmin, RecordInline


class SpeakerNameInline(RecordInline):
    """Every way in which the name is written."""

    model = SpeakerName
    fields = ("text", "language", "kind", "version")


class TenureInline(RecordInline):
    """The roles that the person held."""

    model = Tenure
    fk_name = "person"
    autocomplete_fields = ("organisation",)
    fields = (
        "title",
        "organisation",
        "starts",
        "starts_precision",
        "ends",
        "ends_precision",
        "speaks_for",
        "source_url",
        "version",
    )


@admin.register(Speaker)
class SpeakerAdmin(RecordAdmin):
    """Speakers with their names and roles. Merging two of them is an action, not an edit."""

    list_display = ("name", "kind", "country", "slug", "updated_at")
    list_filter = ("kind",)
    search_fields = ("name", "slug", "names__text", "wikidata_id")
    search_help_text = "A name in any script, a slug or a Wikidata number."
    prepopulated_fields = {"slug": ("name",)}
    fields = (
        "name",
        "slug",
        "kind",
        "description",
        "country",
        "wikidata_id",
        "redirects_to",
        "version",
    )
    readonly_fields = ("redirects_to",)
    inlines = (SpeakerNameInline, TenureInline)


@admin.register(Outlet)
class OutletAdmin(RecordAdmin):
    """Outlets and who owns them: two of one owner are one root."""

    list_display = ("name", "kind", "country", "owner", "domain")
    list_filter = ("kind",)
    list_select_related = ("owner",)
    search_fields = ("name", "slug", "domain")
    autocomplete_fields = ("owner",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "kind", "country", "language", "domain", "owner", "version")


@admin.register(Article)
class ArticleAdmin(RecordAdmin):
    """Articles by their canonical address."""

    list_display = ("headline", "outlet", "language", "published_at")
    list_filter = ("language",)
    list_select_related = ("outlet",)
    search_fields = ("headline", "url", "outlet__name")
    autocomplete_fields = ("outlet",)
    fields = (
        "url",
        "outlet",
        "headline",
        "byline",
        "language",
        "published_at",
        "retrieved_at",
        "version",
    )


@admin.register(Topic)
class TopicAdmin(RecordAdmin):
    """What statements are about."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "version")


@admin.register(Measure)
class MeasureAdmin(RecordAdmin):
    """What numbers count, and in which unit."""

    list_display = ("name", "unit", "slug")
    search_fields = ("name", "slug", "unit")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "unit", "version")
