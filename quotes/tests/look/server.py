"""Shows the gallery on loopback, with the policy and the static files of the real site and no database."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.csp import build_policy

from quotes.tests.look import gallery

TO_MESSAGES = {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML", "HX-Reselect": ".notice"}
DIALOG = {"HX-Retarget": "body", "HX-Reswap": "beforeend", "HX-Reselect": "#sign-in-again"}


def answers() -> dict[str, tuple[int, dict[str, str], str]]:
    """What an htmx request can be answered with: name to status, headers and body."""
    dialog = gallery.render("errors/sign_in_again.html", {"login": "/accounts/login/", "csrf_token": "fresh"})
    return {
        "saved": (200, {}, "<h2>Saved</h2><p data-announce>Saved at 14:05.</p>"),
        "part": (200, {}, "<h2>A part</h2><p>Its words.</p>"),
        "invalid": (422, {}, gallery.render("shared/errors.html", gallery.GALLERY)),
        "conflict": (409, TO_MESSAGES, gallery.notice("conflict")),
        "away": (503, TO_MESSAGES, gallery.notice("away")),
        "missing": (404, TO_MESSAGES, gallery.notice("missing")),
        "gateway": (502, {}, "<html><body><h1>Bad gateway</h1></body></html>"),
        "signed-out": (401, DIALOG, dialog),
    }


class Gallery(ThreadingHTTPServer):
    """The server; a test sets what the next POST and the next part are answered with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = gallery.pages()
        self.answers = answers()
        self.save = "saved"
        self.part = "part"
        self.delay = 0.0
        self.posts: list[str] = []
        self.policy = build_policy(settings.SECURE_CSP)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """GET pages and static files; POST what the test has set."""

    server: Gallery

    def log_message(self, *args: Any) -> None:
        """Say nothing: what is wrong is in the browser's console."""

    def send(self, status: int, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Cache-Control", "no-store")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer(self, name: str) -> None:
        time.sleep(self.server.delay)
        status, headers, body = self.server.answers[name]
        self.send(status, body.encode(), **headers)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.server.pages:
            return self.send(200, self.server.pages[path].encode())
        if path == "/look/part/":
            return self.answer(self.server.part)
        if path == "/look/gallery.css":
            return self.send(200, (gallery.HERE / "gallery.css").read_bytes(), "text/css")
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if isinstance(found, str):
            return self.send(
                200, Path(found).read_bytes(), guess_type(found)[0] or "application/octet-stream"
            )
        return self.send(404, b"")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        self.server.posts.append(sent)
        if urlsplit(self.path).path == "/accounts/login/":
            wrong = '{"form": {"errors": ["The password is not correct."], "fields": {}}}'
            right = '{"location": "/look/swaps/"}'
            good = "right+one" in sent or "right one" in sent
            return self.send(200 if good else 400, (right if good else wrong).encode(), "application/json")
        return self.answer(self.server.save)


@contextmanager
def shown() -> Iterator[Gallery]:
    """Serve the gallery while the block runs."""
    server = Gallery()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
