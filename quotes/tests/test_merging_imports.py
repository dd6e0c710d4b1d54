"""A file that goes on naming what was merged or joined changes nothing, and undoes nothing (invariants 9 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from quotes.models import Quote, Speaker, Statement
from quotes.tests import factories as make
from quotes.tests.joined import join, merge, nothing_is_astray, rows, undo

from .test_imports import bring, file, row, story

pytestmark = pytest.mark.django_db

__all__ = ["file"]


def twice_over() -> list[dict[str, Any]]:
    """The story with a second Ada, who has a spelling and a role of the first, a statement and links."""
    first = story()
    statements = [
        row("statement", uid=uid, speaker=[who], gist=f"About {uid}")
        for uid, who in (("one", "ada"), ("two", "ada-twice"), ("third", "ada"))
    ]
    return [
        *first,
        row("speaker", slug="ada-twice", name="Ada Twice", kind="person", wikidata_id=None, redirects_to=None),
        row("speakername", speaker=["ada-twice"], text="Ада", language="uk", kind="official"),
        *(
            row(
                "tenure", person=[who], title="Minister", starts="2020-01-01", starts_precision="day",
                source_url="https://roles.example/",
            )
            for who in ("ada", "ada-twice")
        ),
        *statements,
        row("link", source=["one"], target=["two"], type="repeats", score=0.5),
        row("link", source=["one"], target=["third"], type="contradicts", score=0.5),
        row("link", source=["third"], target=["two"], type="contradicts", score=0.5),
        row("link", source=["two"], target=["third"], type="denies", score=0.5),
    ]  # fmt: skip


def test_the_same_file_after_merging_and_joining_changes_nothing(
    file: Any, reporter: Any, verifier: Any
) -> None:
    path = file(twice_over())
    first = bring(path, reporter)
    # What an import leaves for its commit is done here, so that it can be compared.
    nothing_is_astray()
    before = rows()
    merging = merge(Speaker.objects.get(slug="ada-twice"), Speaker.objects.get(slug="ada"), by=verifier)
    joining = join(Statement.objects.get(uid="one"), Statement.objects.get(uid="two"), by=verifier)
    merged = rows()
    again = bring(path, reporter)
    assert not again.refused
    assert (again.created, again.updated, again.proposed) == ({}, {}, {})
    assert again.unchanged == {label: number for label, number in first.created.items() if number}
    nothing_is_astray()
    assert rows() == merged
    undo(joining, by=verifier)
    undo(merging, by=verifier)
    assert rows() == before


def test_what_a_file_brings_for_the_old_names_comes_to_those_kept(
    file: Any, reporter: Any, verifier: Any
) -> None:
    bring(file(twice_over()), reporter)
    ada = Speaker.objects.get(slug="ada")
    merge(Speaker.objects.get(slug="ada-twice"), ada, by=verifier)
    one = Statement.objects.get(uid="one")
    join(one, Statement.objects.get(uid="two"), by=verifier)
    article = Quote.objects.select_related("article").first().article
    bring(
        file(
            [
                row("statement", uid="fourth", speaker=["ada-twice"], gist="New"),
                row("speakername", speaker=["ada-twice"], text="エイダ", language="ja", kind="official"),
                row(
                    "quote", uid="new-report", statement=["two"], article=[article.url], kind="indirect",
                    text="She said so.", language="en",
                ),
                row("link", source=["two"], target=["fourth"], type="clarifies"),
            ],
        ),
        reporter,
    )  # fmt: skip
    assert Statement.objects.get(uid="fourth").speaker_id == ada.pk
    assert ada.names.filter(text="エイダ").exists()
    assert Quote.objects.get(uid="new-report").statement_id == one.pk
    assert one.links_out.get(type="clarifies").target.uid == "fourth"
    nothing_is_astray()


def test_a_file_cannot_merge_a_speaker_who_has_statements(file: Any, reporter: Any) -> None:
    speaker, other = make.a_speaker(slug="busy"), make.a_speaker(slug="other")
    make.a_statement(speaker)
    before = rows()
    from quotes.actions import imports

    report = imports.run(
        [
            file(
                [
                    row("speaker", slug="busy", name=speaker.name, kind="person", redirects_to=["other"]),
                ]
            )
        ],
        by=reporter,
    )
    assert report.refused
    assert "merge it on its page" in str(report.errors)
    assert rows() == before
    assert Speaker.objects.get(pk=other.pk).redirects_to is None
