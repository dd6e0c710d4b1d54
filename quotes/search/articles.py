"""Articles, and their captured text with its quotes marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.utils import timezone

from quotes.models import Article, Capture, Outlet, Quote
from quotes.models.statement import open_to
from quotes.search.keyset import after_newest, page_of
from quotes.search.sources import spare_words, text_is_open
from quotes.text.passages import Paragraph, Span, paragraphs

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A page of articles, newest first; `outlets` are those that can be asked for, with their numbers."""

    rows: Sequence[Article]
    total: int
    next: str
    outlet: Outlet | None
    outlets: Sequence[Outlet]


@dataclass(frozen=True, slots=True)
class MarkedParagraph:
    """A paragraph and the quotes that begin in it, for the margin."""

    paragraph: Paragraph
    quotes: Sequence[Quote]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article: its captured text with marks, or only its quotes where none is held (or may be shown)."""

    article: Article
    capture: Capture | None
    paragraphs: Sequence[MarkedParagraph]
    quotes: Sequence[Quote]
    unplaced: Sequence[Quote]
    captures: int

    @property
    def zone(self) -> str:
        """The zone in which the page gives times."""
        return timezone.get_current_timezone_name()


def article_list(user: Any, *, outlet: str = "", cursor: str = "") -> ArticleList:
    """Return a page of the articles that `user` may know of.

    Args:
        outlet: the slug of an outlet: only its articles.
        cursor: where the page before ended.

    Raises:
        Http404: for an outlet that does not exist, or a cursor that no page gave.
    """
    visible = Article.objects.visible_to(user)
    chosen = None
    found = visible
    if outlet:
        chosen = Outlet.objects.filter(slug=outlet).first()
        if chosen is None:
            raise Http404
        found = visible.filter(outlet=chosen)
    number = Count("quotes", filter=open_to(user, "quotes__statement__"))
    listed = after_newest(found.newest_first(), cursor, "published_at", dt.datetime)
    page = page_of(
        listed.select_related("outlet").annotate(number=number),
        PER_PAGE,
        lambda article: article.published_at,
    )
    outlets = (
        Outlet.objects.annotate(number=Count("articles", filter=Q(articles__in=visible)))
        .filter(number__gt=0)
        .order_by("-number", "name", "pk")
    )
    return ArticleList(page.rows, found.count(), page.next, chosen, list(outlets))


def article_page(key: int, user: Any) -> ArticlePage:
    """Read one article with the quotes of it that `user` may know of.

    Its latest captured text is shown with the quotes marked that have their place in it. It is not shown when
    a quote stands in it that `user` may not know of, for the text would give it away (invariant 12).

    Raises:
        Http404: when there is no such article, or none that `user` may know of.
    """
    article = Article.objects.visible_to(user).select_related("outlet__owner").filter(pk=key).first()
    if article is None:
        raise Http404
    quotes = list(
        Quote.objects.visible_to(user)
        .filter(article=article)
        .select_related("standing", "statement__speaker", "statement__uttered_by")
        .order_by("start", "pk")
    )
    spare_words(quotes, user)
    captures = list(article.captures.defer("body").order_by("-captured_at", "-pk"))
    capture = captures[0] if captures else None
    if capture is None or not text_is_open(article.pk, user):
        return ArticlePage(article, None, (), quotes, quotes, 0)
    placed = [quote for quote in quotes if quote.capture_id == capture.pk and quote.start is not None]
    spans = [Span(quote.start or 0, quote.end or 0, quote.pk) for quote in placed]
    by_key = {quote.pk: quote for quote in placed}
    marked = [
        MarkedParagraph(
            paragraph, [by_key[key] for piece in paragraph.pieces for key in piece.opens if key in by_key]
        )
        for paragraph in paragraphs(capture.body, spans)
    ]
    unplaced = [quote for quote in quotes if quote.pk not in by_key]
    return ArticlePage(article, capture, marked, quotes, unplaced, len(captures))
