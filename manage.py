#!/usr/bin/env python
"""Verbatim's command line. Every trouble of the set-up is one line on stderr and a status other than 0."""

import os
import signal
import sys
from types import FrameType


def main(arguments: list[str]) -> None:
    """Run one command.

    Args:
        arguments: ``sys.argv``.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    try:
        from newsroom import commandline
    except ModuleNotFoundError as missing:
        sys.exit(
            f"verbatim: the Python package {missing.name!r} is missing. Make the environment first: "
            "python -m venv .venv && .venv/bin/pip install -r requirements.txt, then .venv/bin/python manage.py ..."
        )
    try:
        commandline.run(arguments)
    except KeyboardInterrupt:
        # What was not whole is not kept; a shell calls it by this status.
        sys.stderr.write("\nverbatim: stopped by Ctrl-C.\n")
        sys.exit(128 + signal.SIGINT)


def leave(number: int, frame: FrameType | None) -> None:
    """End as after a normal exit, so that the last user of the embedded server stops it."""
    sys.exit(128 + number)


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        # An ignored SIGHUP (nohup) stays ignored; Windows has none.
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, leave)
    main(sys.argv)
