"""The page of a statement: the words, who said them and as what, where they came from, and who checked them."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import Link, Quote, Statement

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
from .htmx import parsed, text_of

pytestmark = pytest.mark.django_db


def page_of(browser: Any, record: Any) -> Any:
    """Open the page of a statement or a quote, and parse it."""
    name = "quote" if isinstance(record, Quote) else "statement"
    answer = browser.get(reverse(name, args=[record.uid]))
    assert answer.status_code == 200
    return parsed(answer)


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


def test_figures_have_their_bound_in_words_and_lead_to_their_ledger(reading: Any) -> None:
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
    assert {a["href"] for a in table.select("a") if "figures" in a["href"]} == {f"/figures/{killed.slug}/"}


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


def test_no_button_and_no_link_promises_what_cannot_be_done(reading: Any) -> None:
    page = page_of(reading, a_held_quote(a_statement(topics=[a_topic()]), chain=[an_outlet()]))
    for button in page.select("#main button"):
        assert button.has_attr("data-copy") or button.find_parent("form"), text_of(button)
    inside = {link["href"] for link in page.select("#main a[href^='/']")}
    inside |= {form["action"] for form in page.select("#main form")}
    assert len(inside) >= 4
    for address in inside:
        assert reading.get(address).status_code == 200, address
    for link in page.select("#main a[href^='#']"):
        assert page.select_one(link["href"]), link["href"]


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
