"""Settings from the environment: production is safe by default, and a bad value is one line (TRUST.md O6, S15)."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from newsroom import environment, logs

ROOT = settings.BASE_DIR
KEY = "a-key-of-a-test-only-" * 4
PRODUCTION = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "verbatim.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
}


def run(arguments: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python here with nothing in its environment but what is given."""
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **env}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(*names: str, **env: str) -> dict[str, object]:
    """Load the settings in a process of their own and give some of them."""
    wanted = f"{{n: getattr(s, n) for n in {names!r}}}"
    code = f"import json; from newsroom import settings as s; print(json.dumps({wanted}))"
    done = run(["-c", code], **env)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_production_set_up_passes_every_check_of_django(tmp_path: Path) -> None:
    # The checks of the database have tests of their own: test_database.py.
    env = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "verbatim.example", "VERBATIM_DATA": str(tmp_path / "none")}
    done = run(["-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], **env)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_static_files_are_collected_without_a_database_and_with_a_dummy_key(tmp_path: Path) -> None:
    done = run(
        ["manage.py", "collectstatic", "--noinput", "-v0"],
        SECRET_KEY="dummy",
        STATIC_ROOT=str(tmp_path / "static"),
    )
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert kept["css/tokens.css"] != "css/tokens.css"
    assert (tmp_path / "static" / kept["css/tokens.css"]).exists()


def test_production_names_its_files_plainly_until_they_are_collected(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from django.templatetags.static import static;"
        "from django.conf import settings; print(static('css/tokens.css'), settings.WHITENOISE_USE_FINDERS)"
    )
    done = run(
        ["-c", code], **PRODUCTION, DJANGO_SETTINGS_MODULE="newsroom.settings", STATIC_ROOT=str(tmp_path)
    )
    assert done.stdout.split() == ["/static/css/tokens.css", "True"], done.stderr


def test_with_https_cookies_are_bound_to_the_host_and_plain_http_is_turned_away() -> None:
    told = read(
        *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "DEBUG"),
        *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER"),
        **PRODUCTION,
    )
    assert told == {
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "SECURE_PROXY_SSL_HEADER": None,
    }


@pytest.mark.parametrize(
    ("env", "https"),
    [
        ({"ALLOWED_HOSTS": "verbatim.example"}, True),
        ({"ALLOWED_HOSTS": "*"}, True),
        ({"ALLOWED_HOSTS": "127.0.0.1,localhost"}, False),
        ({}, False),
        ({"CSRF_TRUSTED_ORIGINS": "https://verbatim.example"}, True),
        ({"ALLOWED_HOSTS": "verbatim.example", "HTTPS": "0"}, False),
        ({"ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "1"}, True),
        ({"DEBUG": "1"}, False),
        ({"VERBATIM_DEMO": "1"}, False),
    ],
)
def test_https_is_the_rule_except_where_only_this_machine_is_answered(
    env: dict[str, str], https: bool
) -> None:
    assert read("HTTPS", SECRET_KEY=KEY, **env) == {"HTTPS": https}


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": KEY, "DEBUG": "maybe"}, "DEBUG is 'maybe'"),
        ({"SECRET_KEY": KEY, "DEBUG": "1", "ALLOWED_HOSTS": "verbatim.example"}, "DEBUG is on"),
        ({"SECRET_KEY": KEY, "DEBUG": "1", "ALLOWED_HOSTS": "8.8.8.8"}, "DEBUG is on"),
        ({"SECRET_KEY": KEY, "ALLOWED_HOSTS": "https://verbatim.example"}, "ALLOWED_HOSTS holds"),
        ({"SECRET_KEY": KEY, "CSRF_TRUSTED_ORIGINS": "verbatim.example"}, "CSRF_TRUSTED_ORIGINS holds"),
        ({"SECRET_KEY": KEY, "PORT": "eighty"}, "PORT is 'eighty'"),
        ({"SECRET_KEY": KEY, "PORT": "٨٠٠٠"}, "PORT is"),
        ({"SECRET_KEY": KEY, "PORT": "70000"}, "PORT is '70000'"),
        ({"SECRET_KEY": KEY, "VERIFICATION_CHECKS": "0"}, "VERIFICATION_CHECKS is '0'"),
        ({"SECRET_KEY": KEY, "CLAIM_MINUTES": "-5"}, "CLAIM_MINUTES is '-5'"),
        ({"SECRET_KEY": KEY, "LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD'"),
        ({"SECRET_KEY": KEY, "TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus'"),
        ({"SECRET_KEY": KEY, "TIME_ZONE": "../../etc/passwd"}, "TIME_ZONE is"),
        ({"SECRET_KEY": KEY, "LANGUAGE_CODE": "xx"}, "LANGUAGE_CODE is 'xx'"),
        ({"SECRET_KEY": KEY, "EMAIL_URL": "pigeon://loft"}, "EMAIL_URL needs"),
        ({"SECRET_KEY": KEY, "EMAIL_URL": "smtp://host:port"}, "EMAIL_URL is not a URL"),
        ({"SECRET_KEY": KEY, "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto"}, "SECURE_PROXY_SSL_HEADER is"),
        ({"SECRET_KEY": KEY, "DATABASE_URL": "mysql://host/db"}, "DATABASE_URL starts with mysql://"),
        ({"SECRET_KEY": KEY, "HTTPS": "2"}, "HTTPS is '2'"),
    ],
)
def test_a_setting_that_cannot_be_meant_ends_the_start_with_one_line(env: dict[str, str], words: str) -> None:
    done = run(["manage.py", "check"], **env)
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("verbatim: ")
    assert words in lines[0]
    assert done.stdout == ""


def test_no_refusal_repeats_a_password() -> None:
    for env in ({"DATABASE_URL": "mysql://u:hunter2@host/db"}, {"EMAIL_URL": "pigeon://u:hunter2@loft"}):
        done = run(["manage.py", "check"], SECRET_KEY=KEY, **env)
        assert done.returncode != 0
        assert "hunter2" not in done.stderr + done.stdout


def test_a_demo_makes_its_own_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    def key(_: int) -> str:
        return environment.secret_key({}, tmp_path / "new" / "data", may_generate=True)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    kept = tmp_path / "new" / "data" / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # Root's data directory may be passed through: the embedded server runs as somebody else.
    assert stat.S_IMODE(kept.parent.stat().st_mode) & 0o066 == 0


def test_a_key_that_others_could_read_is_closed_again(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("an old key\n")
    (tmp_path / "secret-key").chmod(0o644)
    assert environment.secret_key({}, tmp_path, may_generate=True) == "an old key"
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_mail_is_read_from_one_address() -> None:
    entry = environment.mailer(
        {"EMAIL_URL": "smtp://ada%40x:p%2Fw@mail.example:2525/?tls=1"}, "EMAIL_URL", console=False
    )
    assert entry["OPTIONS"] == {
        "host": "mail.example",
        "port": 2525,
        "username": "ada@x",
        "password": "p/w",
        "use_ssl": False,
        "use_tls": True,
        "timeout": 10,
    }
    assert (
        environment.mailer({"EMAIL_URL": "smtps://mail.example"}, "EMAIL_URL", console=False)["OPTIONS"][
            "port"
        ]
        == 465
    )
    assert environment.mailer({}, "EMAIL_URL", console=True)["BACKEND"].endswith("console.EmailBackend")
    own = environment.mailer({}, "EMAIL_URL", console=False)
    assert (own["OPTIONS"]["host"], own["OPTIONS"]["port"]) == ("localhost", 25)


@pytest.mark.parametrize(
    "text", ["X-Forwarded-Proto: https", "HTTP_X_FORWARDED_PROTO=https", "x-forwarded-proto = https"]
)
def test_a_proxy_is_trusted_only_when_it_is_named(text: str) -> None:
    assert environment.proxy_header({"H": text}, "H") == ("HTTP_X_FORWARDED_PROTO", "https")
    assert environment.proxy_header({}, "H") is None


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "10.0.0.7", "web", "desk.local", ".localhost"]
)
def test_debug_may_answer_on_names_that_lead_nowhere_from_outside(host: str) -> None:
    assert environment.hosts({"H": host}, "H", debug=True) == [host]


def test_debug_answers_to_this_machine_only_when_every_name_was_asked_for() -> None:
    assert "*" not in environment.hosts({"H": "*"}, "H", debug=True)
    assert environment.hosts({"H": "*"}, "H", debug=False) == ["*"]


def test_the_log_never_repeats_what_is_sent_to_the_database() -> None:
    told = logs.configuration(level="DEBUG", plain=False)
    assert told["loggers"]["django.db.backends"]["level"] == "INFO"
