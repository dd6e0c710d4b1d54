"""Making a cluster (all or nothing) and writing its settings."""

import os
import pwd
import shutil
import sys
import tempfile
from pathlib import Path

from newsroom.database import APP_ROLE, EMBEDDED_NAME, OWNER_ROLE
from newsroom.postgres.account import HERE, Account
from newsroom.postgres.binaries import Binaries
from newsroom.postgres.errors import SetupError
from newsroom.postgres.memory import Memory
from newsroom.postgres.roles import EXTENSIONS

SUPERUSER = "postgres"

# pg_trgm finds words with LC_CTYPE, not with the provider: under C it sees no Cyrillic and no CJK at all (measured,
# STACK.md §1). The first name that this system has is taken; all of them mean UTF-8.
CTYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8")

# Once, by the superuser of initdb, who is not needed again. The extensions are in template1 as well, so that test
# databases have them. The owner may become the app, never the other way round.
ROLES = f"""
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB CREATEROLE NOSUPERUSER;
CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT {APP_ROLE} TO {OWNER_ROLE} WITH ADMIN OPTION;
"""
OWN_DATABASE = f"CREATE DATABASE {EMBEDDED_NAME} OWNER {OWNER_ROLE};\n"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # What is logged names no quote: neither the statement that failed nor the row that it met.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "logging_collector": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
# A new cluster, and one that crashed, is first brought to the disk as a whole: after a crash one call for the file
# system took 0.04 s where one for each of 1,600 files took 3.3 s (five crashes each on a busy disk). Only Linux has it.
SYNCFS = sys.platform == "linux"
if SYNCFS:
    SETTINGS["recovery_init_sync_method"] = "syncfs"


def initdb(final: Path, binaries: Binaries, account: Account) -> None:
    """Make a cluster with its roles and its database beside ``final``, then rename it there.

    A process that is killed on the way leaves a directory with another name, which the next start removes.

    Args:
        final: the data directory; it does not exist yet.
        binaries: programs that the account can run.
        account: the user who will own it.

    Raises:
        SetupError: with PostgreSQL's own last line.
    """
    for unfinished in final.parent.glob(".new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        account.give(new)
        here = place(new, account, binaries)
        _run_initdb(new, here, binaries, account)
        extensions = "".join(f"CREATE EXTENSION {name};\n" for name in EXTENSIONS)
        _run_single(new, here, binaries, account, extensions + ROLES + OWN_DATABASE)
        _sync(new, here, binaries, account)
        new.rename(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(data: Path, account: Account, binaries: Binaries) -> str:
    """Give the name under which the account reaches a directory that it is started in.

    Below a directory that is closed to it (0700 and root's, which we do not change) that is ``/proc/self/cwd``: a
    process may stay in a directory it was put into, whatever lies above.

    Raises:
        SetupError: where there is no such name (not Linux, or PostgreSQL 15).
    """
    if account.can_reach(data):
        return str(data)
    # Before 16 the programs leave their directory while they look for themselves, and do not find back.
    if os.path.exists(HERE) and binaries.major >= 16:
        return HERE
    raise SetupError(
        f"User {account.name}, who runs PostgreSQL for root, cannot enter {data}; set VERBATIM_DATA to a "
        "directory that everybody can pass through, such as /var/lib/verbatim."
    )


def _run_initdb(new: Path, here: str, binaries: Binaries, account: Account) -> None:
    command: list[str | Path] = [
        binaries.program("initdb"), "-D", here, "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--data-checksums",
        "--auth=reject", "--no-instructions", "--no-sync",
    ]  # fmt: skip
    if binaries.major >= 17:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    reason = ""
    for ctype in CTYPES:
        done = account.run([*command, f"--lc-ctype={ctype}"], cwd=new)
        if done.returncode == 0:
            return
        reason = done.stderr
        if "locale" not in reason:
            break
    raise SetupError(f"PostgreSQL could not make its data directory in {new.parent}: {last_line(reason)}")


def _run_single(new: Path, here: str, binaries: Binaries, account: Account, sql: str) -> None:
    """Run SQL in template1 without any server: no socket is open while there are no rules for it yet."""
    command: list[str | Path] = [binaries.program("postgres"), "--single", "-D", here]
    for setting in ("exit_on_error=true", "fsync=off"):
        command += ["-c", setting]
    done = account.run([*command, "template1"], cwd=new, text=sql)
    if done.returncode:
        raise SetupError(f"PostgreSQL could not set up its database: {last_line(done.stderr)}")


def _sync(new: Path, here: str, binaries: Binaries, account: Account) -> None:
    """Bring the finished cluster to the disk, once for all that was done, before it gets its name."""
    command: list[str | Path] = [binaries.program("initdb"), "-D", here, "--sync-only"]
    if SYNCFS and binaries.major >= 17:
        command.append("--sync-method=syncfs")
    done = account.run(command, cwd=new)
    if done.returncode:
        raise SetupError(f"PostgreSQL's new data could not be brought to the disk: {last_line(done.stderr)}")


def configure(data: Path, account: Account, socket_directory: str, memory: Memory) -> None:
    """Write what the server must know, at each start, so that an edit or an upgrade cannot leave it open.

    Other lines of ``postgresql.auto.conf`` (from ALTER SYSTEM) are kept.

    Args:
        data: the data directory.
        account: who owns it.
        socket_directory: where the socket goes; "." is the data directory.
        memory: what it may take on the machine that it is started on.
    """
    settings = SETTINGS | memory.settings() | {"unix_socket_directories": _listed(socket_directory)}
    file = data / "postgresql.auto.conf"
    kept = [
        line
        for line in (file.read_text(encoding="utf-8").splitlines() if file.exists() else [])
        if line.partition("=")[0].strip() not in settings and not line.startswith("#")
    ]
    ours = [f"{key} = '{value.replace("'", "''")}'" for key, value in settings.items()]
    _write(file, ["# Written by Verbatim at each start.", *ours, *kept], account)
    # The kernel tells the server who is at the other end (peer), so a user who gets at the socket is still refused.
    _write(
        data / "pg_hba.conf",
        [
            "local all all peer map=verbatim",
            "local replication all peer map=verbatim",
            "host all all all reject",
        ],
        account,
    )
    people = sorted({pwd.getpwuid(os.geteuid()).pw_name, account.name, "root"})
    _write(
        data / "pg_ident.conf",
        [f'verbatim "{person}" {role}' for person in people for role in (APP_ROLE, OWNER_ROLE, SUPERUSER)],
        account,
    )


def _listed(directory: str) -> str:
    """Quote a directory for unix_socket_directories, which is a list: spaces and commas separate, so to speak."""
    return '"' + directory.replace('"', '""') + '"'


def _write(file: Path, lines: list[str], account: Account) -> None:
    """Replace a file of the data directory in one step, never through a link that lies in its place."""
    descriptor, name = tempfile.mkstemp(prefix=".conf-", dir=file.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as new:
        new.write("\n".join(lines) + "\n")
        new.flush()
        os.fsync(new.fileno())
    account.give(Path(name))
    os.replace(name, file)


def last_line(text: str) -> str:
    """Give the last line of a program's output that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line or "ERROR" in line]
    return (telling or lines or ["no reason given"])[-1]
