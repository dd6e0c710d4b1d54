"""Standing follows from checks, evidence and content; the database keeps that (invariants 2–4)."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.serializers import deserialize
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from quotes.actions.audit import acting
from quotes.models import (
    Article,
    Check,
    Claim,
    Contribution,
    Figure,
    Measure,
    Outlet,
    Quote,
    Relay,
    Speaker,
    Standing,
    Statement,
    Tenure,
)

from . import factories as make

pytestmark = pytest.mark.django_db


def standing(quote: Quote) -> str:
    return Standing.objects.get(pk=quote.pk).value


def refused(constraint: str) -> Any:
    """Expect the database to refuse, for this reason and no other."""
    return pytest.raises(
        IntegrityError, check=lambda error: error.__cause__.diag.constraint_name == constraint
    )


@pytest.fixture
def quote(reporter: Any) -> Quote:
    return make.a_held_quote(by=reporter)


@pytest.fixture
def verified(quote: Quote, verifier: Any, second_verifier: Any) -> Quote:
    make.a_check(quote, verifier)
    make.a_check(quote, second_verifier)
    assert standing(quote) == "verified"
    return quote


class TestTheWayUp:
    def test_a_new_quote_is_unchecked(self, quote: Quote) -> None:
        assert standing(quote) == "unchecked"

    def test_one_full_pass_puts_it_in_review(self, quote: Quote, verifier: Any) -> None:
        make.a_check(quote, verifier)
        assert standing(quote) == "in_review"

    def test_a_claim_alone_puts_it_in_review_until_it_is_released(self, quote: Quote, verifier: Any) -> None:
        until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
        with acting(by=verifier, verb="verify.claim"):
            claim = Claim.objects.create(quote=quote, by=verifier, expires_at=until)
        assert standing(quote) == "in_review"
        with acting(by=verifier, verb="verify.release"):
            claim.delete()
        assert standing(quote) == "unchecked"

    def test_two_full_passes_by_two_people_verify_it(self, verified: Quote) -> None:
        assert Standing.objects.get(pk=verified.pk).passes == 2

    def test_the_same_person_twice_does_not_verify_it(self, quote: Quote, verifier: Any) -> None:
        make.a_check(quote, verifier)
        make.a_check(quote, verifier)
        assert standing(quote) == "in_review"

    def test_an_unclear_axis_is_no_full_pass(self, quote: Quote, verifier: Any, second_verifier: Any) -> None:
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier, dating="unclear")
        assert standing(quote) == "in_review"

    def test_a_quote_of_which_nothing_is_held_cannot_pass_its_wording(
        self, reporter: Any, verifier: Any
    ) -> None:
        quote = make.a_quote(by=reporter)
        assert quote.standing.depth == "cited"
        with refused("check_wording_needs_evidence"):
            make.a_check(quote, verifier)

    def test_a_paraphrase_of_which_nothing_is_held_is_never_verified(
        self, reporter: Any, verifier: Any, second_verifier: Any
    ) -> None:
        quote = make.a_quote(by=reporter, kind="indirect")
        make.a_check(quote, verifier)
        make.a_check(quote, second_verifier)
        assert standing(quote) == "in_review"
        make.some_evidence(quote, by=reporter)
        assert standing(quote) == "verified"

    def test_primary_evidence_takes_the_depth_to_the_recording(self, quote: Quote, verifier: Any) -> None:
        assert Standing.objects.get(pk=quote.pk).depth == "report"
        make.some_evidence(quote, kind="recording", primary=True, by=verifier)
        assert Standing.objects.get(pk=quote.pk).depth == "primary"


class TestTheWayDown:
    def test_a_fail_disputes_it(self, verified: Quote, curator: Any) -> None:
        make.a_check(verified, curator, context="fail")
        assert standing(verified) == "disputed"

    def test_its_author_can_take_a_fail_back(self, verified: Quote, curator: Any) -> None:
        make.a_check(verified, curator, context="fail")
        make.a_check(verified, curator)
        assert standing(verified) == "verified"

    def test_refuting_evidence_disputes_it_until_it_is_answered_by_two(
        self, verified: Quote, verifier: Any, second_verifier: Any, reporter: Any
    ) -> None:
        make.some_evidence(verified, "refutes", by=reporter)
        assert standing(verified) == "disputed"
        make.a_check(verified, verifier)
        assert standing(verified) == "disputed"
        make.a_check(verified, second_verifier)
        assert standing(verified) == "verified"

    @pytest.mark.parametrize(
        ("ruling", "value"),
        [
            ("disputed", "disputed"),
            ("misattributed", "misattributed"),
            ("retracted", "retracted"),
            ("not_a_statement", "retracted"),
        ],
    )
    def test_a_ruling_stands_until_two_others_have_passed_the_quote(
        self, verified: Quote, curator: Any, verifier: Any, second_verifier: Any, ruling: str, value: str
    ) -> None:
        make.a_check(verified, curator, ruling=ruling, reason="The recording says otherwise.")
        assert standing(verified) == value
        make.a_check(verified, verifier)
        assert standing(verified) == value
        make.a_check(verified, second_verifier)
        assert standing(verified) == "verified"

    def test_a_ruling_needs_a_reason(self, quote: Quote, verifier: Any) -> None:
        with refused("check_ruling_has_a_reason"):
            make.a_check(quote, verifier, ruling="retracted")


CHANGES = {
    "the words": lambda q: Quote.objects.filter(pk=q.pk).update(start=None, end=None, text="Other words"),
    "the kind": lambda q: Quote.objects.filter(pk=q.pk).update(kind="mixed"),
    "the cue": lambda q: Quote.objects.filter(pk=q.pk).update(cue="warned"),
    "the printed name": lambda q: Quote.objects.filter(pk=q.pk).update(speaker_as_printed="Zelensky"),
    "the anchor": lambda q: Quote.objects.filter(pk=q.pk).update(start=None, end=None),
    "the language": lambda q: Quote.objects.filter(pk=q.pk).update(language="fr"),
    "the statement": lambda q: Quote.objects.filter(pk=q.pk).update(statement=make.a_statement()),
    "the speaker": lambda q: Statement.objects.filter(pk=q.statement_id).update(speaker=make.a_speaker()),
    "the mouth": lambda q: Statement.objects.filter(pk=q.statement_id).update(uttered_by=make.a_speaker()),
    "the day": lambda q: Statement.objects.filter(pk=q.statement_id).update(
        said_on=dt.date(2026, 2, 3), said_on_precision="day"
    ),
    "the occasion": lambda q: Statement.objects.filter(pk=q.statement_id).update(occasion="A briefing"),
    "the original": lambda q: Statement.objects.filter(pk=q.statement_id).update(original_text="Слова"),
    "the person's name": lambda q: Speaker.objects.filter(pk=q.statement.speaker_id).update(name="New"),
    "a role on that day": lambda q: Tenure.objects.create(
        person=q.statement.speaker, title="Minister", source_url="https://roles.example/1"
    ),
    "the headline": lambda q: Article.objects.filter(pk=q.article_id).update(headline="New"),
    "the address": lambda q: Article.objects.filter(pk=q.article_id).update(url="https://new.example/"),
    "the outlet": lambda q: Article.objects.filter(pk=q.article_id).update(outlet=make.an_outlet()),
    "the outlet's name": lambda q: Outlet.objects.filter(pk=q.article.outlet_id).update(name="New"),
    "a step of the chain": lambda q: Relay.objects.create(quote=q, position=1, as_printed="media"),
    "a figure": lambda q: make.a_figure(q),
}


class TestStale:
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
    def test_a_change_of_what_was_checked_voids_it_in_the_same_transaction(
        self, verified: Quote, change: Any
    ) -> None:
        with transaction.atomic():
            change(verified)
            assert standing(verified) == "stale"

    def test_a_change_of_a_figure_and_of_its_measure_voids_it(
        self, quote: Quote, verifier: Any, second_verifier: Any
    ) -> None:
        figure = make.a_figure(quote)
        for change in (
            lambda: Figure.objects.filter(pk=figure.pk).update(low=60_000, high=60_000),
            lambda: Measure.objects.filter(pk=figure.measure_id).update(unit="cases"),
            lambda: Figure.objects.filter(pk=figure.pk).delete(),
        ):
            make.a_check(quote, verifier)
            make.a_check(quote, second_verifier)
            assert standing(quote) == "verified"
            change()
            assert standing(quote) == "stale"

    def test_a_change_of_what_is_not_shown_for_checking_voids_nothing(self, verified: Quote) -> None:
        Statement.objects.filter(pk=verified.statement_id).update(gist="Another line")
        Speaker.objects.filter(pk=verified.statement.speaker_id).update(description="More about her")
        Outlet.objects.filter(pk=verified.article.outlet_id).update(domain="example.org")
        assert standing(verified) == "verified"

    def test_what_another_quote_shows_voids_nothing_here(self, verified: Quote) -> None:
        other = make.a_quote(verified.statement, "The same in other words")
        Quote.objects.filter(pk=other.pk).update(cue="claimed")
        assert standing(verified) == "verified"

    def test_a_change_and_back_makes_the_checks_count_again(self, verified: Quote) -> None:
        Quote.objects.filter(pk=verified.pk).update(cue="warned")
        Quote.objects.filter(pk=verified.pk).update(cue="said")
        assert standing(verified) == "verified"


class TestRoadsToVerified:
    """Every road on which fewer than two entitled people who did not contribute would verify a quote."""

    def test_who_entered_it_cannot_pass_it(self, verifier: Any) -> None:
        quote = make.a_held_quote(by=verifier)
        with refused("check_is_not_by_a_contributor"):
            make.a_check(quote, verifier)

    def test_who_edited_any_part_of_it_cannot_pass_it(self, quote: Quote, verifier: Any) -> None:
        with acting(by=verifier, verb="articles.edit"):
            Article.objects.filter(pk=quote.article_id).update(headline="Better")
        with refused("check_is_not_by_a_contributor"):
            make.a_check(quote, verifier)

    def test_who_entered_the_statement_cannot_pass_what_another_puts_under_it(
        self, verifier: Any, reporter: Any
    ) -> None:
        quote = make.a_held_quote(make.a_statement(by=verifier), by=reporter)
        with refused("check_is_not_by_a_contributor"):
            make.a_check(quote, verifier)

    def test_who_edited_the_statement_cannot_pass_a_quote_that_came_later(
        self, verifier: Any, reporter: Any
    ) -> None:
        statement = make.a_statement(by=reporter)
        with acting(by=verifier, verb="statements.edit"):
            Statement.objects.filter(pk=statement.pk).update(occasion="An interview")
        quote = make.a_held_quote(statement, by=reporter)
        with refused("check_is_not_by_a_contributor"):
            make.a_check(quote, verifier)

    def test_an_earlier_editor_stays_a_contributor_after_others_edited(
        self, quote: Quote, verifier: Any, reporter: Any
    ) -> None:
        for person, cue in ((verifier, "warned"), (reporter, "added")):
            with acting(by=person, verb="quotes.edit"):
                Quote.objects.filter(pk=quote.pk).update(cue=cue)
        with refused("check_is_not_by_a_contributor"):
            make.a_check(quote, verifier)

    def test_a_contributor_may_still_report_what_is_wrong(self, verifier: Any) -> None:
        quote = make.a_held_quote(by=verifier)
        make.a_check(quote, verifier, wording="fail")
        assert standing(quote) == "disputed"

    def test_a_reporter_cannot_check_at_all(self, quote: Quote, reporter: Any) -> None:
        with refused("check_needs_the_right"):
            make.a_check(quote, reporter, wording="fail")

    def test_a_deactivated_verifier_cannot_check(self, quote: Quote, verifier: Any) -> None:
        type(verifier).objects.filter(pk=verifier.pk).update(is_active=False)
        with refused("check_needs_the_right"):
            make.a_check(quote, verifier)

    def test_nobody_signs_in_another_name(self, quote: Quote, verifier: Any, second_verifier: Any) -> None:
        with refused("check_is_ones_own"), acting(by=verifier, verb="verify.check"):
            Check.objects.create(quote=quote, by=second_verifier, seen=quote.standing.content_hash)

    def test_a_check_without_anybody_acting_is_refused(self, quote: Quote, verifier: Any) -> None:
        with refused("check_is_ones_own"), transaction.atomic():
            Check.objects.bulk_create([Check(quote=quote, by=verifier, seen=quote.standing.content_hash)])

    def test_a_check_of_what_was_shown_before_a_change_is_refused(self, quote: Quote, verifier: Any) -> None:
        seen = quote.standing.content_hash
        Quote.objects.filter(pk=quote.pk).update(cue="warned")
        with refused("check_is_of_the_present_content"):
            make.a_check(quote, verifier, seen=seen)

    def test_an_axis_that_does_not_apply_is_refused(self, quote: Quote, verifier: Any) -> None:
        with refused("check_axis_applies"):
            make.a_check(quote, verifier, figure="pass")

    def test_an_axis_that_applies_must_be_answered(self, quote: Quote, verifier: Any) -> None:
        with refused("check_answers_every_axis"):
            make.a_check(quote, verifier, context=None)

    def test_full_pass_cannot_be_claimed(self, quote: Quote, verifier: Any) -> None:
        check = make.a_check(quote, verifier, dating="unclear", full_pass=True)
        check.refresh_from_db()
        assert not check.full_pass

    @pytest.mark.parametrize(
        "road",
        [
            lambda q: Standing.objects.filter(pk=q.pk).update(value="verified"),
            lambda q: Standing.objects.filter(pk=q.pk).delete(),
            lambda q: Standing.objects.bulk_update(
                [Standing(pk=q.pk, value="verified", passes=2)], ["value", "passes"]
            ),
            lambda q: sql("INSERT INTO quotes_policy (id, checks_needed) VALUES (1, 1)"),
            lambda q: sql("UPDATE quotes_policy SET checks_needed = 0"),
            lambda q: sql("DELETE FROM quotes_contribution"),
            lambda q: sql("UPDATE quotes_check SET attribution = 'pass'"),
            lambda q: sql("DELETE FROM quotes_check"),
            lambda q: sql("TRUNCATE quotes_check"),
            lambda q: sql("ALTER TABLE quotes_check DISABLE TRIGGER ALL"),
            lambda q: sql("SET session_replication_role = replica"),
            lambda q: sql("SELECT verbatim_refresh(ARRAY[1])"),
            lambda q: sql("CREATE TABLE quotes_other ()"),
        ],
    )
    def test_the_app_cannot_write_what_is_derived_or_signed(self, quote: Quote, road: Any) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            road(quote)
        assert standing(quote) == "unchecked"

    def test_a_fixture_cannot_bring_a_standing_on_a_quote(self) -> None:
        with pytest.raises(DeserializationError):
            list(deserialize("json", '[{"model": "quotes.quote", "fields": {"standing": "verified"}}]'))

    def test_a_fixture_cannot_bring_a_standing_record(self, quote: Quote) -> None:
        fields = {
            "value": "verified",
            "depth": "primary",
            "passes": 2,
            "needed": 2,
            "content_hash": "x",
            "since": "2026-02-05T00:00:00Z",
        }
        record = json.dumps([{"model": "quotes.standing", "pk": quote.pk, "fields": fields}])
        (entry,) = deserialize("json", record)
        with pytest.raises(DatabaseError), transaction.atomic():
            entry.save()


@pytest.mark.django_db(transaction=True)
class TestTheOwner:
    def test_even_the_owner_cannot_set_a_standing_or_change_what_was_signed(
        self, reporter: Any, verifier: Any
    ) -> None:
        quote = make.a_held_quote(by=reporter)
        make.a_check(quote, verifier)
        with connection.as_owner():
            for road in (
                "UPDATE quotes_standing SET value = 'verified'",
                "INSERT INTO quotes_standing SELECT * FROM quotes_standing",
                "UPDATE quotes_check SET attribution = 'fail'",
                "DELETE FROM quotes_check",
                "UPDATE quotes_capture SET body = 'x'",
                "DELETE FROM quotes_evidence",
            ):
                if "evidence" in road:
                    make.some_evidence(quote)
                with pytest.raises(DatabaseError), transaction.atomic():
                    sql(road)
        assert standing(quote) == "in_review"

    def test_a_lower_number_of_checks_needed_applies_to_all_quotes_at_once(
        self, reporter: Any, verifier: Any
    ) -> None:
        quote = make.a_held_quote(by=reporter)
        make.a_check(quote, verifier)
        need = (
            "INSERT INTO quotes_policy (id, checks_needed) VALUES (1, {0})"
            " ON CONFLICT (id) DO UPDATE SET checks_needed = {0}"
        )
        with connection.as_owner():
            sql(need.format(1))
            assert standing(quote) == "verified"
            sql(need.format(2))
        assert standing(quote) == "in_review"


def test_the_mouth_that_imports_counts_as_a_contributor(reporter: Any) -> None:
    quote = make.a_held_quote(by=reporter)
    assert list(Contribution.objects.filter(quote=quote).values_list("user", flat=True)) == [reporter.pk]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
