"""Words and names as they are: text byte for byte, look-alikes warned of and never made one (TRUST.md, R9)."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from quotes.actions import imports
from quotes.models import Quote, Speaker
from quotes.text.lookalikes import _LOOKS, appearance

from .test_imports import bring, row, story

pytestmark = pytest.mark.django_db

# In the manner of lists of naughty strings; written for this test.
NAUGHTY = [
    "undefined", "null", "NaN", "1e400", "-0", "\\", "\\\\", "\\n", '"', "'", "`", "''", '""',
    "\u00a0x\u2003", " x ", "\tx\t", "x\n",
    "\r\nx\r\n", "x\u2028y\u2029z", "\ufeffx", "x\u200by", "\u202ex\u202c", "\u2067x\u2069", "e\u0301",
    "\u00e9", "\u1e9b\u0323",
    "\ufb01", "\u212b", "\uac00", "\u1100\u1161", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1fa\U0001f1e6", "\U0001d518",
    "<script>alert(1)</script>", "&lt;b&gt;", "&#0;", "%00", "%s%n", "{{ 7*7 }}", "{% now %}", "${x}",
    "$(x)", "`id`", "' OR 1=1 --",
    "=1+1", "@SUM(A1)", "+1", "-1", "\t=1", "|x", "javascript:x", "../../x", "C:\\x", "ﷺ", "مرحبا", "שלום",
    "田中さん", "Ω≈ç√∫", "ЁЂЃЄ",
    "T̷o̷d̷", "⁰⁴⁵", "ด้้้้้็็็็็", "(╯°□°）╯", "\u0345\u0399", "ß", "ſ", "İ", "ı", "ǅ", "\u0000e9"[1:],
    "x" * 20_000,
]  # fmt: skip


def test_a_quote_keeps_every_sign_it_came_with(reporter: Any, tmp_path: Path) -> None:
    texts = [
        *NAUGHTY,
        *(unicodedata.normalize(form, "Zürich ﬁ Å 각 ṩ") for form in ("NFC", "NFD", "NFKC", "NFKD")),
    ]
    file = tmp_path / "naughty.json"
    article = {
        "article": ["https://news.example/a"],
        "statement": ["said-it"],
        "kind": "indirect",
        "language": "en",
    }
    quotes = [
        row("quote", uid=f"naughty-{number}", text=text, **article) for number, text in enumerate(texts)
    ]
    file.write_text(json.dumps([*story(), *quotes], ensure_ascii=False), encoding="utf-8", newline="")
    bring(file, reporter)
    held = dict(Quote.objects.filter(uid__startswith="naughty-").values_list("uid", "text"))
    for number, text in enumerate(texts):
        assert held[f"naughty-{number}"].encode() == text.encode(), repr(text)
    assert bring(file, reporter).created == {}


def test_names_that_look_alike_are_all_warned_of_and_none_is_joined(reporter: Any, tmp_path: Path) -> None:
    pairs = [(latin, other) for latin, others in _LOOKS.items() for other in others if other != latin]
    pairs = [pair for pair in pairs if appearance(pair[0]) == appearance(pair[1])]
    assert len(pairs) > 150
    rows = []
    for number, (latin, other) in enumerate(pairs):
        # What stands around the letter makes each pair its own.
        tail = "".join("bdhkqtxz"[int(digit)] for digit in f"{number:o}")
        for side, letter in (("one", latin), ("two", other)):
            rows.append(row("speaker", slug=f"{side}-{number}", name=f"Ma{letter}s {tail}", kind="person"))
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    report = bring(file, reporter)
    told = [str(warning) for warning in report.warnings]
    missed = [
        (latin, other)
        for number, (latin, other) in enumerate(pairs)
        if not any(f"of two-{number} looks like" in line and f"of one-{number};" in line for line in told)
    ]
    assert missed == []
    assert Speaker.objects.filter(slug__startswith="one-", redirects_to=None).count() == len(pairs)
    assert Speaker.objects.filter(slug__startswith="two-", redirects_to=None).count() == len(pairs)


def test_a_reference_finds_its_spelling_and_no_other(reporter: Any, tmp_path: Path) -> None:
    names = [
        row("speaker", slug="zoe", name="Zoë", kind="person"),
        row("speakername", speaker=["zoe"], text="Zoe\u0308", language="en", kind="alias"),
        row("speakername", speaker=["zoe"], text="Zoë", language="en", kind="alias"),
    ]
    file = tmp_path / "forms.json"
    file.write_text(json.dumps(names), encoding="utf-8")
    report = imports.run([file], by=reporter)
    assert not report.refused, [str(error) for error in report.errors]
    assert sorted(name.text for name in Speaker.objects.get().names.all()) == ["Zoe\u0308", "Zoë"]
