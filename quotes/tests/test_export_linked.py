"""Linked data: who is named as the author of what, and anchors that lead to their words."""

import json
from typing import Any

import pytest

from quotes.models import Quote
from quotes.search.export import OPERATOR

from . import factories as make
from .exporting import some_secrets, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def secrets() -> dict[str, Any]:
    """Quotes that are open, off the record, under embargo, and on background."""
    return some_secrets()


class TestClaimReviews:
    def reviews(self, user: Any = OPERATOR) -> list[dict[str, Any]]:
        told = json.loads(text_of("claimreview", user))
        assert told["@context"] == "https://schema.org"
        graph: list[dict[str, Any]] = told["@graph"]
        return graph

    def verified(self, quote: Any, *people: Any) -> Any:
        make.some_evidence(quote, primary=True, url="https://video.example/1")
        for person in people:
            make.a_check(quote, person)
        assert Quote.objects.get(pk=quote.pk).standing.value == "verified"
        return quote

    def test_verified_means_said_and_is_no_number(self, verifier: Any, second_verifier: Any) -> None:
        ada = make.a_speaker("Ada", wikidata_id="Q7259")
        make.a_tenure(ada, "President", starts="2019-05-20")
        statement = make.a_statement(ada, said_on="2026-02-04")
        root = make.an_outlet("France 2")
        quote = self.verified(make.a_held_quote(statement, chain=[root]), verifier, second_verifier)
        make.a_quote(statement)  # unchecked: not in it
        (review,) = self.reviews()
        assert review["@type"] == "ClaimReview"
        assert review["url"] == f"https://desk.example/statements/{statement.uid}/"
        assert review["claimReviewed"] == f"Ada said: “{quote.text}”"
        rating = review["reviewRating"]
        assert rating["alternateName"] == "Attribution verified"
        assert "says nothing of whether it is true" in rating["ratingExplanation"]
        assert "ratingValue" not in rating
        claim = review["itemReviewed"]
        assert claim["author"] == {
            "@type": "Person", "name": "Ada", "sameAs": "https://www.wikidata.org/wiki/Q7259", "jobTitle": "President",
        }  # fmt: skip
        assert claim["text"] == quote.text
        assert claim["datePublished"] == "2026-02-04"
        assert [one["url"] for one in claim["appearance"]] == [quote.article.url]
        assert claim["firstAppearance"] == {
            "@type": "CreativeWork",
            "publisher": {"@type": "Organization", "name": "France 2"},
            "url": "https://video.example/1",
        }

    @pytest.mark.parametrize(
        ("ruling", "rating"),
        [
            ("disputed", "Attribution disputed"),
            ("misattributed", "Misattributed"),
            ("retracted", "Retracted"),
        ],
    )
    def test_words_that_are_not_verified_have_the_reporter_as_their_author(
        self, verifier: Any, second_verifier: Any, ruling: str, rating: str
    ) -> None:
        statement = make.a_statement(make.a_speaker("Ada"))
        good = self.verified(make.a_held_quote(statement), verifier, second_verifier)
        bad = make.a_quote(
            statement, "We lost </script><b>", article=make.an_article(make.an_outlet("Rumour"))
        )
        make.a_check(bad, verifier, ruling=ruling, reason="Not on the tape.")
        reviews = {one["url"]: one for one in self.reviews()}
        assert len(reviews) == 2
        assert (
            reviews[f"https://desk.example/statements/{statement.uid}/"]["itemReviewed"]["text"] == good.text
        )
        review = reviews[f"https://desk.example/quotes/{bad.uid}/"]
        assert review["reviewRating"]["alternateName"] == rating
        assert review["itemReviewed"]["author"]["name"] == "Rumour"
        assert review["itemReviewed"]["about"]["name"] == "Ada"
        assert review["claimReviewed"].startswith("Rumour reported that Ada said: ")
        assert "</script>" not in text_of("claimreview")


class TestAnnotations:
    def test_every_anchored_quote_leads_to_its_words_by_both_selectors(self) -> None:
        body = "𝒳 “Nous sommes prêts.” — “We are ready,” he said. “We are ready,” she said."
        article = make.an_article()
        first = make.a_quote(text="Nous sommes prêts.", article=article, body=body, prefix="kept")
        second = make.a_quote(text="We are ready,", article=article, body=body)
        make.a_quote(article=article)  # not anchored
        told = json.loads(text_of("annotation"))
        assert (told["@context"], told["type"], told["total"]) == (
            "http://www.w3.org/ns/anno.jsonld", "AnnotationCollection", 2,
        )  # fmt: skip
        items = told["first"]["items"]
        assert [one["id"] for one in items] == [
            f"https://desk.example/quotes/{quote.uid}/#annotation" for quote in (first, second)
        ]
        for item in items:
            target = item["target"]
            assert target["source"] == article.url
            quote, place = target["selector"]
            assert (quote["type"], place["type"]) == ("TextQuoteSelector", "TextPositionSelector")
            assert body[place["start"] : place["end"]] == quote["exact"]
            assert quote["prefix"] == "kept" or body[: place["start"]].endswith(quote["prefix"])
            assert body[place["end"] :].startswith(quote["suffix"])
            assert target["state"]["sourceDate"] == "2026-02-05T12:00:00Z"
        assert items[1]["target"]["selector"][0]["prefix"] == body[: second.start][-32:]

    def test_a_quote_beside_held_back_words_shows_nothing_around_it(self, secrets: dict[str, Any]) -> None:
        assert json.loads(text_of("annotation"))["total"] == 0
