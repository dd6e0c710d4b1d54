"""What a statement says of itself: its shown quote, its standing, its roots, and the roles held that day."""

import datetime as dt
from typing import Any

import pytest

from quotes.models import Outlet, Quote, Standing, Statement, Tenure, best_standing, independent_roots

from .factories import (
    a_check,
    a_held_quote,
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    an_article,
    an_outlet,
)

pytestmark = pytest.mark.django_db


def fresh(statement: Any) -> Any:
    """Return the statement as a page reads it, with nothing remembered."""
    return Statement.objects.for_list().get(pk=statement.pk)


# --- roots (invariant 6) ---


def roots_of(statement: Any) -> list[str]:
    return [outlet.name for outlet in fresh(statement).roots]


def test_ten_reports_of_one_broadcast_are_one_root() -> None:
    france2 = an_outlet("France 2", kind="broadcaster")
    statement = a_statement()
    for _ in range(10):
        a_quote(statement, chain=[an_outlet(), france2])
    assert roots_of(statement) == ["France 2"]
    assert fresh(statement).reports == 10


def test_without_a_chain_the_articles_own_outlet_is_the_root() -> None:
    statement = a_statement()
    a_quote(statement, article=an_article(an_outlet("FN News")))
    assert roots_of(statement) == ["FN News"]


def test_two_outlets_of_one_owner_are_one_root() -> None:
    group = an_outlet("Group")
    statement = a_statement()
    for _ in range(2):
        a_quote(statement, article=an_article(an_outlet(owner=group)))
    a_quote(statement, article=an_article(group))
    assert roots_of(statement) == ["Group"]


def test_an_owners_owner_counts_too_and_a_ring_of_owners_ends() -> None:
    top = an_outlet("Top")
    middle = an_outlet("Middle", owner=top)
    statement = a_statement()
    a_quote(statement, article=an_article(an_outlet(owner=middle)))
    assert roots_of(statement) == ["Top"]
    Outlet.objects.filter(pk=top.pk).update(owner=middle)
    assert len(roots_of(statement)) == 1


def test_an_unresolved_last_step_counts_as_no_root() -> None:
    statement = a_statement()
    a_quote(statement, chain=[an_outlet("Kyiv Post"), "Ukrainian media"])
    assert roots_of(statement) == []
    a_quote(statement, chain=["Ukrainian media", an_outlet("France 2")])
    assert roots_of(statement) == ["France 2"]


def test_the_chain_is_read_by_position_whatever_the_order_of_entry() -> None:
    quote = a_quote(chain=[an_outlet("Kyiv Post"), an_outlet("France 2")])
    first, last = quote.relays.order_by("position")
    type(first).objects.filter(pk=first.pk).update(position=3)
    assert Quote.objects.get(pk=quote.pk).root == first.outlet
    assert last.position == 2


def test_headline_and_text_of_one_article_are_one_report() -> None:
    statement, article = a_statement(), an_article()
    a_quote(statement, article=article)
    a_quote(statement, article=article)
    assert fresh(statement).reports == 1
    assert independent_roots([]) == []


# --- the shown quote and the standing (invariant 3) ---


def test_a_statement_shows_its_best_supported_quote(verifier: Any, second_verifier: Any) -> None:
    statement = a_statement()
    unchecked = a_quote(statement)
    reviewed = a_held_quote(statement)
    a_check(reviewed, verifier)
    assert fresh(statement).shown_quote == reviewed
    other = a_held_quote(statement)
    a_check(other, verifier)
    a_check(other, second_verifier)
    assert fresh(statement).shown_quote == other
    assert unchecked in fresh(statement).quotes.all()


def test_a_disputed_quote_neither_hides_nor_is_hidden(verifier: Any) -> None:
    statement = a_statement()
    good, bad = a_quote(statement), a_held_quote(statement)
    a_check(bad, verifier, ruling="misattributed", reason="Somebody else said it")
    found = fresh(statement)
    assert found.shown_quote == good
    assert found.adverse_quotes == [bad]


def test_with_nothing_else_the_adverse_quote_is_shown(verifier: Any) -> None:
    statement = a_statement()
    bad = a_held_quote(statement)
    a_check(bad, verifier, ruling="retracted", reason="Withdrawn")
    assert fresh(statement).shown_quote == bad
    assert fresh(a_statement()).shown_quote is None


def test_of_two_unchecked_quotes_the_speakers_own_words_are_shown() -> None:
    statement = a_statement()
    a_quote(statement, kind="indirect")
    direct = a_quote(statement, kind="direct")
    assert fresh(statement).shown_quote == direct
    held = a_held_quote(statement, kind="indirect")
    assert fresh(statement).shown_quote == held


def test_sql_and_python_agree_on_the_standing_shown(verifier: Any, second_verifier: Any) -> None:
    made = {}
    for checks in ("none", "one", "two", "ruled", "ruled and one"):
        statement = a_statement()
        quote = a_held_quote(statement)
        if checks in ("one", "two"):
            a_check(quote, verifier)
        if checks == "two":
            a_check(quote, second_verifier)
        if checks.startswith("ruled"):
            a_check(quote, verifier, ruling="disputed", reason="Not heard in the recording")
        if checks == "ruled and one":
            a_check(a_held_quote(statement), verifier)
        made[statement.pk] = checks
    a_statement()
    found = Statement.objects.for_list().annotate(shown=best_standing("pk"))
    for statement in found:
        quote = statement.shown_quote
        assert statement.shown == (quote.standing.value if quote else None)
    assert {made[s.pk]: s.shown for s in found if s.pk in made} == {
        "none": "unchecked",
        "one": "in_review",
        "two": "verified",
        "ruled": "disputed",
        "ruled and one": "in_review",
    }
    assert set(Standing.BEST_FIRST) | set(Standing.ADVERSE) == set(Standing.Value)


# --- roles on the day (invariant 7) ---


def roles_of(statement: Any) -> list[str]:
    return [tenure.title for tenure in fresh(statement).roles]


def test_the_role_is_the_one_held_on_the_day_of_the_statement() -> None:
    umerov = a_speaker("Rustem Umerov")
    a_tenure(umerov, "Minister of Defence", starts=dt.date(2023, 9, 6), ends=dt.date(2025, 7, 17))
    a_tenure(umerov, "Secretary of the Council", starts=dt.date(2025, 7, 18))
    assert roles_of(a_statement(umerov, said_on=dt.date(2024, 5, 1))) == ["Minister of Defence"]
    assert roles_of(a_statement(umerov, said_on=dt.date(2025, 7, 17))) == ["Minister of Defence"]
    assert roles_of(a_statement(umerov, said_on=dt.date(2025, 7, 18))) == ["Secretary of the Council"]
    assert roles_of(a_statement(umerov, said_on=dt.date(2020, 1, 1))) == []


def test_with_the_day_not_known_the_role_goes_by_the_first_publication() -> None:
    speaker = a_speaker()
    a_tenure(speaker, "Candidate", ends=dt.date(2019, 5, 19))
    a_tenure(speaker, "President", starts=dt.date(2019, 5, 20))
    statement = a_statement(speaker)
    assert roles_of(statement) == []
    a_quote(statement, article=an_article(published_at=None))
    assert roles_of(statement) == []
    a_quote(statement, article=an_article(published_at=dt.datetime(2026, 2, 5, tzinfo=dt.UTC)))
    assert roles_of(statement) == ["President"]
    a_quote(statement, article=an_article(published_at=dt.datetime(2019, 5, 19, 23, 59, tzinfo=dt.UTC)))
    assert roles_of(statement) == ["Candidate"]


def test_a_month_may_hold_two_roles_and_says_which_is_sure() -> None:
    speaker = a_speaker()
    a_tenure(speaker, "Minister", starts=dt.date(2023, 9, 6), ends=dt.date(2025, 7, 17))
    a_tenure(speaker, "Secretary", starts=dt.date(2025, 7, 18))
    statement = a_statement(speaker, said_on=dt.date(2025, 7, 1), said_on_precision="month")
    assert roles_of(statement) == ["Secretary", "Minister"]
    assert [t.was_surely_held(*statement.days) for t in fresh(statement).roles] == [False, False]
    june = a_statement(speaker, said_on=dt.date(2025, 6, 1), said_on_precision="month")
    assert [t.was_surely_held(*june.days) for t in fresh(june).roles] == [True]


@pytest.mark.parametrize("precision", ["day", "month", "year"])
@pytest.mark.parametrize("ends", [None, dt.date(2024, 1, 1)])
@pytest.mark.parametrize("starts", [None, dt.date(2022, 1, 1)])
def test_python_and_sql_agree_on_who_held_a_role_when(starts: Any, ends: Any, precision: str) -> None:
    tenure = a_tenure(
        a_speaker(), "Spokesman", starts=starts, starts_precision=starts and precision,
        ends=ends, ends_precision=ends and precision,
    )  # fmt: skip
    for day in (dt.date(2021, 12, 31), dt.date(2022, 1, 1), dt.date(2024, 1, 1), dt.date(2024, 1, 31),
                dt.date(2024, 2, 1), dt.date(2024, 12, 31), dt.date(2025, 1, 1)):  # fmt: skip
        held = Tenure.objects.held_on(day).filter(pk=tenure.pk).exists()
        assert tenure.was_held(day, day) is held, day
        said = a_statement(tenure.person, said_on=day)
        assert Statement.objects.spoken_as([tenure]).filter(pk=said.pk).exists() is held, day
        if tenure.was_surely_held(day, day):
            assert held
