"""`manage.py export_quotes [--format json|csv|claimreview|annotation] [--out FILE] [filters]` (PRODUCT.md §5)."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from quotes.forms import SearchForm
from quotes.search.addresses import OWN
from quotes.search.criteria import Criteria
from quotes.search.export import OPERATOR, held_back, one_moment
from quotes.search.export_linked import Site
from quotes.search.exports import FORMATS, refusals_of, selection_of

PERIOD = ("from", "to")


class Command(BaseCommand):
    """Write records as a file: all of them, or what a search finds."""

    help = (
        "Export records. Without filters and without --as everything leaves, what is off the record included;"
        " with --as what that person may see. Which fields and formats there are: docs/formats.md."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the format, the file, and the filters of /search/ under their names there."""
        parser.add_argument("--format", default="json", choices=list(FORMATS))
        parser.add_argument(
            "--out", metavar="FILE", type=Path, help="a whole file or none; else standard output"
        )
        parser.add_argument("--as", dest="account", metavar="USER", help="only what this person may see")
        parser.add_argument("--site", metavar="URL", default=_own_site(), help="where the desk is reached")
        parser.add_argument(
            "--publisher", metavar="NAME", default="Verbatim", help="who publishes linked data"
        )
        filters = parser.add_argument_group("filters, as on /search/")
        filters.add_argument("--query", metavar="TEXT", default="", help="what stands in the box")
        for name in OWN:
            filters.add_argument(
                f"--{name}",
                action="append",
                default=[],
                metavar="VALUE",
                help=f"--{name}=-VALUE leaves it out",
            )
        for name in PERIOD:
            filters.add_argument(f"--{name}", metavar="DATE", default="", help="2026, 2026-02 or 2026-02-04")

    def handle(self, **options: Any) -> None:
        """Write the file, and say on standard error what is in it.

        Raises:
            CommandError: for an unknown account, a filter that says nothing, and a file that cannot be written.
        """
        kind = FORMATS[options["format"]]
        site = Site(options["site"].rstrip("/"), options["publisher"])
        user = self._person(options["account"])
        tally: Counter[str] = Counter()
        out: Path | None = options["out"]
        with one_moment():
            selection, notes, _ = selection_of(_criteria(options), user)
            if notes:
                # A filter that is left out would make the file larger than was asked for.
                raise CommandError("\n".join(["Nothing was exported.", *notes]))
            pieces = kind.write(selection, site, tally)
            if out is None:
                try:
                    self._print(pieces)
                except BrokenPipeError:
                    # Whoever reads has had enough; there is nobody to tell.
                    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                    sys.exit(1)
            else:
                with _whole(out) as file:
                    for piece in pieces:
                        file.write(piece.encode())
            restricted = held_back(selection)
        self._tell(tally, out, kind.name)
        if restricted and kind.name in ("json", "csv"):
            self.stderr.write(
                f"{restricted:,} of the statements are off the record or under embargo: handle with care."
            )

    def _person(self, account: str | None) -> Any:
        if account is None:
            return OPERATOR
        person = User.objects.filter(username=account, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active account “{account}” to export as.")
        return person

    def _print(self, pieces: Iterable[str]) -> None:
        raw = getattr(self.stdout._out, "buffer", None)  # bytes: whatever encoding the terminal has
        for piece in pieces:
            if raw is None:
                self.stdout.write(piece, ending="")
            else:
                raw.write(piece.encode())
        if raw is not None:
            raw.flush()

    def _tell(self, tally: Counter[str], out: Path | None, name: str) -> None:
        parts = ", ".join(f"{number:,} {what}" for what, number in tally.items())
        self.stderr.write(f"{tally.total():,} records{f' ({parts})' if parts else ''}.")
        if out is None or name not in ("json", "csv"):
            return
        errors = refusals_of(str(out))
        for error in errors:
            self.stderr.write(f"Would be refused when read back: {error}")
        if errors:
            self.stderr.write(f"{errors.count:,} in all. They are in the file; correct them at the desk.")


def _own_site() -> str:
    return next(iter(settings.CSRF_TRUSTED_ORIGINS), f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")


def _criteria(options: dict[str, Any]) -> Criteria:
    asked = QueryDict(mutable=True)
    asked["q"] = options["query"]
    for name in OWN:
        asked.setlist(name, options[name])
    for name in PERIOD:
        asked[name] = options[name]
    return SearchForm(asked).criteria()


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name when it is whole; until then, and after an error, what was there stays.

    It is readable by its owner only: it may hold what is off the record.
    """
    # A link is followed, so that what it names gets the records and not its place.
    path = path.resolve()
    if path.exists() and not path.is_file():
        # A device would be replaced by the file, for everybody on the machine.
        raise CommandError(f"{path} is not a file; without --out it goes to standard output.")
    part = ""
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            part = file.name
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        if part and os.path.exists(part):
            os.unlink(part)
