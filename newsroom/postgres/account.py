"""Who runs the server: PostgreSQL refuses root, so for root it is a service user; for everybody else, themselves."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from newsroom.postgres.binaries import Binaries
from newsroom.postgres.errors import SetupError

# A directory that is always the present one, whatever the rights of the directories above it.
HERE = "/proc/self/cwd"
# Only these places are written by root alone or are sticky; the first that works holds the copy.
COPIES = ("/var/cache/verbatim", "/var/tmp/verbatim-root")  # noqa: S108 - checked for its owner below
FOREIGN = ("LANG", "LANGUAGE", "LC_", "PG")


@dataclass(frozen=True)
class Account:
    """The user under whom PostgreSQL runs.

    Attributes:
        name: the login name.
        uid: user id.
        gid: group id.
        borrowed: True when this process is root and has to change to it.
    """

    name: str
    uid: int
    gid: int
    borrowed: bool

    def give(self, path: Path) -> None:
        """Make a path that we have just created theirs."""
        if self.borrowed:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, directory: Path) -> bool:
        """Tell whether this user may enter a directory, by trying."""
        if not self.borrowed:
            return os.access(directory, os.X_OK)
        tried = self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)], cwd=Path("/"))
        return tried.returncode == 0

    def run(
        self, command: Sequence[str | Path], *, cwd: Path, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user.

        Args:
            command: program and arguments.
            cwd: its directory, entered before the rights are dropped.
            text: what it reads.
        """
        try:
            return subprocess.run(
                command,
                cwd=cwd,
                env=clean_environment(os.environ),
                input=text,
                stdin=subprocess.DEVNULL if text is None else None,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                **self._identity,
            )
        except OSError as error:
            raise SetupError(f"{command[0]} cannot be run: {error.strerror}.") from None

    def start(self, command: Sequence[str | Path], *, cwd: Path, log: Path) -> subprocess.Popen[bytes]:
        """Start a program that stays, in a session of its own, writing to a log.

        Args:
            command: program and arguments.
            cwd: its directory, entered before the rights are dropped.
            log: the file that gets its output; readable for its owner only.
        """
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=clean_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                **self._identity,
            )
        except OSError as error:
            raise SetupError(f"{command[0]} cannot be run: {error.strerror}.") from None
        finally:
            os.close(descriptor)

    @cached_property
    def _identity(self) -> dict[str, Any]:
        if not self.borrowed:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}


def account_for(env: Mapping[str, str]) -> Account:
    """Find the user under whom PostgreSQL runs.

    Args:
        env: the environment; VERBATIM_PG_USER names root's choice, else ``postgres``, else ``nobody``.

    Raises:
        SetupError: when root has no such user, or the present user has no name (initdb needs one).
    """
    uid = os.geteuid()
    if uid:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise SetupError(
                f"User id {uid} has no entry in /etc/passwd, and PostgreSQL needs one; add it or set DATABASE_URL."
            ) from None
        return Account(entry.pw_name, uid, os.getegid(), borrowed=False)
    named = env.get("VERBATIM_PG_USER")
    for name in [named] if named else ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, borrowed=True)
    raise SetupError(
        "PostgreSQL does not run as root, and there is no user "
        f"{named or 'postgres or nobody'} to run it; name one in VERBATIM_PG_USER or set DATABASE_URL."
    )


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Give the environment without what would change PostgreSQL: languages that may be missing, PG* settings."""
    return {key: value for key, value in env.items() if not key.startswith(FOREIGN)}


def reachable(binaries: Binaries, account: Account) -> Binaries:
    """Give programs that the account may run: these, or for root a copy in a place that everybody can read.

    Rights of existing directories are never changed: a virtual environment below /root stays closed.

    Raises:
        SetupError: when the copy has no place.
    """
    if not account.borrowed:
        return binaries
    try:
        if account.run([binaries.program("postgres"), "--version"], cwd=Path("/")).returncode == 0:
            return binaries
    except SetupError:
        pass  # closed to this user, or on a file system without programs: a copy is next
    problem = ""
    for place in COPIES:
        try:
            copy = _copied(binaries, Path(place))
        except OSError as error:
            problem = f"{error.strerror} ({place})"
            continue
        inside = copy / binaries.directory.relative_to(binaries.root)
        return Binaries(inside, copy, binaries.version)
    raise SetupError(
        f"User {account.name} cannot run {binaries.directory}, and there is no room for a copy: {problem}."
    )


def _copied(binaries: Binaries, place: Path) -> Path:
    """Copy a build below a directory of root's, all at once or not at all; an earlier copy is used again."""
    place.mkdir(mode=0o755, exist_ok=True)
    status = place.lstat()
    if status.st_uid != 0 or status.st_mode & 0o022 or not place.is_dir() or place.is_symlink():
        raise PermissionError(1, "is not a directory that only root can write", str(place))
    stamp = (binaries.directory / "postgres").stat()
    copy = place / f"postgres-{binaries.version}-{stamp.st_size:x}{int(stamp.st_mtime):x}"
    if copy.is_dir():
        return copy
    unfinished = Path(tempfile.mkdtemp(prefix=".copy-", dir=place))
    try:
        package = binaries.directory.relative_to(binaries.root).parts[0]
        if (binaries.root / f"{package}.libs").is_dir():
            # The root is site-packages: only the two directories that belong together.
            names = [package, f"{package}.libs"]
        else:
            names = [path.name for path in binaries.root.iterdir()]
        for name in names:
            source = binaries.root / name
            if source.is_dir():
                shutil.copytree(source, unfinished / name, symlinks=True)
            else:
                shutil.copy2(source, unfinished / name)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o755 | 0o444 | (0o111 if path.is_dir() else 0))
        unfinished.rename(copy)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        if copy.is_dir():
            return copy
        raise
    return copy
