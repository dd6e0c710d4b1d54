"""Run the torture and print a table: ``python -m newsroom.postgres.torture [--all] [--case NAME] [--as USER]``."""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from newsroom.postgres.torture import cases, more, outage
from newsroom.postgres.torture.lab import ROOT, Failed, scratch

CASES: dict[str, cases.Case] = {
    "SIGTERM of the app": cases.sigterm,
    "SIGHUP of the app": cases.sighup,
    "kill -9 of the app": cases.sigkill,
    "recycled pid in postmaster.pid": cases.recycled_pid,
    "zombie postmaster": cases.zombie,
    "killed initdb": cases.killed_initdb,
    "path with a space": cases.odd_path,
    "path of 140 characters": cases.long_path,
    "missing locale": cases.missing_locale,
    "unset locale": cases.unset_locale,
    "root or not": cases.account,
    "parent directory at 0700": cases.closed_parent,
    "eight starts at once": cases.eight_at_once,
    "the reloader of runserver": cases.reloader,
    **more.CASES,
}


def run(name: str, *, thorough: bool) -> tuple[str, str, float]:
    """Run one case in a directory of its own.

    Args:
        name: a key of CASES.
        thorough: as often as TRUST.md asks, instead of a few times.

    Returns:
        ``ok``, ``skip`` or ``FAIL``; what was seen; seconds.
    """
    began = time.monotonic()
    with scratch() as base:
        try:
            seen, result = CASES[name](base, thorough), "ok"
        except more.NotHere as reason:
            seen, result = str(reason), "skip"
        except (Failed, OSError, subprocess.SubprocessError) as error:
            seen, result = " ".join(str(error).split()), "FAIL"
    return result, seen, time.monotonic() - began


def say(line: str) -> None:
    """Write a line of the table at once: some cases take long."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the chosen cases.

    Returns:
        1 when one failed.
    """
    parser = argparse.ArgumentParser(prog="python -m newsroom.postgres.torture", description=__doc__)
    parser.add_argument("--all", action="store_true", help="each case as often as TRUST.md asks")
    parser.add_argument("--case", action="append", help="a part of the name of a case; may be repeated")
    parser.add_argument("--as", dest="user", help="run as this user (only root can ask for it)")
    parser.add_argument(
        "--pooling", type=int, metavar="N", help="compare ways to connect over N outages each"
    )
    chosen = parser.parse_args()
    if chosen.user:
        return _as_user(chosen.user)
    if chosen.pooling:
        for line in outage.rows(chosen.pooling):
            say(line)
        return 0
    names = [name for name in CASES if not chosen.case or any(part in name for part in chosen.case)]
    width = max(map(len, names), default=4)
    say(f"As {'root' if os.geteuid() == 0 else 'an ordinary user'}, {time.strftime('%Y-%m-%d')}\n")
    say(f"{'case':<{width}} | result | seconds | seen")
    failed = 0
    for name in names:
        result, seen, seconds = run(name, thorough=chosen.all)
        failed += result == "FAIL"
        say(f"{name:<{width}} | {result:<6} | {seconds:7.1f} | {seen}")
    say(f"\n{len(names)} cases, {failed} failed")
    return 1 if failed else 0


def _as_user(user: str) -> int:
    """Run this again as somebody else, with a home of their own."""
    with tempfile.TemporaryDirectory(prefix="verbatim-home-", dir="/var/tmp") as home:
        import pwd

        entry = pwd.getpwnam(user)
        os.chown(home, entry.pw_uid, entry.pw_gid)
        arguments = [
            word for word in sys.argv[1:] if word not in {"--as", user} and not word.startswith("--as=")
        ]
        env = {"HOME": home, "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        try:
            return subprocess.run(
                [sys.executable, "-m", "newsroom.postgres.torture", *arguments],
                cwd=ROOT,
                env=env,
                user=entry.pw_uid,
                group=entry.pw_gid,
                extra_groups=[],
                check=False,
            ).returncode
        except PermissionError as error:
            sys.exit(
                f"{user} cannot run {error.filename}: use a Python and a clone that everybody can reach."
            )


if __name__ == "__main__":
    sys.exit(main())
