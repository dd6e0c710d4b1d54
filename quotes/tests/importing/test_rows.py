"""Rows: what a fixture may hold is taken as it is, everything else is refused with place and reason."""

# house: tables of traps, which are long because there are many

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.importing.errors import ErrorList, RowError, json_path, shown
from quotes.importing.schema import MODELS, REFUSED_FIELDS, REFUSED_MODELS

from .helpers import QUOTE, quote, read, read_bytes, record, refusals

ADDRESS = QUOTE["article"][0]
BODY = "He said: “productive”."
SHA = hashlib.sha256(BODY.encode()).hexdigest()
FIGURE = {"quote": ["q-1"], "measure": ["killed"], "method": "claim"}
TENURE = {"person": ["peskov"], "title": "Press Secretary", "source_url": "https://example.org/peskov"}
LINK = {"source": ["s-1"], "target": ["s-2"], "type": "contradicts"}


def test_a_quote_is_taken_with_its_key_and_references() -> None:
    (row,), errors = read(quote(capture=[ADDRESS, SHA], start=10, end=20, prefix="He said: “"))
    assert not errors
    assert (row.model, row.key) == ("quotes.quote", ("umerov-productive",))
    assert row.fields["text"] == "productive"
    assert "suffix" not in row.fields
    assert list(row.references()) == [
        ("statement", "quotes.statement", ("umerov-abu-dhabi",)),
        ("article", "quotes.article", (ADDRESS,)),
        ("capture", "quotes.capture", (ADDRESS, SHA)),
    ]


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)
)
def test_the_text_of_a_quote_is_kept_byte_for_byte(text: str) -> None:
    (row,), _ = read(quote(text=text))
    assert row.fields["text"].encode() == text.encode()


def test_values_are_as_the_records_keep_them() -> None:
    rows, errors = read(
        record(
            "quotes.figure",
            **FIGURE,
            low="55000",
            high=55000,
            bound="exact",
            as_of="2026-02-01",
            as_of_precision="month",
        ),
        record(
            "quotes.article",
            url="https://example.org/a",
            outlet=["ap"],
            headline="H",
            language="en",
            published_at="2026-02-05T11:19:44+09:00",
        ),
        record("quotes.link", **LINK, score=0.5, reasons=["same day"], decided_by=None, decided_at=None),
        record("quotes.statement", uid="s-1", speaker=["peskov"], gist="G", topics=[["war"], ["talks"]]),
        record(
            "quotes.tenure",
            **TENURE,
            starts="2012-05-01",
            starts_precision="month",
            organisation=["kremlin"],
            speaks_for=True,
        ),
        record(
            "quotes.evidence",
            quote=["q-1"],
            kind="recording",
            url="https://example.org/v",
            timecode="01:02:03",
            stance="supports",
        ),
        record(
            "quotes.capture", article=[ADDRESS], sha256=SHA, captured_at="2026-02-05T00:00:00Z", body=BODY
        ),
    )
    assert [str(error) for error in errors] == []
    figure, article, link, statement, tenure, evidence, capture = rows
    assert figure.fields["low"] == figure.fields["high"] == Decimal(55000)
    assert figure.fields["as_of"] == dt.date(2026, 2, 1)
    assert article.fields["published_at"] == dt.datetime(2026, 2, 5, 2, 19, 44, tzinfo=dt.UTC)
    assert link.fields["score"] == 0.5
    assert statement.fields["topics"] == [("war",), ("talks",)]
    assert tenure.key == ("peskov", "Press Secretary", "2012-05-01")
    assert evidence.key == ("q-1", "recording", "https://example.org/v", "01:02:03", "supports")
    assert capture.key == (ADDRESS, SHA)


def test_a_symmetric_link_has_one_key_from_either_end() -> None:
    (one,), _ = read(record("quotes.link", **LINK))
    (other,), _ = read(record("quotes.link", **{**LINK, "source": ["s-2"], "target": ["s-1"]}))
    assert one.key == other.key == ("s-1", "s-2", "contradicts")
    (directed,), _ = read(record("quotes.link", source=["s-2"], target=["s-1"], type="repeats"))
    assert directed.key == ("s-2", "s-1", "repeats")


def test_evidence_without_an_address_is_known_by_the_empty_one() -> None:
    (row,), _ = read(
        record("quotes.evidence", quote=["q-1"], kind="other", excerpt="heard it", stance="silent")
    )
    assert row.key == ("q-1", "other", "", "", "silent")


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (1, "[0]", "found 1, expected an object"),
        ([], "[0]", "expected an object"),
        (None, "[0]", "found null"),
        ({}, "[0]", "found no model"),
        ({"model": "quotes.quote"}, "[0]", "found no fields"),
        ({"fields": {}}, "[0]", "found no model"),
        ({"model": "quotes.quote", "fields": []}, "[0].fields", "expected an object of fields"),
        ({**quote(), "pk": 1}, "[0].pk", "primary key"),
        ({**quote(), "pk": None}, "[0].pk", "primary key"),
        ({**quote(), "id": 1}, "[0].id", 'unknown key "id"'),
        ({"model": "quotes.Quote", "fields": QUOTE}, "[0].model", "expected quotes.quote"),
        ({"model": "quotes.qoute", "fields": QUOTE}, "[0].model", "expected quotes.quote perhaps"),
        ({"model": 5, "fields": {}}, "[0].model", "found 5"),
        ({"model": "auth.user", "fields": {}}, "[0].model", "accounts"),
        ({"model": "auth.permission", "fields": {}}, "[0].model", "accounts"),
        ({"model": "quotes.check", "fields": {}}, "[0].model", "checks are made by people"),
        ({"model": "quotes.standing", "fields": {}}, "[0].model", "derived"),
        ({"model": "quotes.auditevent", "fields": {}}, "[0].model", "audit"),
        (quote(standing="verified"), "[0].fields.standing", "derived"),
        (quote(status="verified"), "[0].fields.status", "unknown field"),
        (quote(txet="a"), "[0].fields.txet", "expected text perhaps"),
        (quote(id=1), "[0].fields.id", "natural keys"),
        (quote(version=3), "[0].fields.version", "counted by the desk"),
        (quote(created_by=["admin"]), "[0].fields.created_by", "recorded by the desk"),
        (quote(uid="Q-1"), "[0].fields.uid", 'found "Q-1", expected a uid'),
        (quote(uid="q"), "[0].fields.uid", "3 to 64"),
        (quote(uid="-q1"), "[0].fields.uid", "a uid"),
        (quote(uid="q-1\n"), "[0].fields.uid", "a uid"),
        (quote(uid=5), "[0].fields.uid", "found 5"),
        (quote(text=""), "[0].fields.text", "not blank"),
        (quote(text=None), "[0].fields.text", "found null, expected text"),
        (quote(text=["a"]), "[0].fields.text", "found a list"),
        (quote(kind="DIRECT"), "[0].fields.kind", "direct, indirect, mixed or partial"),
        (quote(language="english"), "[0].fields.language", "language tag"),
        (quote(is_translation=1), "[0].fields.is_translation", "true or false"),
        (quote(is_translation="true"), "[0].fields.is_translation", "true or false"),
        (quote(prefix="x" * 65), "[0].fields.prefix", "found 65 characters, expected at most 64"),
        (quote(statement="s-1"), "[0].fields.statement", "a list of one value"),
        (quote(statement=["s-1", "s-2"]), "[0].fields.statement", "a list of one value"),
        (quote(statement=[7]), "[0].fields.statement[0]", "found 7, expected a uid"),
        (quote(statement=None), "[0].fields.statement", "found null"),
        (quote(article=["javascript:alert(1)"]), "[0].fields.article[0]", "javascript:"),
        (
            quote(article=["https://EXAMPLE.org/a#b"]),
            "[0].fields.article[0]",
            "the canonical form https://example.org/a",
        ),
        (quote(capture=[ADDRESS]), "[0].fields.capture", "a list of 2 values"),
        (quote(capture=[ADDRESS, SHA.upper()]), "[0].fields.capture[1]", "hexadecimal"),
        (quote(capture=["https://example.org/other", SHA]), "[0].fields.capture", "own article"),
        (quote(start=1), "[0].fields.start", "half an anchor"),
        (quote(end=1), "[0].fields.end", "half an anchor"),
        (quote(capture=[ADDRESS, SHA], start=10, end=10), "[0].fields.end", "more than the start"),
        (quote(capture=[ADDRESS, SHA], start=10, end=21), "[0].fields.end", "expected 20"),
        (quote(start=10, end=20), "[0].fields.start", "without a capture"),
        (quote(start=-1, end=9), "[0].fields.start", "a whole number"),
        (quote(start=1.0, end=11), "[0].fields.start", "found 1.0, expected a whole number"),
        (quote(start=True, end=11), "[0].fields.start", "found true"),
        (record("quotes.quote"), "[0].fields", "found no article"),
        (record("quotes.speaker", slug="A b", name="A", kind="person"), "[0].fields.slug", "a slug"),
        (record("quotes.speaker", slug="a", name=" ", kind="person"), "[0].fields.name", "not blank"),
        (
            record("quotes.speaker", slug="a", name="A", kind="person", country="Ukraine"),
            "[0].fields.country",
            "two capital letters",
        ),
        (
            record("quotes.speaker", slug="a", name="A", kind="person", wikidata_id="3874799"),
            "[0].fields.wikidata_id",
            "Q42",
        ),
        (
            record("quotes.speaker", slug="a", name="A", kind="person", redirects_to=["a"]),
            "[0].fields.redirects_to",
            "itself",
        ),
        (
            record("quotes.outlet", slug="a", name="A", kind="site", owner=["a"]),
            "[0].fields.owner",
            "does not own itself",
        ),
        (record("quotes.tenure", **TENURE, starts="2012-05"), "[0].fields.starts", "YYYY-MM-DD"),
        (
            record("quotes.tenure", **TENURE, starts="2012-05-02", starts_precision="month"),
            "[0].fields.starts",
            "first day",
        ),
        (
            record("quotes.tenure", **TENURE, starts="2012-05-01", starts_precision="year"),
            "[0].fields.starts",
            "1 January",
        ),
        (
            record("quotes.tenure", **TENURE, starts="2012-05-01"),
            "[0].fields.starts",
            "without starts_precision",
        ),
        (
            record("quotes.tenure", **TENURE, starts=None, starts_precision="day"),
            "[0].fields.starts_precision",
            "without a date",
        ),
        (
            record("quotes.tenure", **TENURE, starts="2012-02-30", starts_precision="day"),
            "[0].fields.starts",
            "calendar",
        ),
        (
            record("quotes.tenure", **TENURE, starts="0000-01-01", starts_precision="day"),
            "[0].fields.starts",
            "calendar",
        ),
        (
            record(
                "quotes.tenure",
                **TENURE,
                starts="2020-01-01",
                starts_precision="year",
                ends="2019-12-31",
                ends_precision="day",
            ),
            "[0].fields.ends",
            "on or after",
        ),
        (record("quotes.tenure", **TENURE, speaks_for=True), "[0].fields.speaks_for", "organisation"),
        (
            record("quotes.tenure", **{**TENURE, "source_url": "ftp://example.org"}),
            "[0].fields.source_url",
            "ftp:",
        ),
        (
            record(
                "quotes.article",
                url=ADDRESS,
                outlet=["ap"],
                headline="H",
                language="en",
                published_at="2026-02-05T11:19:44",
            ),
            "[0].fields.published_at",
            "offset",
        ),
        (
            record(
                "quotes.article",
                url=ADDRESS,
                outlet=["ap"],
                headline="H",
                language="en",
                published_at="0001-01-01T00:00:00+09:00",
            ),
            "[0].fields.published_at",
            "calendar",
        ),
        (
            record(
                "quotes.article", url=ADDRESS + "?utm_source=a", outlet=["ap"], headline="H", language="en"
            ),
            "[0].fields.url",
            f"canonical form {ADDRESS}",
        ),
        (
            record(
                "quotes.capture",
                article=[ADDRESS],
                sha256=SHA,
                captured_at="2026-02-05T00:00:00Z",
                body="other",
            ),
            "[0].fields.sha256",
            "does not belong",
        ),
        (
            record("quotes.statement", uid="s-1", speaker=["a"], gist="G", topics=["war"]),
            "[0].fields.topics[0]",
            "a list of one value",
        ),
        (
            record("quotes.statement", uid="s-1", speaker=["a"], gist="G", topics=[["war"], ["war"]]),
            "[0].fields.topics",
            "twice",
        ),
        (
            record("quotes.statement", uid="s-1", speaker=["a"], gist="G", record="secret"),
            "[0].fields.record",
            "on, background or off",
        ),
        (record("quotes.relay", quote=["q-1"], position=0), "[0].fields.position", "from 1 to"),
        (record("quotes.relay", quote=["q-1"], position=1), "[0].fields.outlet", "at least one"),
        (record("quotes.figure", **FIGURE, low=2, high=1, bound="range"), "[0].fields.high", "not below"),
        (record("quotes.figure", **FIGURE, low=1, high=2, bound="about"), "[0].fields.high", "one number"),
        (
            record("quotes.figure", **FIGURE, low=1, high=1, bound="at_least"),
            "[0].fields.high",
            "null for high",
        ),
        (record("quotes.figure", **FIGURE, low=1, bound="at_most"), "[0].fields.high", "null for low"),
        (
            record("quotes.figure", **FIGURE, low=1e30, high=1e30, bound="exact"),
            "[0].fields.high",
            "18 digits",
        ),
        (
            record("quotes.figure", **FIGURE, low="1,000", high=1000, bound="exact"),
            "[0].fields.low",
            "18 digits",
        ),
        (
            record("quotes.figure", **FIGURE, low=0.0000001, high=0.0000001, bound="exact"),
            "[0].fields.high",
            "6 behind",
        ),
        (
            record("quotes.figure", **FIGURE, low=True, high=True, bound="exact"),
            "[0].fields.high",
            "a number",
        ),
        (record("quotes.link", **{**LINK, "target": ["s-1"]}), "[0].fields.target", "another statement"),
        (record("quotes.link", **LINK, score=1.5), "[0].fields.score", "from 0 to 1"),
        (
            record("quotes.link", **LINK, decided_by=["admin"]),
            "[0].fields.decided_by",
            "the person who imports",
        ),
        (record("quotes.link", **LINK, reasons=["a", 5]), "[0].fields.reasons[1]", "found 5, expected text"),
        (
            record("quotes.evidence", quote=["q-1"], kind="wire", stance="supports"),
            "[0].fields.url",
            "at least one",
        ),
        (
            record("quotes.evidence", quote=["q-1"], kind="wire", url="data:text/html,x", stance="supports"),
            "[0].fields.url",
            "data:",
        ),
        (
            record(
                "quotes.evidence",
                quote=["q-1"],
                kind="wire",
                excerpt="x",
                timecode="half past",
                stance="supports",
            ),
            "[0].fields.timecode",
            "01:02:03",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_place_and_reason(value: Any, path: str, reason: str) -> None:
    assert any(line.startswith(f"{path}: ") and reason in line for line in refusals(value)), refusals(value)


def test_minus_nought_is_no_number_of_a_record() -> None:
    rows, errors = read_bytes(b'[{"model":"quotes.relay","fields":{"quote":["q-1"],"position":-0}}]')
    assert not rows
    assert "found -0" in errors.listed[0].message


def test_a_refusal_points_to_the_value_and_an_unknown_field_to_its_key() -> None:
    data = b'[\n {"model": "quotes.topic",\n  "fields": {"slug": "A B",\n   "nmae": "x"}}\n]'
    _, errors = read_bytes(data, "b.json")
    assert [str(error) for error in errors] == [
        'b.json:3:22: [0].fields.slug: found "A B", expected '
        "a slug: 1 to 80 of a–z, 0–9 and hyphens, not a hyphen first",
        'b.json:4:4: [0].fields.nmae: found the unknown field "nmae" of quotes.topic, expected name perhaps',
        "b.json:3:13: [0].fields: found no name, expected one",
    ]


def test_all_refusals_of_all_records_are_collected_until_the_text_breaks() -> None:
    topic = b'{"model":"quotes.topic","fields":{"slug":"%s","name":%s}}'
    data = b'[%s,%s,{"model":5},[}' % (topic % (b"a", b"1"), topic % (b"b", b'"B"'))
    rows, errors = read_bytes(data)
    assert [row.key for row in rows] == [("b",)]
    assert [error.path for error in errors] == ["[0].fields.name", "[2].model", "[2]", "[3][0]"]


def test_a_thousand_errors_are_listed_and_the_rest_counted() -> None:
    rows, errors = read(*[record("quotes.topic", slug="a", name=1)] * 1_003)
    assert not rows
    assert (errors.count, len(errors.listed), errors.unlisted) == (1_003, 1_000, 3)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10),
        st.sampled_from(
            [
                "q-1",
                "https://example.org/",
                "2026-02-04",
                "day",
                "en",
                "direct",
                "range",
                "55000",
                "2026-02-05T11:19:44Z",
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(MODELS)), st.data())
def test_no_value_in_any_field_crashes_and_every_refusal_has_its_place(
    label: str, data: st.DataObject
) -> None:
    fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(MODELS[label].fields, JSON)))
    rows, errors = read(record(label, **fields))
    assert bool(rows) != bool(errors)
    for error in errors:
        assert error.path.startswith("[0]")
        assert error.line > 1
        assert error.message.isprintable()


def test_errors_are_safe_to_print() -> None:
    error = RowError(
        "a\x1b[31m.json", 1, 2, json_path((0, "fields", "a\u202eb")), f"found {shown('x' * 99 + chr(7))}"
    )
    assert str(error).isprintable()
    assert len(str(error)) < 200
    assert shown({"a": 1}) == "an object"
    assert shown([]) == "an empty list"
    assert shown(Decimal("1E+5")) == "1E+5"
    assert json_path(()) == "$"
    assert error.as_json()["line"] == 1


def test_an_error_list_knows_whether_it_is_empty() -> None:
    errors = ErrorList()
    assert not errors
    errors.add(RowError("a", 1, 1, "$", "x"))
    assert errors


def test_what_is_refused_is_not_allowed_elsewhere() -> None:
    assert not REFUSED_MODELS.keys() & MODELS.keys()
    for model in MODELS.values():
        assert not REFUSED_FIELDS.keys() & model.fields.keys()
        assert set(model.key) <= model.fields.keys()
        assert {field.refers_to for field in model.fields.values()} - {""} <= MODELS.keys()
