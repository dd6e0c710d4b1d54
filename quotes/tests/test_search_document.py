"""The documents of search: written by the transaction that writes a statement, and never one word behind."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.actions.audit import acting
from quotes.models import Article, Quote, SearchDoc, SearchSample, Speaker, Statement, Tenure
from quotes.search.criteria import CAP
from quotes.search.language import STOP, understand
from quotes.tests import factories as make
from quotes.tests.joined import merge, undo

pytestmark = pytest.mark.django_db


def sql(query: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        row = cursor.fetchone()
    return row[0] if row else None


def holds(statement: Any, word: str) -> bool:
    return bool(
        sql(
            "SELECT EXISTS(SELECT FROM quotes_searchdoc WHERE statement_id = %s AND terms @@ verbatim_word(%s))",
            statement.pk,
            word,
        )
    )


def facets(statement: Any, kind: int) -> set[int]:
    codes = SearchDoc.objects.values_list("facets", flat=True).get(pk=statement.pk)
    return {code & 134217727 for code in codes if code >> 27 == kind}


def fresh(statement: Any) -> bool:
    """Whether the kept document is the one that would be made now."""
    query = """
        SELECT (d.day, d.last_day, d.open_from, d.terms, d.pairs, d.lines, d.facets)
          IS NOT DISTINCT FROM (n.day, n.last_day, n.open_from, n.terms, n.pairs, n.lines, n.facets)
        FROM quotes_searchdoc d, verbatim_documents(ARRAY[d.statement_id]) n WHERE d.statement_id = %s"""
    with connection.as_owner():  # type: ignore[attr-defined]
        return bool(sql(query, statement.pk))


def test_every_change_reaches_the_document_in_the_same_transaction() -> None:
    statement = make.a_statement(said_on=dt.date(2026, 2, 4))
    assert facets(statement, 2) == {4}, "a statement without quotes is unchecked"
    quote = make.a_quote(statement, "Peace is near.", chain=[make.an_outlet()])
    assert holds(statement, "peace")
    Quote.objects.filter(pk=quote.pk).update(text="War is near.")
    assert holds(statement, "war")
    assert not holds(statement, "peace")
    outlet = make.an_outlet()
    Article.objects.filter(pk=quote.article_id).update(outlet=outlet)
    assert outlet.pk in facets(statement, 4)
    topic = make.a_topic()
    statement.topics.add(topic)
    assert facets(statement, 5) == {topic.pk}
    statement.topics.clear()
    assert facets(statement, 5) == set()
    make.a_figure(quote, 55_000)
    assert sql("SELECT terms @@ '=55000' FROM quotes_searchdoc WHERE statement_id = %s", statement.pk)
    Statement.objects.filter(pk=statement.pk).update(gist="On elephants", occasion="Interview", record="off")
    assert holds(statement, "elephant")
    assert holds(statement, "interview")
    quote.relays.all().delete()
    assert fresh(statement)


def test_sources_and_what_is_held_are_terms_that_no_count_has_to_step_over() -> None:
    """0064_documents_lean: a count unpacks every facet of every hit, and reads a row from the left."""
    outlet = make.an_outlet()
    quote = make.a_quote(text="War is near.", article=make.an_article(outlet))
    make.a_figure(quote, 55_000)
    assert sql(
        "SELECT terms @@ %s::tsquery FROM quotes_searchdoc WHERE statement_id = %s",
        f"'#10.{outlet.pk}' & '#9.1'",
        quote.statement_id,
    )
    assert facets(quote.statement, 9) == facets(quote.statement, 10) == set()
    assert facets(quote.statement, 4) == {outlet.pk}
    order = sql(
        "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = 'quotes_searchdoc'::regclass AND attnum > 0"
    )
    assert order.index("facets") < min(order.index(name) for name in ("terms", "pairs", "lines"))


def test_a_quote_that_moves_leaves_the_one_and_reaches_the_other() -> None:
    quote = make.a_quote(text="Peace is near.")
    before, after = quote.statement, make.a_statement()
    Quote.objects.filter(pk=quote.pk).update(statement=after)
    assert not holds(before, "peace")
    assert holds(after, "peace")


def test_standing_reaches_the_document(verifier: Any, second_verifier: Any) -> None:
    statement = make.a_statement()
    quote = make.a_held_quote(statement)
    make.a_check(quote, verifier)
    assert facets(statement, 2) == {2}
    make.a_check(quote, second_verifier)
    assert facets(statement, 2) == {1}
    other = make.a_quote(statement, "Other words.")
    make.a_check(other, verifier, ruling="disputed", reason="No such words.")
    assert facets(statement, 2) == {1, 5}, "one bad report neither hides nor is hidden"


def test_a_merger_and_a_role_that_speaks_reach_the_document(verifier: Any) -> None:
    office, person, other = make.a_speaker(kind="institution"), make.a_speaker(), make.a_speaker()
    statement = make.a_statement(person, said_on=dt.date(2026, 2, 4))
    assert facets(statement, 1) == {person.pk}
    role = make.a_tenure(
        person, "Spokesman", organisation=office, speaks_for=True, starts=dt.date(2026, 2, 1)
    )
    assert facets(statement, 1) == {person.pk, office.pk}
    Tenure.objects.filter(pk=role.pk).update(starts=dt.date(2026, 2, 5))
    assert facets(statement, 1) == {person.pk}
    merging = merge(person, other, by=verifier)
    assert facets(statement, 1) == {other.pk}
    undo(merging, by=verifier)
    assert facets(statement, 1) == {person.pk}


def test_a_statement_that_goes_takes_its_document_along() -> None:
    statement = make.a_statement()
    with acting(by=None, verb="test.delete"):
        Statement.objects.filter(pk=statement.pk).delete()
    assert not SearchDoc.objects.filter(pk=statement.pk).exists()


def test_the_sample_holds_every_eighth_document_and_follows_it() -> None:
    statements = [make.a_statement(gist=f"On elephant {n}") for n in range(40)]
    sampled = {s.pk for s in statements if sql("SELECT hashint8(%s) & 7", s.pk) == 0}
    assert sampled, "forty statements without one in the sample: choose more"
    kept = SearchSample.objects.filter(pk__in=[s.pk for s in statements])
    assert set(kept.values_list("pk", flat=True)) == sampled
    Statement.objects.filter(pk__in=sampled).update(gist="On giraffes")
    found = (
        "SELECT count(*) FROM quotes_searchsample WHERE statement_id = ANY(%s) AND terms @@ verbatim_word(%s)"
    )
    assert sql(found, list(sampled), "giraffe") == len(sampled)
    with acting(by=None, verb="test.delete"):
        Statement.objects.filter(pk__in=sampled).delete()
    assert not kept.exists()


def test_a_new_headline_or_alias_rewrites_no_document() -> None:
    speaker = make.a_speaker()
    quote = make.a_quote(make.a_statement(speaker))
    place = "SELECT ctid::text FROM quotes_searchdoc WHERE statement_id = %s"
    before = sql(place, quote.statement_id)
    Article.objects.filter(pk=quote.article_id).update(headline="Another")
    Speaker.objects.filter(pk=speaker.pk).update(description="Another")
    make.a_speaker(names={"Somebody": "en"})
    assert sql(place, quote.statement_id) == before


@pytest.mark.django_db(transaction=True)
def test_a_large_write_is_indexed_when_it_commits() -> None:
    speaker = make.a_speaker()
    with acting(by=None, verb="test.import"):
        Statement.objects.bulk_create(
            Statement(uid=f"bulk-{n}", speaker=speaker, gist=f"On elephant number {n}") for n in range(700)
        )
        assert SearchDoc.objects.count() == 0, "not yet"
    assert SearchDoc.objects.count() == 700
    with connection.as_owner():  # type: ignore[attr-defined]
        assert sql("SELECT count(*) FROM quotes_searchwork") == 0
        assert sql("SELECT count(*) FROM quotes_searchbatch") == 0


@pytest.mark.django_db(transaction=True)
def test_two_reports_of_one_statement_at_once_are_both_found(in_threads: Any) -> None:
    statement = make.a_statement()

    def report(word: str) -> None:
        make.a_quote(statement, f"Everything about {word}.")

    in_threads(report, ["elephants", "giraffes", "zebras"])
    assert [holds(statement, word) for word in ("elephants", "giraffes", "zebras")] == [True] * 3
    assert fresh(statement)


@pytest.mark.parametrize("table", ["quotes_searchdoc", "quotes_searchsample", "quotes_searchnames"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = NULL", "TRUNCATE {}"])
def test_the_app_cannot_write_what_search_reads(table: str, change: str) -> None:
    column = "shard" if table.endswith("names") else "lines"
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table, column))


def test_the_app_cannot_index_by_itself() -> None:
    for function in ("verbatim_index", "verbatim_index_soon", "verbatim_documents"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql(f"SELECT {function}('{{1}}')")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 300_000,
        "слово " * 60_000,
        " ".join(f"w{n}" for n in range(40_000)),
        "\u0301" * 50,
        "戦" * 50_000,
    ],
)
def test_no_text_is_too_long_or_too_odd_to_be_kept(text: str) -> None:
    statement = make.a_statement(original_text=text)
    for _ in range(3):
        make.a_quote(statement, text)
    assert SearchDoc.objects.filter(pk=statement.pk).exists()


# --- Words, phrases and numbers, against other ways to tell -------------------------------------------------------

VOCABULARY = ["the", "war", "in", "of", "peace", "we", "lose", "55,000", "it’s", "Київ", "戦争"]


TEXTS = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=9), min_size=3, max_size=6)


def plain_words(text: str) -> list[str]:
    """Words of a text, told in Python without anything of the database."""
    return re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W_\u3040-\u30ff\u4e00-\u9fff]+", text.lower())


@settings(max_examples=15, deadline=None)
@given(
    texts=st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=9), min_size=3, max_size=6),
    data=st.data(),
)
def test_exact_phrases_are_those_of_a_brute_force_scan(texts: list[list[str]], data: Any) -> None:
    with transaction.atomic():
        speaker = make.a_speaker()
        kept = [(make.a_statement(speaker), " ".join(words).capitalize() + ".") for words in texts]
        for statement, text in kept:
            make.a_quote(statement, text)
        source = data.draw(st.sampled_from(texts))
        first = data.draw(st.integers(0, len(source) - 2))
        phrase = " ".join(source[first : first + data.draw(st.integers(2, 4))])
        wanted = plain_words(phrase)
        scanned = {
            statement.pk
            for statement, text in kept
            if any(plain_words(text)[i : i + len(wanted)] == wanted for i in range(len(plain_words(text))))
        }
        hits = sql(
            "SELECT ids FROM verbatim_search(NULL, NULL, ARRAY[verbatim_words(%s)], '{}', NULL, NULL, true, 'said',"
            " 100, NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', 10000)",
            phrase,
        )
        assert set(hits or ()) & {statement.pk for statement, _ in kept} == scanned
        transaction.set_rollback(True)


def test_neighbours_alone_make_no_phrase() -> None:
    make.a_quote(make.a_statement(), "The war was lost in the west. A war in the east.")
    call = (
        "SELECT total FROM verbatim_search(NULL, NULL, ARRAY[%s], '{}', NULL, NULL, true, 'said', 9,"
        " NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', 10000)"
    )
    assert sql(call, "the war in") == 0, "“the war” and “war in” stand there, but apart"
    assert sql(call, "a war in the east") == 1


def test_above_the_cap_the_sample_tells_nothing_of_what_is_held_back() -> None:
    """Asked as the app asks: with the app's own rights on the parts of the sample."""
    open_paper, closed_paper = make.an_outlet("Open Post"), make.an_outlet("Closed Post")
    shown, kept_back = make.a_statement(), make.a_statement(record="off")
    make.a_quote(shown, "It is war.", article=make.an_article(open_paper))
    make.a_quote(kept_back, "It is war.", article=make.an_article(closed_paper))
    with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        # Not one of those that the sample takes by itself, and high enough that the sample is asked.
        cursor.execute(
            "INSERT INTO quotes_searchdoc (statement_id, day, last_day, open_from, terms, pairs, lines, facets)"
            " SELECT (SELECT n FROM generate_series(50000, 50100) n"
            " WHERE hashint8(n) & 7 <> 0 LIMIT 1), day, last_day, open_from, terms, pairs, lines, facets"
            " FROM quotes_searchdoc WHERE statement_id = %s",
            [shown.pk],
        )
        cursor.execute("DELETE FROM quotes_searchsample")
        cursor.execute(
            "INSERT INTO quotes_searchsample (statement_id, day, last_day, open_from,"
            " terms, pairs, lines, facets, level)"
            " SELECT 100000 + statement_id * 10000 + n, day, last_day, open_from, terms,"
            " pairs, lines, facets, 5 + 2 * (n %% 3) FROM quotes_searchdoc, generate_series(1, 800) n"
            " WHERE statement_id = ANY (%s)",
            [[shown.pk, kept_back.pk]],
        )
    call = (
        "SELECT to_jsonb(found)::text FROM verbatim_search(verbatim_word('war'), NULL, '{}', '{}', NULL, NULL, %s,"
        " 'said', 26, NULL, NULL, NULL, NULL, '{1,2,3,4,5,6,7}', '{}', '{}', '{}', %s) found"
    )
    told = {held: json.loads(sql(call, held, CAP)) for held in (False, True)}
    assert [one["exact"] for one in told.values()] == [False, False]
    assert told[True]["total"] > told[False]["total"] > CAP
    outlets = {held: {value for kind, value, _ in one["facets"] if kind == 4} for held, one in told.items()}
    assert outlets == {False: {open_paper.pk}, True: {open_paper.pk, closed_paper.pk}}
    assert kept_back.pk in told[True]["ids"]
    assert kept_back.pk not in told[False]["ids"]


@pytest.mark.parametrize(
    ("since", "until", "terms"),
    [
        ("2025-03-04", "2026-02-01", "'#7.2025' | '#7.2026'"),
        ("2017-01-01", "2026-12-31", " | ".join(f"'#7.{year}'" for year in range(2017, 2027))),
        ("2016-12-31", "2026-01-01", None),
        ("0001-01-01", "9999-12-31", None),
        (None, "2026-01-01", None),
    ],
)
def test_few_years_stand_in_for_days_and_many_do_not(
    since: str | None, until: str, terms: str | None
) -> None:
    assert sql("SELECT verbatim_search_years(%s, %s)::text", since, until) == terms


def test_a_word_of_many_spellings_is_looked_up_once() -> None:
    once = sql("SELECT verbatim_any_word(%s)::text", ["Kyiv", "kyiv", "Київ", "Kyiv"]).split(" | ")
    assert len(once) == len(set(once)) > 1
    assert "<->" in sql("SELECT verbatim_any_word(%s)::text", ["Kyiv", "city of Kyiv", "Kyiv"])


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("55,000 soldiers", {"55000"}),
        ("55 000 and 55.000 and 55’000", {"55000"}),
        ("55 тыс. солдат, 13 тисяч", {"55000", "13000"}),
        ("5만5000명, 13만 2천", {"55000", "132000"}),
        ("5.5万人", {"55000"}),
        ("2.5 million, 1,234.56", {"2500000", "1234.56"}),
        ("in 2022 100 people", {"2022", "100"}),
        ("on 4.2.2026", {"4", "2", "2026"}),
        ("from 100,000 to 140,000", {"100000", "140000"}),
        ("no number at all", set()),
    ],
)
def test_numbers_are_read_as_they_are_meant(text: str, numbers: set[str]) -> None:
    assert {n.removeprefix("=") for n in sql("SELECT verbatim_numbers(%s)", text)} == numbers


def test_the_small_words_are_those_of_postgresql() -> None:
    assert set(sql("SELECT verbatim_small_words()")) == STOP
    assert all(sql("SELECT to_tsvector('english', %s)", word) == "" for word in STOP)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_understanding_never_fails_and_says_again_what_it_understood(text: str) -> None:
    query = understand(text)
    again = understand(" ".join([query.rest, *(asked.as_typed for asked in query.asked)]))
    assert again.clauses == query.clauses
    assert again.asked == query.asked


def test_a_document_of_nothing_is_refused_nowhere() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.a_quote(make.a_statement(), "")


def waiting() -> int:
    """How many pages of new entries wait in the large index; they are merged by asking."""
    with connection.as_owner():  # type: ignore[attr-defined]
        return int(sql("SELECT gin_clean_pending_list('searchdoc_terms')"))


def test_only_a_few_documents_wait_to_be_merged_into_the_index() -> None:
    waiting()
    make.a_quote(text="Peace is near.")
    assert waiting() == 1, "a person's save leaves its documents to be merged later"
    speaker = make.a_speaker()
    Statement.objects.bulk_create(
        Statement(uid=f"of-many-{number}", speaker=speaker, gist=f"On {number} things")
        for number in range(201)
    )
    assert waiting() == 0, "many are merged by who writes them"
    for number in range(60):
        make.a_statement(original_text=f"{number}: {' '.join(f'word{number}x{n}' for n in range(40))}")
    assert waiting() <= 16, "no more than 64 kB of 8 kB pages, and what one write adds"
