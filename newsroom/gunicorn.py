"""How gunicorn serves Verbatim: ``gunicorn -c python:newsroom.gunicorn newsroom.wsgi`` (the demo does the same).

HOST, PORT and WEB_CONCURRENCY come from the environment.
"""

import os
import warnings
from typing import Any

from newsroom import environment

# Without collectstatic the files are served from where they lie (settings), so the missing directory is no news.
warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{environment.number(os.environ, 'PORT', 8000, least=1, most=65535)}"
workers = environment.number(os.environ, "WEB_CONCURRENCY", 2, least=1, most=64)
worker_class = "gthread"
# Every thread keeps one connection to the database: workers x threads of them (newsroom/database.py).
threads = 4
# Seconds. No statement lives longer than 5 s, so a worker silent for this long is stuck.
timeout = 30
graceful_timeout = 10
keepalive = 5
# Bytes, the most there is: a paragraph of Cyrillic that is pasted into the search takes six for each letter.
limit_request_line = 8190
# Where workers say that they are alive; a disk, if slow, would have them killed.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - gunicorn unlinks its file at once
loglevel = "warning"
proc_name = "verbatim"


def on_starting(server: Any) -> None:
    """Have the database running before the first request, held by the process that outlives the workers."""
    import django
    from django.db import connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    django.setup()
    engine: Any = connection
    engine.prepare()
