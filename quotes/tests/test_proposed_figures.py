"""Figures that the words hold are proposed one by one, in the form and beside the question; topics in the form."""

from typing import Any

import pytest
from django.urls import reverse

from quotes.models import AuditEvent, Figure, Quote, Standing
from quotes.search.findings import rows_of
from quotes.search.proposed_figures import proposed_figures

from . import factories as make
from .htmx import HEADERS, parsed
from .test_quotes import fields_of, filled

pytestmark = pytest.mark.django_db

TEXT = "At least 55,000 Ukrainian soldiers were killed, and between 5,000 and 7,000 are missing, 30 percent of them."


@pytest.fixture
def killed() -> Any:
    return make.a_measure("Ukrainian soldiers killed")


@pytest.fixture
def quote(reporter: Any) -> Any:
    return make.a_quote(make.a_statement(said_on="2026-02-04"), TEXT, by=reporter)


def address(quote: Any) -> str:
    return reverse("quote-edit", args=[quote.uid])


def test_each_figure_comes_with_bound_numbers_measure_and_day(killed: Any) -> None:
    missing = make.a_measure("Soldiers missing")
    found = proposed_figures(TEXT, "en", [], said_on="2026-02-04")
    assert [(one.bound, one.low, one.high, one.measure, one.as_of) for one in found] == [
        ("at_least", "55000", "", killed.slug, "2026-02-04"),
        ("range", "5000", "7000", missing.slug, "2026-02-04"),
        ("exact", "30", "30", "", "2026-02-04"),
    ]
    assert [one.as_printed for one in found][:2] == ["At least 55,000", "between 5,000 and 7,000"]


def test_a_figure_that_has_its_row_is_not_proposed_again() -> None:
    held = [("55000", ""), ("5000", "7000")]
    assert [one.low for one in proposed_figures(TEXT, "en", held)] == ["30"]
    assert [one.low for one in proposed_figures("About 30 and 30.5", "en", [("30", "")])] == ["30.5"]


def test_the_measure_is_that_of_other_quotes_of_the_statement(killed: Any, quote: Any) -> None:
    other = make.a_quote(quote.statement, "5만5000명", language="ko")
    make.a_figure(other, 55000, measure=killed, bound="exact")
    (found,) = proposed_figures("55 000 en tout", "fr", [], statement=quote.statement)
    assert found.measure == killed.slug


def test_two_measures_that_fit_alike_are_none(killed: Any) -> None:
    make.a_measure("Ukrainian soldiers killed in Kursk")
    make.a_measure("Russian soldiers killed")
    (found,) = proposed_figures("55,000 soldiers were killed", "en", [])
    assert found.measure == ""


def test_one_press_puts_a_figure_into_a_row_and_saves_nothing(
    client_of: Any, reporter: Any, quote: Any, killed: Any
) -> None:
    browser = client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    answer = browser.post(address(quote), {**sent, "take": "0", "cue": "typed before"}, headers=HEADERS)
    assert answer.status_code == 200
    page = parsed(answer)
    row = {field["name"]: field.get("value") for field in page.select('input[name^="figure-0-"]')}
    assert row == {
        "figure-0-measure": killed.slug,
        "figure-0-low": "55000",
        "figure-0-high": None,
        "figure-0-as_of": "2026-02-04",
        "figure-0-as_printed": "At least 55,000",
    }
    assert page.select_one('select[name="figure-0-bound"] option[selected]')["value"] == "at_least"
    assert page.select_one('[name="cue"]')["value"] == "typed before"
    assert page.select_one("tr[data-focus]") is not None
    assert len(page.select(".qf-p li")) == 2
    assert not Figure.objects.exists()
    # And what is accepted is saved with the form as any row is.
    again = fields_of(answer_page(answer))
    assert browser.post(address(quote), {**again, "do": "save"}).status_code == 303
    kept = Figure.objects.get()
    assert (kept.bound, int(kept.low), kept.high, str(kept.as_of)) == ("at_least", 55000, None, "2026-02-04")


def answer_page(answer: Any) -> Any:
    """A swap as if it stood in its page, for reading the form out of it."""

    class Page:
        content = b'<div id="quote-form">' + answer.content + b"</div>"

    return Page()


@pytest.mark.parametrize("place", ["9", "-1", "x", ""])
def test_a_proposal_that_is_not_there_changes_nothing(
    client_of: Any, reporter: Any, quote: Any, place: str
) -> None:
    browser = client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    answer = browser.post(address(quote), {**sent, "take": place})
    assert answer.status_code == 200
    assert len(parsed(answer).select(".qf-p li")) == 3


# --- Beside the question in the verify room ------------------------------------------------------------------------


def findings(quote: Any) -> list[tuple[str, str]]:
    quote = Quote.objects.select_related("article", "statement__speaker").get(pk=quote.pk)
    rows = rows_of(quote, quote.statement, body=None, roles=[], flags=[], names=[])
    found = next(row.findings for row in rows if row.axis == "figure")
    return [(one.state, one.sentence) for one in found]


def test_a_figure_that_the_words_read_as_is_said_to_be_so(quote: Any, killed: Any) -> None:
    make.a_figure(quote, 55000, measure=killed, bound="at_least")
    assert findings(quote) == [
        ("ok", "Ukrainian soldiers killed: at least 55,000: the words read so."),
        ("none", "Also in the words, and in no figure: “between 5,000 and 7,000”, “30 percent”."),
    ]


def test_another_bound_than_the_words_have_is_warned_of(quote: Any, killed: Any) -> None:
    make.a_figure(quote, 55000, measure=killed, bound="exact")
    state, sentence = findings(quote)[0]
    assert (state, "The words read as “at least 55,000”" in sentence) == ("warn", True)


def test_a_number_in_words_and_in_other_scripts_is_read(killed: Any) -> None:
    for text, language in (
        ("fifty-five thousand dead", "en"),
        ("5만5000명", "ko"),
        ("55 тыс. погибших", "ru"),
    ):
        quote = make.a_quote(text=text, language=language)
        make.a_figure(quote, 55000, measure=killed, bound="exact")
        assert findings(quote)[0][0] == "ok", text


def test_a_number_that_is_not_there_is_warned_of(quote: Any, killed: Any) -> None:
    make.a_figure(quote, 46000, measure=killed, bound="exact")
    assert findings(quote)[0] == (
        "warn",
        "Ukrainian soldiers killed: exactly 46,000. It does not stand in the words.",
    )


# --- Topics --------------------------------------------------------------------------------------------------------


@pytest.fixture
def topics() -> list[Any]:
    return [make.a_topic(name) for name in ("Casualties", "Ceasefire", "Sanctions")]


def test_topics_are_edited_by_name_or_slug_and_leave_the_standing_alone(
    client_of: Any, reporter: Any, verifier: Any, second_verifier: Any, topics: list[Any]
) -> None:
    quote = make.a_held_quote()
    for person in (verifier, second_verifier):
        make.a_check(quote, person)
    quote.statement.topics.add(topics[0])
    browser = client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    assert sent["topics"] == topics[0].slug
    answer = browser.post(address(quote), {**sent, "do": "save", "topics": f"ceasefire, {topics[2].slug}"})
    assert answer.status_code == 303
    assert set(quote.statement.topics.all()) == {topics[1], topics[2]}
    assert Standing.objects.get(pk=quote.pk).value == "verified"
    told = AuditEvent.objects.filter(table="quotes_statement_topics", verb="quotes.edit")
    assert told.count() == 3


def test_an_unknown_topic_is_refused_at_its_field_and_kept(
    client_of: Any, reporter: Any, topics: list[Any]
) -> None:
    quote, browser = make.a_held_quote(), client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    answer = browser.post(address(quote), {**sent, "do": "save", "topics": "Ceasefire, Weather"})
    assert answer.status_code == 422
    assert "No topic “Weather” is on record" in answer.content.decode()
    assert parsed(answer).select_one("#id_topics")["value"] == "Ceasefire, Weather"
    assert not quote.statement.topics.exists()


def test_topics_that_somebody_else_changed_are_a_conflict_that_shows_both(
    client_of: Any, reporter: Any, curator: Any, topics: list[Any]
) -> None:
    quote, browser = make.a_held_quote(), client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    quote.statement.topics.add(topics[0])
    answer = browser.post(address(quote), {**sent, "do": "save", "topics": topics[1].slug})
    assert answer.status_code == 409
    row = next(row for row in parsed(answer).select(".conf tbody tr") if "Topics" in row.get_text())
    assert topics[0].slug in row.get_text()
    assert topics[1].slug in row.get_text()
    assert set(quote.statement.topics.all()) == {topics[0]}


def test_a_conflict_names_who_changed_it(client_of: Any, reporter: Any, curator: Any) -> None:
    quote, browser = make.a_held_quote(), client_of(reporter)
    sent = fields_of(browser.get(address(quote)))
    theirs = client_of(curator)
    changed = fields_of(theirs.get(address(quote)))
    assert theirs.post(address(quote), {**changed, "do": "save", "cue": "announced"}).status_code == 303
    answer = browser.post(address(quote), {**sent, "do": "save", "cue": "declared"})
    assert answer.status_code == 409
    assert "The last change was made by curator" in answer.content.decode()


def test_a_new_statement_comes_with_its_topics(client_of: Any, reporter: Any, topics: list[Any]) -> None:
    make.an_outlet("The Wire", slug="the-wire")
    make.a_speaker("Volodymyr Zelenskyy", names={"Зеленський": "uk"})
    answer = client_of(reporter).post("/quotes/new/", filled(uid="with-topics", topics="Casualties"))
    assert answer.status_code == 303
    assert [topic.name for topic in Quote.objects.get().statement.topics.all()] == ["Casualties"]


def test_without_the_right_to_statements_there_is_no_field_for_topics(
    client_of: Any, make_person: Any, topics: list[Any]
) -> None:
    from django.contrib.auth.models import Permission

    person = make_person("words-only")
    person.user_permissions.add(Permission.objects.get(codename="change_quote"))
    quote, browser = make.a_held_quote(), client_of(person)
    sent = fields_of(browser.get(address(quote)))
    assert "topics" not in sent
    browser.post(address(quote), {**sent, "do": "save", "topics": "Casualties"})
    assert not quote.statement.topics.exists()
