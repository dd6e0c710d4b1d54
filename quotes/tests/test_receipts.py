"""Copying with credit, and receipts that a script without this site can verify."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.models import AuditSeal, Statement
from quotes.text import attribution

from . import factories as make
from .htmx import parsed
from .joined import split

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_receipt.py"


def verified(tmp_path: Path, content: bytes, *more: str) -> tuple[int, str]:
    """Run the published script on a file, with nothing of this site on its path."""
    file = tmp_path / "receipt.html"
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *more], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.django_db
class TestReceipts:
    @pytest.fixture
    def quote(self, verifier: Any) -> Any:
        quote = make.a_held_quote(make.a_statement(gist="</pre><b>&lt; “quoted”"), chain=[make.an_outlet()])
        make.some_evidence(quote, excerpt="As he said it")
        make.a_check(quote, verifier, note="Heard <it>")
        return quote

    @pytest.fixture
    def content(self, client_of: Any, reader: Any, quote: Any) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # seals what a commit would seal
        answer = client_of(reader).get(reverse("statement-receipt", args=[quote.statement.uid]))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        return answer.content

    def test_a_receipt_holds_and_says_what_is_on_record(self, content: bytes, tmp_path: Path) -> None:
        assert verified(tmp_path, content) == (0, "The receipt holds.\n")
        page = content.decode()
        for words in (make.WORDS.replace("'", "&#x27;"), "As he said it", "Heard &lt;it&gt;", "Position"):
            assert words in page

    @pytest.mark.parametrize("hide", ["the linked", "the split off"])
    def test_a_receipt_tells_of_no_other_statement_that_is_held_back_since(
        self, client_of: Any, reader: Any, verifier: Any, quote: Any, tmp_path: Path, hide: str
    ) -> None:
        statement = quote.statement
        linked = make.a_statement(uid="the-linked")
        make.a_link(statement, linked, note="canary of a note", by=verifier)
        make.a_quote(statement, "Something else")
        split(statement, [statement.quotes.last()], "the-split-off", by=verifier)
        address = reverse("statement-receipt", args=[statement.uid])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        named = ("canary of a note", "the-split-off")
        before = client_of(reader).get(address).content.decode()
        assert all(words in before for words in named)
        hidden, told = named if hide == "the linked" else reversed(named)
        with acting(by=verifier, verb="statements.hold"):
            Statement.objects.filter(uid=hide.replace(" ", "-")).update(record="off")
        for person, sees in ((reader, False), (verifier, True)):
            answer = client_of(person).get(address)
            assert (hidden in answer.content.decode()) is sees
            assert told in answer.content.decode()
            assert verified(tmp_path, answer.content) == (0, "The receipt holds.\n")

    def test_one_altered_byte_anywhere_fails(self, content: bytes, tmp_path: Path) -> None:
        step = len(content) // 12
        for place in [*range(0, len(content), step), len(content) - 1, len(content) - 10]:
            altered = bytearray(content)
            altered[place] ^= 1
            assert verified(tmp_path, bytes(altered))[0] == 1, place
        assert verified(tmp_path, content + b" ")[0] == 1
        assert verified(tmp_path, content[:-1])[0] == 1

    def test_an_altered_event_fails_even_under_a_new_hash_of_the_file(
        self, content: bytes, tmp_path: Path
    ) -> None:
        body = content[: content.rindex(b"<!-- sha256")]
        for was, now in ((b"quotes.enter", b"quotes.Enter"), (b"lose this war", b"win this war")):
            altered = body.replace(was, now)
            assert altered != body
            closed = altered + f"<!-- sha256 {hashlib.sha256(altered).hexdigest()} -->\n".encode()
            status, told = verified(tmp_path, closed)
            assert status == 1
            assert "is not what was recorded" in told

    def test_a_checkpoint_noted_elsewhere_is_compared(self, content: bytes, tmp_path: Path) -> None:
        seal = AuditSeal.objects.filter(position__isnull=False).latest("position")
        assert verified(tmp_path, content, str(seal.position), seal.hash)[0] == 0
        assert verified(tmp_path, content, str(seal.position), "0" * 64)[0] == 1

    def test_there_is_none_of_what_is_held_back(self, client_of: Any, reader: Any, verifier: Any) -> None:
        off = make.a_quote(make.a_statement(record="off"))
        page = reverse("statement-receipt", args=[off.statement.uid])
        assert client_of(reader).get(page).status_code == 404
        assert client_of(verifier).get(page).status_code == 200

    def test_the_page_offers_every_form_and_the_receipt(
        self, client_of: Any, reader: Any, quote: Any
    ) -> None:
        page = parsed(client_of(reader).get(reverse("quote", args=[quote.uid])))
        for name in ("plain", "html", "markdown"):
            assert "Traced to a report we hold" in page.select_one(f"#copy-{name}").get_text()
            assert page.select_one(f'[data-copy="copy-{name}"]') is not None
        assert page.select_one(f'a[href="{reverse("statement-receipt", args=[quote.statement.uid])}"]')


def told(**fields: Any) -> dict[str, str]:
    source = attribution.Source(
        **{
            "words": "A <b> & *star*\n- item\n1. one", "kind": "direct",
            "speaker": "Ada", "roles": [], "outlet": "The [Wire]",
            "published": "5 Feb 2026", **fields,
        }
    )  # fmt: skip
    copies = attribution.copies(
        source, depth="traced to a report we hold", url="https://a.example/(x)", language="en"
    )
    return {copy.name: copy.text for copy in copies}


@pytest.mark.parametrize("standing", ["disputed", "misattributed", "retracted"])
def test_contested_words_leave_only_with_their_label(standing: str) -> None:
    forms = told(standing=standing)
    assert forms["plain"].startswith(standing.upper())
    assert f"<strong>{standing.capitalize()}" in forms["html"]
    assert f"**{standing.capitalize()}" in forms["markdown"]


def test_a_verified_quote_says_so_in_every_form() -> None:
    assert all(
        "Verified." in text and "Traced to a report we hold." in text
        for text in told(standing="verified").values()
    )


def test_no_sign_of_the_words_becomes_markup() -> None:
    forms = told()
    assert "<b>" not in forms["html"]
    assert "A &lt;b&gt; &amp; *star*" in forms["html"]
    assert r"> A \<b\> \& \*star\*" in forms["markdown"]
    assert "\n> \\- item\n> 1\\. one" in forms["markdown"]
    assert r"[The \[Wire\]](https://a.example/%28x%29)" in forms["markdown"]
