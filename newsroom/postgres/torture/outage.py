"""Pool or persistent connections? Run both against a server that is killed and comes back.

``python -m newsroom.postgres.torture --pooling N``: N outages for each; gunicorn, 2 workers x 4 threads, eight
clients; the server is away for 1 to 12 s and then started again by us (not by the app, which knows it by
DATABASE_URL only).
What counts (TRUST.md, R12): 503 within 2 s, the first good answer within 5 s of the return, and no 500.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from newsroom.postgres.torture.lab import ROOT, Lab, laboratory, scratch, wait_for

PROJECT = """
import os, time
from newsroom import database
from django.core.wsgi import get_wsgi_application
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.urls import path

os.environ["DJANGO_SETTINGS_MODULE"] = "outage_project"
DATABASES = database.databases(os.environ)
DATABASES["default"]["OPTIONS"].pop("assume_role")
WAY = os.environ["OUTAGE_WAY"]
if WAY != "ours":
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
if WAY == "pool":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 4, "timeout": 1.5}
SECRET_KEY = "outage"
USE_TZ = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "outage_project"
LOGGING_CONFIG = None

def away(get_response):
    def middleware(request):
        return get_response(request)
    def process_exception(request, error):
        if isinstance(error, (OperationalError, InterfaceError)):
            return HttpResponse("away", status=503)
    middleware.process_exception = process_exception
    return middleware

MIDDLEWARE = ["outage_project.away"]

def view(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))

urlpatterns = [path("", view)]
application = get_wsgi_application() if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn") else None
"""
WAYS = {
    "pool": "psycopg_pool (OPTIONS['pool'])",
    "stock": "Django's engine, CONN_MAX_AGE",
    "ours": "newsroom.postgres, CONN_MAX_AGE",
}


@dataclass
class Seen:
    """What the clients met."""

    slowest_refusal: float = 0.0
    slowest_return: float = 0.0
    errors: int = 0
    hung: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def rows(outages: int) -> Iterator[str]:
    """Run the outages for each way; give the lines of a table.

    Args:
        outages: how many for each.
    """
    yield f"{'':32} | slowest 503 | back after | 500s | hung over 5 s"
    for way, name in WAYS.items():
        with scratch() as base, laboratory(base / "data") as lab:
            seen = measure(way, lab, base, outages)
        yield (
            f"{name:32} | {seen.slowest_refusal:9.2f} s | {seen.slowest_return:8.2f} s "
            f"| {seen.errors:4} | {seen.hung:4}"
        )


def measure(way: str, lab: Lab, base: Path, outages: int) -> Seen:
    """Kill and bring back the server; give the worst of what eight clients saw.

    Args:
        way: a key of WAYS.
        lab: the server.
        base: a directory for the project.
        outages: how many; they last from 1 to 12 s.
    """
    (base / "outage_project.py").write_text(PROJECT)
    holder = lab.probe()
    host = holder.ready()[2]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "OUTAGE_WAY": way,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(base), str(ROOT), os.environ.get("PYTHONPATH")])),
        "DATABASE_URL": f"postgres://verbatim_owner@{quote(host, safe='')}:5432/verbatim",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "-w",
        "2",
        "--threads",
        "4",
        "-b",
        f"127.0.0.1:{port}",
    ]
    web = subprocess.Popen(
        [*command, "--log-level", "critical", "outage_project:application"],
        cwd=base, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    seen, stop = Seen(), threading.Event()
    returned: list[float] = []
    good = threading.Event()

    def client() -> None:
        while not stop.is_set():
            began = time.monotonic()
            status = 0
            with suppress(OSError):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                        status = answer.status
                except urllib.error.HTTPError as error:
                    status = error.code
            took = time.monotonic() - began
            with seen.lock:
                if status == 503:
                    seen.slowest_refusal = max(seen.slowest_refusal, took)
                seen.errors += status == 500
                seen.hung += took > 5
                if status == 200 and returned and began > returned[-1]:
                    good.set()
            time.sleep(0.05)

    try:
        wait_for(lambda: _serves(port), 30, "gunicorn")
        clients = [threading.Thread(target=client) for _ in range(8)]
        for thread in clients:
            thread.start()
        time.sleep(1)
        for outage in range(outages):
            lab.kill_server(whole=True)
            time.sleep(1 + 11 * outage / max(outages - 1, 1))
            lab.server.bring_back(60)
            good.clear()
            returned.append(time.monotonic())
            good.wait(30)
            seen.slowest_return = max(seen.slowest_return, time.monotonic() - returned[-1])
            time.sleep(1)
    finally:
        stop.set()
        web.terminate()
        web.wait(30)
        holder.end()
    return seen


def _serves(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
        return bool(answer.status == 200)
    return False
