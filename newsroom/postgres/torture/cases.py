"""The fourteen cases of STACK.md §1, one function each. A function gives a word about what it saw, or raises Failed."""

import ctypes
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from newsroom.postgres.torture.lab import ROOT, START, Failed, Lab, laboratory, wait_for

Case = Callable[[Path, bool], str]

RELOADED_SETTINGS = """
import os
from newsroom import database
DATABASES = database.databases(os.environ)
SECRET_KEY = "torture"
DEBUG = True
USE_TZ = True
ROOT_URLCONF = "torture_urls"
INSTALLED_APPS = []
"""


def _killed_app(number: int, times: int, base: Path) -> str:
    """The app is killed ``times`` times; each time the next one finds its rows and the one server."""
    with laboratory(base / "data") as lab:
        for round_ in range(times):
            probe = lab.probe()
            rows, _, _ = probe.ready()
            if rows != round_ + 1:
                raise Failed(f"{rows} rows in round {round_ + 1}")
            probe.kill(number)
            if len(lab.servers()) > 1:
                raise Failed(f"servers {lab.servers()}")
        lab.expect_rows(times + 1)
    return f"{times} x, adopted and stopped"


def sigterm(base: Path, thorough: bool) -> str:
    """SIGTERM of the app."""
    return _killed_app(signal.SIGTERM, 10 if thorough else 2, base)


def sighup(base: Path, thorough: bool) -> str:
    """SIGHUP of the app."""
    return _killed_app(signal.SIGHUP, 10 if thorough else 2, base)


def sigkill(base: Path, thorough: bool) -> str:
    """kill -9 of the app."""
    return _killed_app(signal.SIGKILL, 30 if thorough else 3, base)


def recycled_pid(base: Path, thorough: bool) -> str:
    """postmaster.pid and the socket's lock name living processes: this one, and another cluster's server."""
    with laboratory(base / "data") as lab, laboratory(base / "other") as other:
        # PostgreSQL itself passes over processes of other users, so this one is the server's own user's.
        sleeper = lab.server.account.start(["sleep", "600"], cwd=Path("/"), log=base / "sleep.log")
        foreign = [sleeper.pid]
        if thorough:
            neighbour = other.probe()
            foreign.append(neighbour.ready()[1])
        try:
            for pid in foreign:
                left_over(lab, pid)
                lab.once()
                lab.expect_stopped()
        finally:
            sleeper.kill()
            sleeper.wait()
        if thorough:
            if other.servers() != foreign[1:]:
                raise Failed("the other cluster was touched")
            neighbour.end()
    return "another program's id" + (", another cluster's, which was left alone" if thorough else "")


def left_over(lab: Lab, pid: int) -> None:
    """Crash the server so that its lock files stay, and have them name a process."""
    probe = lab.probe()
    probe.ready()
    lab.kill_server()
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        file = lab.server.data / name
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(pid), *lines[1:]]) + "\n")
    probe.kill()


def zombie(base: Path, thorough: bool) -> str:
    """The postmaster is dead and nobody has collected it, as in a container whose first process does not."""
    with laboratory(base / "data") as lab:
        libc = ctypes.CDLL(None, use_errno=True)
        pr_set_child_subreaper = 36
        if libc.prctl(pr_set_child_subreaper, 1, 0, 0, 0):
            raise Failed("this kernel gives us no orphans")
        try:
            probe = lab.probe()
            _, pid, _ = probe.ready()
            probe.kill()
            os.kill(pid, signal.SIGKILL)
            state = Path(f"/proc/{pid}/stat")
            wait_for(lambda: state.read_text().rpartition(")")[2].split()[0] == "Z", 10, "the zombie")
            lab.once()
            if not state.exists():
                raise Failed("the zombie was gone too early to prove anything")
        finally:
            libc.prctl(pr_set_child_subreaper, 0, 0, 0, 0)
            collect()
        lab.expect_rows(3)
    return "started beside it"


def collect() -> None:
    """Collect the dead children that the case adopted; those that still live are stopped by the lab."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def killed_initdb(base: Path, thorough: bool) -> str:
    """initdb and its starter die at random moments; then initdb alone does."""
    seed = random.Random(20261123)  # noqa: S311 - repeatable
    times = 20 if thorough else 2
    for round_ in range(times):
        with laboratory(base / f"data{round_}") as lab:
            probe = lab.probe("once", session=True)
            time.sleep(seed.uniform(0.2, 1.2))
            if round_ % 2:
                for pid in _initdbs(lab):
                    os.kill(pid, signal.SIGKILL)
            else:
                os.killpg(probe.process.pid, signal.SIGKILL)
            probe.end()
            rows = lab.once()[0]
            lab.expect_rows(rows + 1)
            left = list(lab.base.glob(".new-*"))
            if left:
                raise Failed(f"left behind: {left}")
    return f"{times} moments"


def _initdbs(lab: Lab) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            program = (entry / "cmdline").read_bytes().split(b"\0")[0] if entry.name.isdigit() else b""
            if b"initdb" in program and str(lab.base) in os.readlink(entry / "cwd"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def odd_path(base: Path, thorough: bool) -> str:
    """A directory with a space, quotes, a dollar sign, a comma, and letters beyond ASCII."""
    names = ["a space, it's $HOME", 'say "so" Зоя'] if thorough else ['it\'s "a space", $HOME Зоя']
    for name in names:
        with laboratory(base / name) as lab:
            lab.once()
            lab.expect_rows(2)
    return f"{len(names)} name{'s' if thorough else ''}"


def long_path(base: Path, thorough: bool) -> str:
    """A path of 140 characters: the socket moves to a short directory, closed to others, and a squatter is refused."""
    data = base / ("long-" * 40)[: 139 - len(str(base))]
    with laboratory(data) as lab:
        socket_directory = Path(lab.once()[2])
        status = socket_directory.lstat()
        if status.st_mode & 0o077 or not stat.S_ISDIR(status.st_mode):
            raise Failed(f"{socket_directory} has mode {stat.filemode(status.st_mode)}")
        if status.st_uid != lab.server.account.uid:
            raise Failed(f"{socket_directory} belongs to {status.st_uid}")
        lab.expect_rows(2)
        socket_directory.chmod(0o777)
        refused = lab.probe("once").end()
        socket_directory.chmod(0o700)
        if refused[0] == 0 or "closed to others" not in refused[1]:
            raise Failed(f"an open socket directory was taken: {refused}")
        lab.expect_rows(3)
        shutil.rmtree(socket_directory)
        return f"{len(str(data))} characters, socket in {socket_directory.parent}, 0700"


def missing_locale(base: Path, thorough: bool) -> str:
    """LANG and LC_ALL name a locale that is not installed."""
    env = {"LANG": "xx_YY.UTF-8", "LC_ALL": "xx_YY.UTF-8", "LC_CTYPE": "tlh_QO.UTF-8", "PGPORT": "1"}
    return _sees_cyrillic(base, env)


def unset_locale(base: Path, thorough: bool) -> str:
    """No LANG, no LC_*, as under ``env -i``."""
    env = dict.fromkeys([key for key in os.environ if key.startswith(("LANG", "LC_"))], "")
    return _sees_cyrillic(base, env)


def _sees_cyrillic(base: Path, env: dict[str, str]) -> str:
    with laboratory(base / "data", **env) as lab:
        lab.once()
        program = (
            "import os, django; from django.conf import settings; from newsroom import database;"
            "settings.configure(DATABASES=database.databases(os.environ)); django.setup();"
            "from django.db import connection; from newsroom.checks import check_database;"
            "print([m.id for m in check_database(connection)])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=lab.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout.strip() != "[]":
            raise Failed(f"check_database: {done.stdout.strip() or done.stderr.strip()[-200:]}")
        lab.expect_stopped()
    return "similarity > 0.5, UTF8, checksums on"


def account(base: Path, thorough: bool) -> str:
    """Root's server runs as a service user, everybody else's as themselves; the app is no superuser."""
    with laboratory(base / "data") as lab:
        probe = lab.probe()
        pid = probe.ready()[1]
        uid = Path(f"/proc/{pid}").stat().st_uid
        if uid == 0 or (os.geteuid() and uid != os.geteuid()):
            raise Failed(f"the server runs as {uid}")
        mode = lab.server.data.stat().st_mode & 0o777
        open_files = [
            path for path in lab.base.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077
        ]
        probe.end()
        if mode != 0o700 or open_files:
            raise Failed(f"data 0{mode:o}, open to others: {open_files[:3]}")
        return f"user {lab.server.account.name}"


def closed_parent(base: Path, thorough: bool) -> str:
    """A parent directory at 0700 works and is left as it was."""
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    (closed / "deeper").mkdir(mode=0o700)
    with laboratory(closed / "deeper" / "data") as lab:
        lab.once()
        lab.expect_rows(2)
    for path in (closed, closed / "deeper"):
        if path.stat().st_mode & 0o777 != 0o700 or path.stat().st_uid != os.geteuid():
            raise Failed(f"{path} was changed")
    return "works, 0700 as before"


def eight_at_once(base: Path, thorough: bool) -> str:
    """Eight first starts at once: one cluster, one server, every row."""
    rounds = 5 if thorough else 1
    for round_ in range(rounds):
        with laboratory(base / f"data{round_}") as lab:
            probes = [lab.probe() for _ in range(8)]
            servers = {probe.ready()[1] for probe in probes}
            if len(servers) != 1 or len(lab.servers()) != 1:
                raise Failed(f"servers {servers}, {lab.servers()}")
            for probe in probes:
                if lab.servers() != list(servers):
                    raise Failed("one that ended took the server from the others")
                probe.end()
            lab.expect_stopped()
            lab.expect_rows(9)
    return f"{rounds} x 8, one server each, until the last has ended"


def reloader(base: Path, thorough: bool) -> str:
    """runserver restarts its child for a saved file; the server underneath stays the same one."""
    project = base / "project"
    project.mkdir()
    (project / "torture_settings.py").write_text(RELOADED_SETTINGS)
    (project / "torture_urls.py").write_text("urlpatterns = []\n")
    with laboratory(
        base / "data",
        DJANGO_SETTINGS_MODULE="torture_settings",
        PYTHONPATH=os.pathsep.join(filter(None, [str(project), os.environ.get("PYTHONPATH")])),
        PYTHONUNBUFFERED="1",
    ) as lab:
        log = base / "runserver.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, "manage.py", "runserver", "127.0.0.1:0", "--skip-checks"],
                cwd=ROOT,
                env=lab.env,
                stdout=output,
                stderr=output,
            )
        try:
            wait_for(lambda: _starts(log) >= 1 or child.poll() is not None, START, "runserver")
            if child.poll() is not None:
                raise Failed(f"runserver ended: {log.read_text()[-200:]}")
            before = lab.servers()
            for round_ in range(2, 4):
                time.sleep(1.2)  # the reloader looks once a second, and at whole seconds
                (project / "torture_urls.py").write_text("urlpatterns = []\n" + "#\n" * round_)
                wait_for(lambda wanted=round_: _starts(log) >= wanted, START, "the restart")  # type: ignore[misc]
            after = lab.servers()
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(START)
        if len(before) != 1 or before != after:
            raise Failed(f"server {before}, then {after}")
        wait_for(lambda: not lab.servers(), 10, "the server to stop after runserver")
    return "2 restarts, one server; stopped after SIGTERM"


def _starts(log: Path) -> int:
    return log.read_text(errors="replace").count("Quit the server")
