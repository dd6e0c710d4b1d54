"""Records seen together: each key once, every reference known, no circles, and look-alikes warned of."""

import io
import json
import random
from typing import Any

import pytest

from quotes.importing.crossing import FileIndex
from quotes.importing.errors import ErrorList
from quotes.importing.rows import read_rows

from .helpers import quote, record


def check(*files: list[Any]) -> tuple[list[str], list[str], list[str]]:
    """Errors, unresolved references and warnings of some files, as text."""
    errors = ErrorList()
    with FileIndex() as index:
        for number, records in enumerate(files):
            data = json.dumps(records, ensure_ascii=False, indent=0).encode()
            for row in read_rows(io.BytesIO(data), f"{'abc'[number]}.json", errors):
                index.add(row)
        assert not errors, errors.listed
        index.finish(errors)
        wanted = [
            f"{reference.model} {'/'.join(map(str, reference.key))}" for reference in index.unresolved()
        ]
        for reference in index.unresolved():
            assert str(reference.error()).startswith(f"{reference.file}:{reference.line}:")
        return [str(error) for error in errors], wanted, [warning.message for warning in index.look_alikes()]


def speaker(slug: str, name: str = "", **fields: Any) -> dict[str, Any]:
    return record("quotes.speaker", slug=slug, name=name or slug.capitalize(), kind="person", **fields)


def test_a_natural_key_twice_is_refused_with_both_places() -> None:
    errors, _, _ = check([speaker("a"), speaker("b"), speaker("a", "Other")], [speaker("b")])
    assert len(errors) == 2
    assert 'a.json:18:1: [2]: found quotes.speaker ["a"] twice, first at line 2' in errors[0]
    assert 'b.json:2:1: [0]: found quotes.speaker ["b"] twice, first at a.json:10' in errors[1]


def test_a_symmetric_link_from_both_ends_is_one_key() -> None:
    link = {"type": "contradicts"}
    errors, wanted, _ = check(
        [
            record("quotes.link", source=["s-1"], target=["s-2"], **link),
            record("quotes.link", source=["s-2"], target=["s-1"], **link),
        ]
    )
    assert "twice" in errors[0]
    assert wanted == ["quotes.statement s-1", "quotes.statement s-2"]


def test_references_are_resolved_in_the_files_in_any_order() -> None:
    records = [
        quote(),
        record("quotes.statement", uid="umerov-abu-dhabi", speaker=["umerov"], gist="G", topics=[["talks"]]),
        record("quotes.topic", slug="talks", name="Talks"),
        speaker("umerov"),
    ]
    for seed in range(6):
        random.Random(seed).shuffle(records)
        errors, wanted, _ = check(records[:2], records[2:])
        assert not errors
        assert wanted == ["quotes.article https://en.fnnews.com/news/202602051022565171"]


def test_a_missing_reference_is_said_once_at_its_first_place() -> None:
    _, wanted, _ = check([quote(uid="q-1"), quote(uid="q-2"), quote(uid="q-3")])
    assert len(wanted) == 2


@pytest.mark.parametrize("size", [2, 3, 12])
def test_a_circle_of_redirects_is_one_error(size: int) -> None:
    circle = [speaker(f"s{n}", redirects_to=[f"s{(n + 1) % size}"]) for n in range(size)]
    errors, _, _ = check([speaker("x", redirects_to=["s0"]), *circle, speaker("y", redirects_to=["x"])])
    assert len(errors) == 1
    assert "found a circle: s0 → s1" in errors[0]
    assert "[1].fields.redirects_to" in errors[0]


def test_a_chain_of_redirects_is_no_circle() -> None:
    chain = [speaker(f"s{n}", redirects_to=[f"s{n + 1}"]) for n in range(500)]
    errors, wanted, _ = check(chain)
    assert not errors
    assert wanted == ["quotes.speaker s500"]


def test_owners_in_a_circle_are_refused() -> None:
    outlets = [record("quotes.outlet", slug=a, name=a, kind="site", owner=[b]) for a, b in ("ab", "ba")]
    errors, _, _ = check(outlets)
    assert "found a circle: a → b → a" in errors[0]


def test_an_outlet_twice_in_one_chain_is_refused() -> None:
    def relay(position: int, outlet: str, of: str = "q-1") -> dict[str, Any]:
        return record("quotes.relay", quote=[of], position=position, outlet=[outlet])

    errors, _, _ = check(
        [relay(1, "kyiv-post"), relay(2, "france-2"), relay(3, "kyiv-post"), relay(1, "france-2", "q-2")]
    )
    assert len(errors) == 1
    assert "found kyiv-post twice in the chain of q-1" in errors[0]


def test_names_that_look_alike_are_warned_of_and_nothing_else_happens() -> None:
    errors, _, warnings = check(
        [
            speaker("pavel", "Pavel Koval"),
            speaker("pavel-2", "Pаvel Koval"),  # Cyrillic а
            speaker("zoe", "Zoë"),
            speaker("zoe-2", "Zoe\u0308"),
            speaker("anna", "Anna"),
            record("quotes.speakername", speaker=["anna"], text="Anna", language="en", kind="official"),
            record("quotes.outlet", slug="anna", name="Anna", kind="site"),
        ]
    )
    assert not errors
    assert len(warnings) == 4
    assert "mixes cyrillic and latin" in warnings[0]
    assert "not NFC" in warnings[1]
    assert "the name “Pаvel Koval” of pavel-2 looks like “Pavel Koval”, the name of pavel" in warnings[2]
    assert "zoe-2 looks like" in warnings[3]


def test_a_name_in_the_letters_of_its_language_is_what_it_seems() -> None:
    def name(text: str, language: str) -> dict[str, Any]:
        return record("quotes.speakername", speaker=["anna"], text=text, language=language, kind="alias")

    honest = [name("Трамп", "ru"), name("Хорста", "uk"), name("Марко", "sr-Cyrl"), name("Νατο", "el")]
    _, _, warnings = check([speaker("anna", "Anna"), *honest])
    assert warnings == []
    odd = [
        name("Хорст", "en"),
        name("Марк", "sr-Latn"),
        name("Tрамп", "ru"),  # a Latin T
        name("Pаvel", "en"),  # a Cyrillic а
        name("Пе\u200bтро", "uk"),
        name("Zoe\u0308", "de"),
    ]
    _, _, warnings = check([speaker("anna", "Anna"), *odd])
    expected = ["look Latin", "look Latin", "mixes", "mixes", "cannot be seen", "not NFC"]
    assert len(warnings) == len(expected), warnings
    assert all(part in warning for part, warning in zip(expected, warnings, strict=True))


def test_memory_of_the_index_is_bounded() -> None:
    import tracemalloc

    def peak(count: int) -> int:
        data = json.dumps([quote(uid=f"q-{n:06}") for n in range(count)]).encode()
        tracemalloc.start()
        errors = ErrorList()
        with FileIndex() as index:
            for row in read_rows(io.BytesIO(data), "a.json", errors):
                index.add(row)
            index.finish(errors)
            assert sum(1 for _ in index.unresolved()) == 2
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(6_000) < 2 * peak(3_000)
