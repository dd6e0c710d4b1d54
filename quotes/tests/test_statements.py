"""What a statement says of itself: its shown quote, standing, roots, roles, and the page that shows them."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Link, Outlet, Quote, Standing, Statement, Tenure, best_standing, independent_roots

from .factories import (
    BODY,
    WORDS,
    a_check,
    a_figure,
    a_held_quote,
    a_link,
    a_measure,
    a_quote,
    a_speaker,
    a_statement,
    a_tenure,
    a_topic,
    an_article,
    an_outlet,
    some_evidence,
)
from .htmx import get_part, keeps_the_three_laws, parsed

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


# --- the page ---


@pytest.fixture
def reading(client_of: Any, reader: Any) -> Any:
    return client_of(reader)


@pytest.fixture
def verifying(client_of: Any, verifier: Any) -> Any:
    return client_of(verifier)


def page_of(browser: Any, record: Any) -> Any:
    """Open the page of a statement or a quote, and parse it."""
    name = "quote" if isinstance(record, Quote) else "statement"
    answer = browser.get(reverse(name, args=[record.uid]))
    assert answer.status_code == 200
    return parsed(answer)


def text_of(node: Any) -> str:
    return " ".join(node.get_text(" ").split())


def test_the_words_are_a_quotation_with_its_source_and_its_standing(reading: Any) -> None:
    quote = a_quote(a_statement(), "We will win.", language="uk", cue="warned")
    page = page_of(reading, quote.statement)
    words = page.select_one("#words")
    assert words.name == "blockquote"
    assert words["cite"] == quote.article.url
    assert words["data-uid"] == quote.uid
    assert words["data-standing"] == "unchecked"
    assert words.q["lang"] == "uk"
    assert words.q["dir"] == "auto"
    assert len(page.select("h1")) == 1
    assert text_of(page.select_one(".by .cue")) == "warned"


def test_a_paraphrase_never_looks_like_a_quotation(reading: Any) -> None:
    quote = a_quote(kind="indirect", text="He would win")
    page = page_of(reading, quote.statement)
    assert page.select_one("#words q") is None
    assert "hang" not in page.select_one("#words")["class"]
    assert "do not put them in quotation marks" in text_of(page.select_one(".hero"))


def test_a_quotes_address_is_the_same_page_at_that_quote(reading: Any) -> None:
    statement = a_statement()
    best, other = a_quote(statement, "All of it."), a_quote(statement, "Part of it", kind="indirect")
    assert page_of(reading, statement).select_one("#words")["data-uid"] == best.uid
    page = page_of(reading, other)
    assert page.select_one("#words")["data-uid"] == other.uid
    assert "All of it." in text_of(page.select_one(".hero"))
    assert page.title.text != page_of(reading, best).title.text != page_of(reading, statement).title.text


def test_what_is_not_known_is_called_not_known(reading: Any) -> None:
    statement = a_statement()
    a_quote(statement, article=an_article(published_at=None))
    facts = text_of(page_of(reading, statement).select_one(".facts"))
    assert "Said not known" in facts
    assert "Occasion not known" in facts
    assert "Original language not known" in facts
    a_quote(statement, article=an_article(published_at=dt.datetime(2026, 2, 4, 23, tzinfo=dt.UTC)))
    facts = page_of(reading, statement).select_one(".facts")
    assert "Said by 4 Feb 2026 Day not known" in text_of(facts)
    assert facts.time["datetime"] == "2026-02-04"


@pytest.mark.parametrize(
    ("precision", "shown"), [("day", "1 Feb 2026"), ("month", "Feb 2026"), ("year", "2026")]
)
def test_a_partial_date_is_shown_as_far_as_it_is_known(reading: Any, precision: str, shown: str) -> None:
    day = dt.date(2026, 1 if precision == "year" else 2, 1)
    statement = a_statement(said_on=day, said_on_precision=precision)
    stamp = page_of(reading, statement).select_one(".facts time")
    assert stamp.text == shown
    assert stamp["datetime"] == day.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]


def test_the_role_of_the_day_and_whose_mouth_it_was_are_shown(reading: Any) -> None:
    kremlin, peskov = a_speaker("The Kremlin", kind="institution"), a_speaker("Dmitry Peskov")
    a_tenure(peskov, "Press Secretary", organisation=kremlin, speaks_for=True, starts=dt.date(2012, 5, 1))
    statement = a_statement(kremlin, uttered_by=peskov, said_on=dt.date(2026, 2, 4))
    hero = text_of(page_of(reading, statement).select_one(".hero"))
    assert "through Dmitry Peskov, Press Secretary" in hero
    silent = text_of(page_of(reading, a_statement(kremlin)).select_one(".facts"))
    assert "By whose mouth not known" in silent


def test_no_role_is_shown_where_none_was_held(reading: Any) -> None:
    speaker = a_speaker()
    a_tenure(speaker, "President", starts=dt.date(2019, 5, 20))
    page = page_of(reading, a_statement(speaker, said_on=dt.date(2018, 1, 1)))
    assert page.select_one(".by-r") is None
    assert (
        text_of(page_of(reading, a_statement(speaker, said_on=dt.date(2020, 1, 1))).select_one(".by-r"))
        == "President"
    )


def test_a_printed_role_that_was_not_held_that_day_is_flagged_and_never_blocked(reading: Any) -> None:
    kuleba = a_speaker("Dmytro Kuleba")
    a_tenure(kuleba, "Minister of Foreign Affairs", starts=dt.date(2020, 3, 4), ends=dt.date(2024, 9, 5),
             organisation=a_speaker("Ukraine", kind="institution"))  # fmt: skip
    statement = a_statement(kuleba, said_on=dt.date(2026, 2, 6))
    quote = a_quote(statement, role_as_printed="Ukrainian Foreign Minister")
    flag = text_of(page_of(reading, quote).select_one(".by .flag"))
    assert (
        flag
        == "Printed as “Ukrainian Foreign Minister”, but that role (Minister of Foreign Affairs) ended 5 Sep 2024."
    )
    then = a_quote(
        a_statement(kuleba, said_on=dt.date(2024, 1, 1)), role_as_printed="Ukrainian Foreign Minister"
    )
    assert page_of(reading, then).select_one(".flag") is None
    unknown = a_quote(a_statement(said_on=dt.date(2026, 2, 6)), role_as_printed="Emperor")
    assert page_of(reading, unknown).select_one(".flag") is None


def test_a_sitting_president_called_former_is_flagged_in_somebody_elses_words(reading: Any) -> None:
    trump = a_speaker("Donald Trump", names={"Donald Trump": "en"})
    a_tenure(trump, "President of the United States", starts=dt.date(2025, 1, 20))
    words = "Putin is afraid of former U.S. President Donald Trump"
    statement = a_statement(said_on=dt.date(2026, 2, 4))
    quote = a_quote(statement, words, kind="indirect")
    hero = text_of(page_of(reading, quote).select_one(".hero"))
    assert "Calls Donald Trump “former U.S. President”, but that role was held on the day" in hero
    before = a_quote(a_statement(said_on=dt.date(2024, 2, 4)), words, kind="indirect")
    assert "Calls Donald Trump" not in text_of(page_of(reading, before).select_one(".hero"))


def test_the_chain_is_drawn_from_the_root_with_what_is_held(reading: Any) -> None:
    france2 = an_outlet("France 2", kind="broadcaster", domain="france.tv")
    statement = a_statement(occasion="France 2 interview")
    quote = a_held_quote(
        statement, chain=[an_outlet("Kyiv Post"), france2], article=an_article(an_outlet("FN News"))
    )
    steps = page_of(reading, statement).select(".prov .pv")
    assert [text_of(step.select_one(".pv-b > b")) for step in steps[:3]] == [
        "France 2",
        "Kyiv Post",
        "FN News",
    ]
    assert ["held" in step["class"] for step in steps[:3]] == [False, False, True]
    assert [text_of(step.select_one(".pv-s")) for step in steps[:3]] == [
        "Said to",
        "Reported by",
        "Our source",
    ]
    some_evidence(quote, kind="recording", url="https://www.france.tv/x", primary=True)
    page = page_of(reading, statement)
    assert "held" in page.select_one(".prov .pv")["class"]
    assert "Traced to the recording or document." in text_of(page.select_one("#h-chain"))


def test_an_unresolved_step_is_shown_by_its_printed_words(reading: Any) -> None:
    quote = a_quote(chain=[an_outlet("Kyiv Post"), "Ukrainian media"])
    page = page_of(reading, quote)
    assert text_of(page.select_one(".pv-b > b")) == "“Ukrainian media”"
    assert "1 report, 0 roots" in text_of(page.select_one(".facts"))


def test_the_context_is_the_captured_text_with_the_highlight(reading: Any) -> None:
    quote = a_held_quote(a_statement(uid="the-shown-one"))
    beside = a_quote(
        a_statement(), "The president spoke", article=quote.article, capture=quote.capture,
        start=0, end=19, kind="indirect",
    )  # fmt: skip
    page = page_of(reading, quote)
    assert page.select_one(".src-here mark").text == WORDS
    assert page.select_one(".src-here")["data-p"] == "2"
    start = BODY.index(WORDS)
    assert f"paragraph 2, characters {start}–{start + len(WORDS)}" in text_of(page.select_one("#h-context"))
    at = BODY.index("He left at ten")
    after = a_quote(
        a_statement(), "He left at ten", article=quote.article, capture=quote.capture,
        start=at, end=at + 14, kind="indirect",
    )  # fmt: skip
    page = page_of(reading, quote)
    notes = {p["data-p"]: [a["href"] for a in p.select(".src-os a")] for p in page.select(".src p")}
    assert notes == {"1": [reverse("quote", args=[beside.uid])], "2": [reverse("quote", args=[after.uid])]}


def test_without_a_capture_the_words_kept_around_it_are_shown_and_it_is_said_so(reading: Any) -> None:
    quote = a_quote(prefix="He warned, “", suffix="” and left")
    passage = page_of(reading, quote).select_one("section:has(#h-context)")
    assert passage.mark.text == WORDS
    assert "He warned, “" in passage.text
    assert "Captured text not shown" in text_of(passage)
    assert "Original wording Not held." in text_of(passage)


def test_the_original_wording_carries_its_language(reading: Any) -> None:
    statement = a_statement(original_text="Якщо ми програємо", original_language="uk")
    a_quote(statement, is_translation=True)
    original = page_of(reading, statement).select_one(".orig-t")
    assert (original["lang"], original["dir"], original.text) == ("uk", "auto", "Якщо ми програємо")


def test_every_wording_stands_beside_the_others_with_its_differences(reading: Any) -> None:
    statement = a_statement()
    a_quote(statement, "The door to peace remains open")
    a_quote(statement, "The doors to peace remain open, but only later", kind="indirect")
    a_quote(statement, "문은 열려 있다", language="ko")
    reports = page_of(reading, statement).select(".rep")
    assert len(reports) == 3
    changed = reports[1]
    assert "but only later" in " ".join(mark.text for mark in changed.select("ins"))
    assert "door" in [mark.text.strip() for mark in changed.select("del")]
    assert changed.select_one(".rep-t q") is None
    assert "but" in text_of(changed.select_one(".flag"))
    assert reports[2].select("ins, del") == []
    assert reports[2].select_one(".rep-t")["lang"] == "ko"


def test_figures_have_their_bound_in_words_and_link_only_where_a_page_exists(reading: Any) -> None:
    statement, killed = a_statement(), a_measure("Soldiers killed")
    a_figure(a_quote(statement), 55_000, measure=killed, as_printed="55,000")
    a_figure(
        a_quote(statement),
        100_000,
        140_000,
        measure=killed,
        as_of=dt.date(2025, 12, 1),
        as_of_precision="month",
    )
    a_figure(a_quote(statement), 46_000, measure=killed, bound="at_least")
    table = page_of(reading, statement).select_one(".tbl-fig")
    shown = {text_of(row.th): text_of(row) for row in table.select("tbody tr")}
    assert set(shown) == {"about 55,000", "between 100,000 and 140,000", "at least 46,000"}
    assert "Dec 2025" in shown["between 100,000 and 140,000"]
    assert "not known" in shown["about 55,000"]
    assert not [a for a in table.select("a") if "figures" in a["href"]]


def test_links_are_told_from_this_side_and_suggestions_stand_apart(reading: Any, verifier: Any) -> None:
    statement, earlier, later = a_statement(), a_statement(), a_statement()
    a_link(statement, earlier, "updates_figure", by=verifier)
    a_link(later, statement, "updates_figure", by=verifier)
    a_link(a_statement(), statement, "contradicts", by=verifier)
    suggested = a_statement()
    a_link(statement, suggested, "echoes", state="suggested")
    rejected = a_link(statement, a_statement(), "denies", by=verifier)
    Link.objects.filter(pk=rejected.pk).update(state="rejected")
    links = page_of(reading, statement).select_one("#links")
    assert [text_of(head).rsplit(" ", 1)[0] for head in links.select(".rel-h")] == [
        "Figure updated by",
        "Updates the figure of",
        "Contradicts",
    ]
    assert links.select_one(".rel .rel-t")["href"] == reverse("statement", args=[later.uid])
    assert links.select_one(".sugs .rel-t")["href"] == reverse("statement", args=[suggested.uid])
    assert "Verifier" in text_of(links.select_one(".rel-d"))
    assert "Same topic" in text_of(links.select_one(".sugs"))
    assert len(links.select(".rel-t")) == 4


def test_the_rail_shows_what_is_proved_what_lacks_and_who_signed(
    reading: Any, verifier: Any, second_verifier: Any
) -> None:
    quote = a_held_quote()
    rail = page_of(reading, quote).select_one("#verification")
    assert "Nobody has checked it yet. It needs a full pass by 2 more people." in text_of(rail)
    assert len(rail.select(".sig-w")) == 2
    assert "Missing: Recording or document Not held" in text_of(rail)
    a_check(quote, verifier, note="Word for word")
    rail = page_of(reading, quote).select_one("#verification")
    assert "It needs a full pass by one more person." in text_of(rail)
    assert text_of(rail.select_one(".sig .on b")) == "Verifier"
    assert "Word for word" in text_of(rail.select_one(".chks"))
    assert "Partly: Speaker Did this person say it? Passed by 1 of 2" in text_of(rail)
    a_check(quote, second_verifier)
    page = page_of(reading, quote)
    assert page.select_one("#words")["data-standing"] == "verified"
    assert len(page.select(".sig .on")) == 2
    assert page.select(".sig-w") == []
    with acting(by=None, verb="quotes.edit"):
        Quote.objects.filter(pk=quote.pk).update(cue="added")
    rail = page_of(reading, quote).select_one("#verification")
    assert "Its content changed after it was checked." in text_of(rail)
    assert [text_of(tag) for tag in rail.select(".chks .tagm")] == ["earlier content"] * 2
    assert rail.select(".sig .on") == []


def test_a_quote_of_which_nothing_is_held_says_that_it_cannot_be_verified(reading: Any) -> None:
    assert "It cannot be verified" in text_of(page_of(reading, a_quote()).select_one("#verification"))


def test_a_contested_quote_stands_beside_the_statements_standing(reading: Any, verifier: Any) -> None:
    statement = a_statement()
    good, bad = a_quote(statement), a_held_quote(statement)
    a_check(bad, verifier, ruling="misattributed", reason="Said by the other one")
    page = page_of(reading, statement)
    assert page.select_one("#words")["data-uid"] == good.uid
    assert "Misattributed" in text_of(page.select_one(".hero-st .also"))
    assert "Ruled misattributed: Said by the other one" in text_of(page_of(reading, bad).select_one(".chks"))


def test_the_history_says_who_did_what_field_by_field(reading: Any, reporter: Any, verifier: Any) -> None:
    speaker = a_speaker("Rustem Umerov", by=reporter)
    statement = a_statement(speaker, by=reporter, topics=[a_topic("Talks")])
    quote = a_held_quote(statement, by=reporter)
    with acting(by=verifier, verb="statements.date"):
        Statement.objects.filter(pk=statement.pk).update(
            said_on=dt.date(2026, 2, 1), said_on_precision="month"
        )
    with acting(by=verifier, verb="statements.date"):
        Statement.objects.filter(pk=statement.pk).update(speaker=a_speaker("Andrii Sybiha"))
    a_check(quote, verifier, wording="unclear")
    told = text_of(page_of(reading, statement).select_one("#history"))
    assert "changed the statement" in told
    assert "said on: not known Feb 2026" in told
    assert "speaker: Rustem Umerov Andrii Sybiha" in told
    assert "signed a check" in told
    assert "wording: unclear" in told
    assert "added a topic Talks" in told
    assert told.index("signed a check") < told.index("added the quote")
    assert "Reporter" not in told or "reporter" in told


def test_there_is_a_line_to_credit_it_with(reading: Any) -> None:
    zelenskyy = a_speaker("Volodymyr Zelenskyy")
    a_tenure(zelenskyy, "President of Ukraine", starts=dt.date(2019, 5, 20))
    statement = a_statement(zelenskyy, occasion="France 2 interview")
    a_quote(statement, chain=[an_outlet("France 2")], article=an_article(an_outlet("FN News")))
    page = page_of(reading, statement)
    assert text_of(page.select_one("#citation")) == (
        "“If we lose this war, we will lose.” Volodymyr Zelenskyy, President of Ukraine, told France 2 on a day "
        "not known, according to FN News, 5 Feb 2026. [Not verified: unchecked.]"
    )
    assert page.select_one("[data-copy]")["data-copy"] == "citation"


def test_no_button_promises_what_cannot_be_done_yet(reading: Any) -> None:
    page = page_of(reading, a_quote())
    buttons = [text_of(button) for button in page.select("#main button")]
    assert buttons == ["Copy citation C"]
    assert page.select("#main form") == []


def test_who_may_check_is_led_to_the_check_and_nobody_else(reading: Any, verifying: Any) -> None:
    quote = a_held_quote()
    address = reverse("verify-quote", args=[quote.uid])
    assert page_of(verifying, quote).select_one("#verification a.btn-p")["href"] == address
    assert address not in str(page_of(reading, quote))


def test_empty_parts_say_so(reading: Any) -> None:
    page = page_of(reading, a_statement(gist="Nobody reported it"))
    assert text_of(page.select_one("#words")) == "Nobody reported it"
    assert page.select_one("#words").name == "p"
    assert "Not reported yet" in text_of(page.select_one("#reports"))
    assert "No statement is linked to this one." in text_of(page.select_one("#links"))
    assert "There is no wording to check yet." in text_of(page.select_one("#verification"))


def test_names_stand_apart_from_the_direction_around_them(reading: Any) -> None:
    page = page_of(reading, a_quote(a_statement(a_speaker("زيلينسكي"))))
    assert page.select_one(".by-n bdi").text == "زيلينسكي"


# --- what may not be known (invariant 12) ---

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
HELD_BACK = [{"record": "off"}, {"embargoed_until": LATER}]


@pytest.mark.parametrize("terms", HELD_BACK)
def test_what_is_held_back_is_not_found_and_never_forbidden(reading: Any, verifying: Any, terms: Any) -> None:
    quote = a_held_quote(a_statement(**terms))
    for name, uid in (("statement", quote.statement.uid), ("quote", quote.uid)):
        address = reverse(name, args=[uid])
        assert reading.get(address).status_code == 404
        assert reading.get(address, {"format": "json"}).status_code == 404
        assert get_part(reading, address).status_code == 404
        assert verifying.get(address).status_code == 200
    notice = text_of(page_of(verifying, quote).select_one(".hero"))
    assert ("Off the record" in notice) == ("record" in terms)
    assert ("Embargoed until" in notice) == ("record" not in terms)


@pytest.mark.parametrize("terms", HELD_BACK)
def test_what_is_held_back_leaves_no_trace_on_other_pages(
    reading: Any, verifying: Any, verifier: Any, terms: Any
) -> None:
    open_quote = a_held_quote(a_statement())
    secret = a_statement(uid="the-secret-one", gist="The secret gist", **terms)
    a_quote(
        secret, "The president spoke", article=open_quote.article, capture=open_quote.capture, start=0, end=19,
        uid="the-secret-quote",
    )  # fmt: skip
    a_link(open_quote.statement, secret, by=verifier)
    a_link(secret, open_quote.statement, "echoes", state="suggested")
    for browser, knows in ((reading, False), (verifying, True)):
        answer = browser.get(reverse("statement", args=[open_quote.statement.uid]))
        as_json = browser.get(reverse("statement", args=[open_quote.statement.uid]), {"format": "json"})
        assert (b"secret" in answer.content) is knows
        assert (b"secret" in as_json.content) is knows
        # Its words stand in the next paragraph of the captured text, so that is not shown either.
        assert (b"The president spoke" in answer.content) is knows


def test_an_event_that_tells_of_what_became_secret_is_left_out_of_the_history(
    reading: Any, verifying: Any, verifier: Any
) -> None:
    statement, other = a_statement(), a_statement(uid="later-a-secret")
    a_link(statement, other, by=verifier)
    assert "later-a-secret" in str(page_of(reading, statement))
    with acting(by=verifier, verb="statements.hold"):
        Statement.objects.filter(pk=other.pk).update(record="off")
    page = page_of(reading, statement)
    assert "later-a-secret" not in str(page)
    assert "a link" not in text_of(page.select_one("#history"))
    assert "later-a-secret" in text_of(page_of(verifying, statement).select_one("#history"))


# --- addresses ---


@pytest.mark.parametrize("name", ["statement", "quote"])
def test_only_one_spelling_leads_to_a_record(reading: Any, name: str) -> None:
    quote = a_quote(a_statement(uid="one-spelling"), uid="one-spelling")
    assert reading.get(f"/{name}s/one-spelling/").status_code == 200
    for wrong in (
        "One-spelling",
        "ONE-SPELLING",
        "one-spelling%20",
        "one-spelling%0A",
        "%C2%B9ne",
        "no-such",
        "ab",
        "١٢٣",
    ):
        assert reading.get(f"/{name}s/{wrong}/").status_code == 404, wrong
    assert quote.uid


@pytest.mark.parametrize(
    "query", ["history=0", "history=x", "history=-1", "history=١٢", "history=99999999999999999999"]
)
def test_a_wrong_page_of_the_history_is_not_found(reading: Any, query: str) -> None:
    statement = a_statement()
    assert reading.get(f"{reverse('statement', args=[statement.uid])}?{query}").status_code == 404


def test_only_reading_is_answered(reading: Any) -> None:
    address = reverse("statement", args=[a_statement().uid])
    assert reading.post(address).status_code == 405
    assert reading.head(address).status_code == 200


def test_a_stranger_to_the_house_is_asked_to_sign_in(client: Any) -> None:
    assert client.get(reverse("statement", args=[a_statement().uid])).status_code == 302


# --- htmx ---


def test_an_older_page_of_the_history_keeps_the_three_laws(reading: Any) -> None:
    statement = a_statement()
    for number in range(103):
        with acting(by=None, verb="statements.edit"):
            Statement.objects.filter(pk=statement.pk).update(gist=f"Version {number}")
    address = reverse("statement", args=[statement.uid])
    first = parsed(reading.get(address)).select_one("#history")
    older = first.select_one(".pager a")
    assert older["href"] == older["hx-get"]
    keeps_the_three_laws(reading, address, older["href"], "#history")
    last = parsed(reading.get(older["href"])).select_one("#history")
    assert "added the statement" in text_of(last)
    assert "added the statement" not in text_of(first)


# --- numbers of queries ---


def test_the_page_asks_as_often_for_one_report_as_for_twenty(reading: Any, verifier: Any) -> None:
    def a_full_one(number: int) -> Any:
        statement = a_statement(
            a_speaker(), topics=[a_topic()], uttered_by=a_speaker(), said_on=dt.date(2026, 2, 4)
        )
        a_tenure(
            statement.speaker,
            "President",
            starts=dt.date(2019, 5, 20),
            organisation=a_speaker(kind="institution"),
        )
        a_tenure(statement.uttered_by, "Spokesman", starts=dt.date(2019, 5, 20), organisation=a_speaker())
        for _ in range(number):
            owner = an_outlet()
            article = an_article(an_outlet(owner=owner))
            quote = a_held_quote(
                statement, chain=[an_outlet(owner=owner), an_outlet(owner=owner)], article=article
            )
            a_figure(quote)
            some_evidence(quote)
            a_check(quote, verifier, verdict="unclear")
            for target, state in (
                (a_statement(said_on=dt.date(2026, 2, 1)), "confirmed"),
                (a_statement(), "suggested"),
            ):
                a_quote(target)
                a_link(statement, target, state=state, by=verifier if state == "confirmed" else None)
        return statement

    counts = []
    for number in (1, 20):
        statement = a_full_one(number)
        address = reverse("statement", args=[statement.uid])
        reading.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert reading.get(address).status_code == 200
        counts.append(len(asked))
    # With more to tell, a page of the history may name fewer kinds of records, never more.
    assert counts[1] <= counts[0]


# --- JSON ---


def test_the_page_as_json_says_the_same(reading: Any, verifier: Any) -> None:
    france2, post = an_outlet("France 2", slug="france-2"), an_outlet("Kyiv Post", slug="kyiv-post")
    speaker = a_speaker("Volodymyr Zelenskyy", slug="volodymyr-zelenskyy")
    a_tenure(speaker, "President of Ukraine", starts=dt.date(2019, 5, 20))
    statement = a_statement(
        speaker,
        uid="the-number",
        said_on=dt.date(2026, 2, 1),
        said_on_precision="month",
        topics=[a_topic("War")],
    )
    quote = a_held_quote(statement, uid="its-report", chain=[post, france2])
    a_figure(quote, measure=a_measure("Killed"), as_printed="about 55,000")
    a_check(quote, verifier)
    a_link(a_statement(uid="the-estimate"), statement, "conflicts_figure", by=verifier)
    answer = reading.get(reverse("statement", args=["the-number"]), {"format": "json"})
    assert answer["Content-Type"] == "application/json"
    told = json.loads(answer.content)
    assert told["uid"] == "the-number"
    assert told["url"] == "/statements/the-number/"
    assert told["speaker"]["slug"] == "volodymyr-zelenskyy"
    assert told["role"] == "President of Ukraine"
    assert (told["said_on"], told["said_on_precision"]) == ("2026-02", "month")
    assert told["original_text"] is None
    assert told["standing"] == "in_review"
    assert (told["reports"], told["roots"]) == (1, 1)
    assert told["root_outlets"] == [{"slug": "france-2", "name": "France 2"}]
    (report,) = told["quotes"]
    assert report["uid"] == "its-report"
    assert report["text"] == WORDS
    assert (report["standing"], report["depth"], report["passes"], report["needed"]) == (
        "in_review",
        "report",
        1,
        2,
    )
    assert [step["outlet"]["slug"] for step in report["chain"]] == ["kyiv-post", "france-2"]
    assert report["root"]["slug"] == "france-2"
    assert (report["figures"][0]["low"], report["figures"][0]["bound"]) == ("55000", "about")
    assert report["checks"][0]["verdicts"]["wording"] == "pass"
    (link,) = told["links"]
    assert (link["type"], link["direction"], link["state"]) == ("conflicts_figure", "in", "confirmed")
    assert link["statement"]["uid"] == "the-estimate"
    assert told["history"]


def test_nothing_known_is_null_in_json(reading: Any) -> None:
    told = json.loads(reading.get(reverse("statement", args=[a_statement().uid]), {"format": "json"}).content)
    for name in (
        "said_on",
        "said_on_precision",
        "said_by",
        "uttered_by",
        "occasion",
        "role",
        "standing",
        "text",
    ):
        assert told[name] is None, name
    assert told["quotes"] == []
