"""The probes: is the process up, can it serve."""

from typing import Any

import pytest
from django.urls import resolve, reverse

from quotes.tests.conftest import StrictClient
from quotes.tests.failures import gone
from quotes.views import health


def test_the_probe_of_life_asks_no_database(client: StrictClient) -> None:
    answer = client.get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_the_probe_of_readiness_tells_of_database_migrations_disk_and_audit(
    client: StrictClient, reader: Any
) -> None:
    told = client.get("/health/ready").json()
    assert told["status"] in {"ok", "degraded"}
    assert told["database"]["ok"]
    assert told["migrations"] == {"ok": True, "missing": []}
    assert told["disk"]["free_bytes"] > 0
    assert told["audit"]["ok"]


@pytest.mark.django_db
def test_a_missing_migration_makes_the_house_not_ready(
    client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = health._known_migrations() | {("quotes", "9999_later")}
    monkeypatch.setattr(health, "_known_migrations", lambda: known)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"]["missing"] == ["quotes.9999_later"]


def test_without_a_database_the_house_is_not_ready_but_says_so(
    client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "database", gone)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer.json()["database"] == {"ok": False}


def test_probes_answer_under_any_host_name_and_without_https(client: StrictClient, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["verbatim.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/robots.txt", headers={"Host": "10.0.0.7:8000"}).status_code in {301, 400}


def test_the_names_of_the_probes_lead_to_their_addresses() -> None:
    assert (reverse("health-live"), reverse("health-ready")) == ("/health/live", "/health/ready")
    assert resolve("/health/ready").url_name == "health-ready"


def test_search_engines_are_told_to_stay_away(client: StrictClient) -> None:
    assert "Disallow: /" in client.get("/robots.txt").content.decode()
