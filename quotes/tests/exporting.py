"""What tests of exports share: a selection as text, the way back, and quotes that must not leave with everybody."""

import csv
import io
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from quotes.actions import imports
from quotes.search import exports
from quotes.search.export import OPERATOR, Selection
from quotes.search.export_linked import Site

from . import factories as make

FIXTURES = sorted((Path(settings.BASE_DIR) / "fixtures").glob("*.json"))
SITE = Site("https://desk.example", "The Newsroom")
FORMULA = tuple("=+-@|%＝＋－＠｜％")
IN_A_YEAR = timezone.now() + timezone.timedelta(days=365)


def text_of(name: str, user: Any = OPERATOR) -> str:
    """Everything that a person may see, in one format."""
    return "".join(exports.FORMATS[name].write(Selection(user), SITE, Counter()))


def bring(path: Path, text: str, by: Any) -> imports.Report:
    """Import a text from a file, and see to it that nothing is refused."""
    path.write_text(text, encoding="utf-8", newline="")
    report = imports.run([path], by=by)
    assert not report.refused, [str(error) for error in report.errors]
    return report


def unchanged(report: imports.Report) -> int:
    """How many records an import left as they were; all of them, or the test fails."""
    assert (report.created, report.updated, report.proposed) == ({}, {}, {})
    return sum(report.unchanged.values())


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a sheet as any reader of CSV sees them."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def run(*arguments: str) -> tuple[str, str]:
    """What the command prints, and what it says beside it."""
    out, err = StringIO(), StringIO()
    call_command("export_quotes", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def some_secrets() -> dict[str, Any]:
    """One open quote, one off the record, one under embargo, one on background; the first two in one captured text."""
    article = make.an_article()
    body = "He said: “Open words.” Aside he said: “Secret words.” Then he left."
    ada = make.a_speaker("Ada")
    held = {
        "open": make.a_quote(make.a_statement(ada), "Open words.", article=article, body=body),
        "off": make.a_quote(
            make.a_statement(ada, record="off", uid="secret-off"), "Secret words.", article=article, body=body
        ),
        "embargo": make.a_quote(
            make.a_statement(ada, embargoed_until=IN_A_YEAR, uid="secret-embargo"), "Secret words, too."
        ),
        "background": make.a_quote(
            make.a_statement(ada, record="background"), "Background words.", body="“Background words.”"
        ),
    }
    make.a_link(held["open"].statement, held["off"].statement)
    make.some_evidence(held["off"], excerpt="Secret words.")
    make.a_figure(held["embargo"], as_printed="Secret words")
    return held
