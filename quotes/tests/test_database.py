"""The database room: two roles, time limits, and what a server must be (TRUST.md F10-F14, R12)."""

import threading
import time
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction

from newsroom import checks, database
from newsroom.environment import BadSetting
from newsroom.postgres import patience, roles
from newsroom.postgres.errors import SetupError

engine: Any = connection


def ask(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def do(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


# --- who the app is ----------------------------------------------------------------------------------------------


def test_the_app_is_no_superuser_and_not_the_owner(db: None) -> None:
    assert ask("SELECT current_user") == "verbatim_app"
    assert (
        ask("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
        is False
    )
    assert ask("SELECT tableowner FROM pg_tables WHERE tablename = 'quotes_quote'") != "verbatim_app"


def test_the_app_cannot_change_a_table(db: None) -> None:
    for sql in (
        "ALTER TABLE quotes_quote DISABLE TRIGGER ALL",
        "DROP TABLE quotes_quote",
        "TRUNCATE quotes_check",
    ):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            ask(sql)


def test_the_owner_is_taken_within_a_transaction_and_given_back(db: None) -> None:
    with engine.as_owner():
        assert ask("SELECT current_user") == ask("SELECT session_user")
        assert ask("SELECT current_setting('statement_timeout')") == "0"
        with engine.as_owner():
            assert ask("SELECT current_user") == ask("SELECT session_user")
        assert ask("SELECT current_user") == ask("SELECT session_user")
    assert ask("SELECT current_user") == "verbatim_app"
    assert ask("SELECT current_setting('statement_timeout')") == "5s"


def test_the_owner_is_given_back_after_an_error(db: None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), engine.as_owner():
        ask("SELECT 1/0")
    assert ask("SELECT current_user") == "verbatim_app"


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_given_back_outside_of_a_transaction() -> None:
    with engine.as_owner():
        assert ask("SELECT current_user") == ask("SELECT session_user")
        assert ask("SELECT current_setting('statement_timeout')") == "0"
    assert ask("SELECT current_user") == "verbatim_app"
    assert ask("SELECT current_setting('statement_timeout')") == "5s"


def test_an_owner_with_a_login_of_its_own_is_not_taken_within_a_transaction(
    db: None, monkeypatch: Any
) -> None:
    monkeypatch.setitem(engine.settings_dict, "OWNER", {**engine.settings_dict["OWNER"], "USER": "somebody"})
    with pytest.raises(SetupError, match="within a transaction"), engine.as_owner():
        pass


# --- time limits -------------------------------------------------------------------------------------------------


def test_every_session_of_the_app_has_its_limits(db: None) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
    assert [ask("SELECT current_setting(%s)", name) for name in limits] == ["5s", "2s", "10s", "UTC"]


def test_long_work_can_be_unhurried_and_keeps_its_rights(db: None) -> None:
    with engine.unhurried():
        assert ask("SELECT current_setting('statement_timeout')") == "0"
        assert ask("SELECT current_user") == "verbatim_app"
        assert engine.connection.patience is None
    assert ask("SELECT current_setting('statement_timeout')") == "5s"
    assert engine.connection.patience == patience.STATEMENT_SECONDS


@pytest.mark.django_db(transaction=True)
def test_what_fails_while_unhurried_leaves_the_limits_as_they_were() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), engine.unhurried():
        ask("SELECT 1 / 0")
    assert ask("SELECT current_setting('statement_timeout')") == "5s"
    assert engine.connection.patience == patience.STATEMENT_SECONDS


@pytest.mark.django_db(transaction=True)
def test_a_server_that_says_nothing_is_given_up_on_our_side(monkeypatch: Any) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(engine.connection, "patience", 0.3)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        ask("SELECT pg_sleep(3)")
    assert time.monotonic() - began < 2
    # Half an exchange lies on the wire: nothing more may be said there.
    assert engine.connection.closed
    connection.close()
    assert ask("SELECT 1") == 1


def test_a_frozen_connection_is_found_out_before_it_is_used(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(engine.connection, "execute", lambda sql: time.sleep(0) or _never_answered(engine))
    assert engine.is_usable() is False


def _never_answered(wrapper: Any) -> None:
    assert wrapper.connection.patience == patience.HEALTH_SECONDS
    raise psycopg.OperationalError("no answer")


def test_only_one_thread_at_a_time_asks_a_server_that_is_away(monkeypatch: Any) -> None:
    now = [100.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    absence = patience.Absence()
    assert absence.may_ask()
    assert absence.may_ask()
    absence.found(present=False)
    assert not absence.may_ask()
    now[0] += patience.RETRY_SECONDS + 0.01
    assert [absence.may_ask() for _ in range(3)] == [True, False, False]
    absence.found(present=True)
    assert [absence.may_ask() for _ in range(3)] == [True, True, True]


# --- what the environment says -----------------------------------------------------------------------------------


def test_one_url_is_owner_and_app() -> None:
    made = database.databases({"DATABASE_URL": "postgres://o:p%40ss@%2Frun%2Fpg/records?sslmode=require"})[
        "default"
    ]
    assert (made["HOST"], made["PASSWORD"], made["NAME"]) == ("/run/pg", "p@ss", "records")
    assert made["OPTIONS"]["assume_role"] == "verbatim_app"
    assert made["OPTIONS"]["sslmode"] == made["OWNER"]["OPTIONS"]["sslmode"] == "require"
    assert made["OWNER"]["USER"] == made["USER"] == "o"
    assert "assume_role" not in made["OWNER"]["OPTIONS"]
    assert "statement_timeout=5000" in made["OPTIONS"]["options"]
    assert "statement_timeout=0" in made["OWNER"]["OPTIONS"]["options"]
    assert made["CONN_HEALTH_CHECKS"]
    assert made["EMBEDDED"] is None


def test_two_urls_are_two_logins() -> None:
    urls = {"DATABASE_URL": "postgres://a@h/records", "DATABASE_OWNER_URL": "postgresql://o:s@h/records"}
    made = database.databases(urls)["default"]
    assert (made["USER"], made["OWNER"]["USER"], made["OWNER"]["PASSWORD"]) == ("a", "o", "s")


def test_the_limits_of_a_url_win_over_ours() -> None:
    url = "postgres://a@h/records?options=-c%20statement_timeout%3D9000&connect_timeout=7"
    options = database.databases({"DATABASE_URL": url})["default"]["OPTIONS"]
    assert options["options"].endswith("-c statement_timeout=9000")
    assert options["connect_timeout"] == 7


def test_an_owner_without_a_database_is_refused() -> None:
    with pytest.raises(BadSetting, match="DATABASE_OWNER_URL"):
        database.databases({"DATABASE_OWNER_URL": "postgres://o@h/records"})


@pytest.mark.parametrize(
    ("env", "uid", "place"),
    [
        ({"VERBATIM_DATA": "/srv/a b/../data"}, 1000, "/srv/data"),
        ({}, 0, "/var/lib/verbatim"),
        ({"XDG_DATA_HOME": "/x", "HOME": "/h"}, 1000, "/x/verbatim"),
        ({"XDG_DATA_HOME": "relative", "HOME": "/h"}, 1000, "/h/.local/share/verbatim"),
    ],
)
def test_the_data_directory_is_where_people_expect_it(
    env: Any, uid: int, place: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(database.os, "geteuid", lambda: uid)
    assert str(database.data_directory(env)) == place


# --- what a server must be ---------------------------------------------------------------------------------------


def test_this_server_sees_that_two_spellings_are_one_name(db: None) -> None:
    assert [message for message in checks.check_database(connection) if message.is_serious()] == []


def test_a_server_blind_for_cyrillic_is_reported(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(checks, "SPELLINGS", ("Зеленський", "Umerov"))
    found = checks.check_database(connection)
    assert "verbatim.E004" in [message.id for message in found]
    with pytest.raises(SetupError, match="blind for Cyrillic"):
        engine.require_fitness()


def test_a_missing_extension_is_reported(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(checks, "EXTENSIONS", ("pg_trgm", "hstore"))
    with pytest.raises(SetupError, match=r"lacks the extension hstore.*CREATE EXTENSION hstore"):
        engine.require_fitness()


def test_a_setting_that_can_lose_records_is_a_warning(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(checks, "SAFE", {"fsync": "never so"})
    found = [message for message in checks.check_database(connection) if message.id == "verbatim.W001"]
    assert found
    assert not found[0].is_serious()


def test_a_login_without_the_right_is_told_the_sql_for_the_extension(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(roles, "EXTENSIONS", ("citext",))
    with pytest.raises(SetupError, match=r"may not create the extension citext.*CREATE EXTENSION citext;"):
        roles.ensure_extensions(connection)


def test_an_extension_that_the_server_does_not_have_is_named(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(roles, "EXTENSIONS", ("no_such_extension",))
    with engine.as_owner(), pytest.raises(SetupError, match="does not have the extension no_such_extension"):
        roles.ensure_extensions(connection)


def test_a_login_without_the_right_is_told_the_sql_for_the_role(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(roles, "APP_ROLE", "verbatim_not_there")
    with pytest.raises(
        SetupError, match=r"CREATE ROLE verbatim_not_there NOLOGIN; GRANT verbatim_not_there TO"
    ):
        roles.ensure_app_role(connection)


def test_an_owner_makes_the_role_and_may_take_it(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(roles, "APP_ROLE", "verbatim_made_by_test")
    with engine.as_owner():
        roles.ensure_app_role(connection)
        assert roles._missing_role_sql(connection, [ask("SELECT session_user")]) == []
        for role in ("verbatim_made_by_test", "NONE"):
            do(f"SET ROLE {role}")


def test_a_database_without_the_role_says_to_migrate(db: None, monkeypatch: Any) -> None:
    monkeypatch.setitem(engine.settings_dict["OPTIONS"], "assume_role", "verbatim_not_there")
    with pytest.raises(SetupError, match=r"no role verbatim_not_there yet; run: python manage\.py migrate"):
        engine._configure_role(engine.connection)


# --- commands ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_migrate_asks_for_its_lock_again_instead_of_stopping_the_newsroom(monkeypatch: Any) -> None:
    from quotes.management.commands import migrate

    holds, release = threading.Event(), threading.Event()

    def reader() -> None:
        try:
            with transaction.atomic():
                ask("SELECT count(*) FROM django_migrations")
                holds.set()
                release.wait(20)
        finally:
            connection.close()

    def work(self: Any, *args: Any, **options: Any) -> None:
        tries.append(time.monotonic())
        if len(tries) == 2:
            release.set()
            thread.join()
        do("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")

    tries: list[float] = []
    thread = threading.Thread(target=reader)
    thread.start()
    holds.wait(10)
    monkeypatch.setattr(migrate.migrate.Command, "handle", lambda self, *a, **o: _atomically(work, self))
    monkeypatch.setattr(migrate.Command, "apply_policy", lambda self, **options: None)
    monkeypatch.setattr(migrate, "PAUSE", 0.0)
    try:
        call_command("migrate", verbosity=0)
    finally:
        release.set()
        thread.join()
    assert len(tries) == 2
    assert 1.9 < tries[1] - tries[0] < 4


def _atomically(work: Any, command: Any) -> None:
    with transaction.atomic():
        work(command)


def test_localdb_says_that_it_is_not_used(monkeypatch: Any) -> None:
    monkeypatch.setitem(engine.settings_dict, "EMBEDDED", None)
    with pytest.raises(CommandError, match="DATABASE_URL is set"):
        call_command("localdb", "status")
