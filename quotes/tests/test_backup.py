"""`manage.py backup` and `restore`: one file, and a desk that is whole at every moment (TRUST.md, O3).

All of it happens in a database of its own beside the test database: a restore renames databases. More rounds of the
drill and of the kills than CI has time for: BACKUP_ROUNDS=20.
"""

# house: one desk is made for all of these tests, which takes longer than they do

import io
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from newsroom.postgres.aside import Aside
from newsroom.postgres.base import DatabaseWrapper
from quotes.actions import backup
from quotes.importing.container import Archive, Writer

ROUNDS = int(os.environ.get("BACKUP_ROUNDS", "1"))
# Several processes may test at the same server.
DESK = f"verbatim_backup_{os.getpid()}"
EMPTY = f"{DESK}_empty"
# Columns that the log leaves out, and one that the database computes.
NOT_LOGGED = "ARRAY['password', 'last_login', 'sort_key', 'folded', 'body']"


class Desk:
    """A desk in a database of its own, and what can be done with it."""

    def __init__(self, data: Path, name: str = DESK) -> None:
        self.data, self.name = data, name
        self.file = data / "desk.backup"

    def make(self) -> None:
        """Make the database, with nothing in it."""
        with connection.aside() as aside:
            aside.drop(self.name)
            aside._do(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))

    def ask(self, query: str, *values: Any, owner: bool = True) -> list[Any]:
        with self.at(owner=owner), connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return (
                [row[0] if len(row) == 1 else row for row in cursor.fetchall()] if cursor.description else []
            )

    @contextmanager
    def at(self, *, owner: bool = True) -> Iterator[None]:
        with connection.in_database(self.name):
            if not owner:
                yield
                return
            with connection.as_owner():
                yield

    def run(self, command: str, *words: Any, **options: Any) -> str:
        said = io.StringIO()
        with connection.in_database(self.name):
            call_command(command, *map(str, words), stdout=said, stderr=said, **options)
        return said.getvalue()

    def refused(self, command: str, *words: Any, **options: Any) -> str:
        with pytest.raises(CommandError) as refusal:
            self.run(command, *words, **options)
        assert "\n" not in str(refusal.value)
        return str(refusal.value)

    def databases(self) -> set[str]:
        return set(self.ask("SELECT datname FROM pg_database WHERE datname ~ %s", f"^{self.name}(-|$)"))

    def rows(self) -> dict[str, str]:
        """Give a digest for each table that a backup holds."""
        other = self.data / "look.backup"
        self.run("backup", other, overwrite=True)
        with Archive(other) as archive:
            return {name: part["sha256"] for name, part in archive.parts.items()}

    def enter(self, slug: str) -> None:
        with connection.in_database(self.name), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO quotes_topic (slug, name, version) VALUES (%s, %s, 1)", [slug, f"About {slug}"]
            )

    def __contains__(self, slug: str) -> bool:
        return bool(self.ask("SELECT 1 FROM quotes_topic WHERE slug = %s", slug))

    @property
    def environment(self) -> dict[str, str]:
        """Give what a process needs to work with this desk."""
        own = connection.settings_dict["OWNER"]
        host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
        login = own["USER"] + (f":{quote(own['PASSWORD'], safe='')}" if own["PASSWORD"] else "")
        url = f"postgres://{login}@{quote(str(host), safe='')}:{port or 5432}/{self.name}"
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")},
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
            "SECRET_KEY": settings.SECRET_KEY,
            "VERBATIM_DATA": str(self.data),
        }

    def start(self, *words: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *map(str, words)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


def drop_all() -> None:
    with connection.aside() as aside:
        for name in [
            name for (name,) in aside._ask("SELECT datname FROM pg_database") if name.startswith(DESK)
        ]:
            aside.drop(name)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock():
        connection.close()
        drop_all()
        desk = Desk(tmp_path_factory.mktemp("backup"))
        desk.make()
        desk.run("migrate", verbosity=0, interactive=False)
        connection.close()
        with connection.in_database(DESK), connection.aside() as aside:
            aside._do(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (EMPTY, DESK))))
        desk.run("loaddata", *sorted((Path(settings.BASE_DIR) / "fixtures").glob("10-*.json")), verbosity=0)
        yield desk
        connection.close()
        drop_all()


@pytest.fixture
def desk(made: Desk, settings: Any, django_db_blocker: Any) -> Iterator[Desk]:
    """The desk with the founding story, as it is or as the test before has left it; and a backup of it."""
    settings.DATA_DIR = made.data
    with django_db_blocker.unblock():
        (made.data / "audit-checkpoints.jsonl").unlink(missing_ok=True)
        made.run("backup", made.file, overwrite=True)
        yield made
        for name in made.databases() - {DESK}:
            with connection.aside() as aside:
                aside.drop(name)


@pytest.fixture
def quickly(monkeypatch: Any) -> None:
    """Take the empty tables from a database that has them, instead of migrating for each restore."""

    def create(self: Aside) -> None:
        self.drop(self.name)
        self._do(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (self.name, EMPTY))))

    monkeypatch.setattr(Aside, "create", create)


def rewritten(desk: Desk, change: Callable[[dict[str, Any], dict[str, bytes]], Any]) -> Path:
    """Give a file whose seal is right, whatever `change` has done to what it says and holds."""
    with Archive(desk.file) as archive:
        about = {name: value for name, value in archive.about.items() if name != "parts"}
        parts = {name: b"".join(archive.read(name)) for name in archive.parts}
    change(about, parts)
    other = desk.data / "changed.backup"
    with other.open("wb") as stream:
        writer = Writer(stream)
        for name, data in parts.items():
            writer.part(name, iter([data]))
        writer.close(about)
    return other


# --- The file -----------------------------------------------------------------------------------------------------


def test_the_file_is_whole_and_for_its_owner_only(desk: Desk) -> None:
    assert stat.S_IMODE(desk.file.stat().st_mode) == 0o600
    with Archive(desk.file) as archive:
        archive.verify()
        assert (
            archive.parts["quotes_statement"]["lines"] == desk.ask("SELECT count(*) FROM quotes_statement")[0]
        )
        assert not set(archive.parts) & set(backup.LEFT_OUT)
    assert not list(desk.data.glob(".*"))


def test_a_file_that_is_there_stays_unless_told_otherwise(desk: Desk) -> None:
    before = desk.file.read_bytes()
    assert "--overwrite" in desk.refused("backup", desk.file)
    assert desk.file.read_bytes() == before
    assert "directory" in desk.refused("backup", desk.data)
    # What stands for a device here: it would be replaced, and gone for everybody on the machine.
    device = desk.data / "device"
    os.mkfifo(device)
    try:
        assert "is not a file" in desk.refused("backup", device, overwrite=True)
        assert stat.S_ISFIFO(device.stat().st_mode)
    finally:
        device.unlink()
    assert "cannot be written" in desk.refused("backup", desk.data / "nowhere" / "f")


def test_a_full_disk_leaves_no_half_file(desk: Desk) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        said = desk.refused("backup", desk.data / "full.backup")
        assert "Nothing was left" in said
        before = desk.file.read_bytes()
        desk.refused("backup", desk.file, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert desk.file.read_bytes() == before
    assert not [path.name for path in desk.data.iterdir() if "full" in path.name or path.name.startswith(".")]


def test_what_a_killed_backup_left_is_cleared_and_a_working_one_is_left_alone(desk: Desk) -> None:
    import fcntl

    left, working = desk.data / ".desk.backup.a.part", desk.data / ".desk.backup.b.part"
    left.touch()
    with working.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        desk.run("backup", desk.file, overwrite=True)
        assert working.exists()
    assert not left.exists()
    working.unlink()


# --- The round trip -----------------------------------------------------------------------------------------------


@contextmanager
def people_at_work(desk: Desk) -> Iterator[list[int]]:
    """Three threads that enter, change and remove topics and speakers until the block ends."""
    over, written = threading.Event(), [0]

    def work(number: int) -> None:
        with connection.in_database(DESK), suppress(DatabaseError):
            turn = 0
            while not over.is_set():
                turn += 1
                with connection.cursor() as cursor:
                    slug = f"work-{number}-{time.time_ns()}"
                    cursor.execute(
                        "INSERT INTO quotes_topic (slug, name, version) VALUES (%s, 'a', 1)", [slug]
                    )
                    cursor.execute("UPDATE quotes_topic SET name = %s WHERE slug = %s", [f"b{turn}", slug])
                    if turn % 3 == 0:
                        cursor.execute("DELETE FROM quotes_topic WHERE slug = %s", [slug])
                    cursor.execute(
                        "UPDATE quotes_speaker SET description = %s WHERE id = (SELECT min(id) FROM quotes_speaker)",
                        [f"turn {turn} of {number}"],
                    )
                written[0] += 3
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        over.set()
        for thread in threads:
            thread.join()


def differs_from_the_log(desk: Desk) -> int:
    """Count records that are not as the last event about them says: the rows and the log are of one moment, or not."""
    query = """
        SELECT count(*) FROM (SELECT id, to_jsonb(t) AS entry FROM {0} t) r FULL JOIN (
          SELECT DISTINCT ON (record_pk) record_pk, after FROM quotes_auditevent WHERE "table" = '{0}'
          ORDER BY record_pk, id DESC) e ON e.record_pk = r.id
        WHERE r.entry - {1}::text[] IS DISTINCT FROM e.after::jsonb - {1}::text[]"""
    tables = ("quotes_topic", "quotes_speaker", "quotes_statement", "quotes_quote", "quotes_outlet")
    return sum(desk.ask(query.format(table, NOT_LOGGED))[0] for table in tables)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_backup_under_writes_comes_back_as_of_one_moment(desk: Desk, turn: int) -> None:
    with people_at_work(desk) as written:
        while written[0] < 30:
            time.sleep(0.01)
        before = written[0]
        said = desk.run("backup", desk.file, overwrite=True)
        while written[0] < before + 30:
            time.sleep(0.01)
    with Archive(desk.file) as archive:
        rows = {name: part["sha256"] for name, part in archive.parts.items()}
        position = archive.about["audit"]["position"]
    assert f"up to seal {position}." in said
    assert desk.ask("SELECT max(position) FROM quotes_auditseal")[0] > position, "people went on"
    assert "Restored" in desk.run("restore", desk.file, replace=True)
    assert desk.rows() == rows
    assert desk.ask("SELECT max(position) FROM quotes_auditseal") == [position]
    assert differs_from_the_log(desk) == 0
    assert "The chain holds" in desk.run("audit", "verify")
    # And it is a desk that can be worked with: numbers go on, the log goes on, and the app may not rewrite it.
    desk.enter(f"after-{turn}")
    assert "The chain holds" in desk.run("audit", "verify")
    for statement in (
        "UPDATE quotes_auditevent SET verb = 'x'",
        "DELETE FROM quotes_check",
        "DELETE FROM quotes_standing",
    ):
        with pytest.raises(DatabaseError, match="permission denied"):
            desk.ask(statement, owner=False)


def test_sessions_and_recovery_codes_do_not_come_back(desk: Desk, quickly: None) -> None:
    desk.ask(
        "INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active, date_joined, first_name,"
        " last_name, email) VALUES ('ada', 'x', false, false, true, now(), '', '', '') ON CONFLICT DO NOTHING"
    )
    desk.ask("DELETE FROM mfa_authenticator")
    for kind in ("totp", "recovery_codes"):
        desk.ask(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) SELECT %s, '{}', id, now()"
            " FROM auth_user WHERE username = 'ada'",
            kind,
        )
    desk.ask(
        "INSERT INTO django_session VALUES ('a-secret-session-key', '', now() + '1 day') ON CONFLICT DO NOTHING"
    )
    desk.run("backup", desk.file, overwrite=True)
    desk.run("restore", desk.file, replace=True)
    assert desk.ask("SELECT session_key FROM django_session") == []
    assert desk.ask("SELECT type FROM mfa_authenticator") == ["totp"]
    assert desk.ask("SELECT username FROM auth_user WHERE username = 'ada'") == ["ada"]


def test_a_backup_of_an_earlier_verbatim_is_brought_up_to_date(desk: Desk) -> None:
    old = Desk(desk.data, f"{DESK}_old")
    old.make()
    with old.at():
        connection.prepare_database()
        executor = MigrationExecutor(connection)
        leaves = [key for key in executor.loader.graph.leaf_nodes() if key[0] != "quotes"]
        executor.migrate([("quotes", "0025_undo_import"), *leaves])
    old.enter("from-long-ago")
    file = desk.data / "old.backup"
    old.run("backup", file)
    assert "brought up to date" in old.run("restore", file, replace=True)
    assert "from-long-ago" in old
    assert "The chain holds" in old.run("audit", "verify")
    assert old.ask("SELECT max(name) FROM django_migrations WHERE app = 'quotes'") != ["0025_undo_import"]


# --- What is put aside --------------------------------------------------------------------------------------------


def test_a_desk_in_use_is_put_aside_only_when_told_and_can_be_taken_back(desk: Desk, quickly: None) -> None:
    desk.enter("entered-later")
    desk.run("audit", "checkpoint")
    assert "--replace" in desk.refused("restore", desk.file)
    assert desk.databases() == {DESK}
    assert "Nothing was changed" in desk.run("restore", desk.file, check=True)
    assert "entered-later" in desk
    assert desk.databases() == {DESK}
    said = desk.run("restore", desk.file, replace=True)
    (kept,) = desk.databases() - {DESK}
    assert kept in said
    assert "entered-later" not in desk
    # The checkpoint of later than the backup tells of the desk that was put aside.
    assert "1 checkpoints tell of a desk that a restore has put aside" in desk.run("audit", "verify")
    assert "There is no desk" in desk.refused("restore", back="nowhere")
    assert "is the desk again" in desk.run("restore", back=kept)
    assert "entered-later" in desk
    assert "The chain holds" in desk.run("audit", "verify")
    desk.ask("DELETE FROM quotes_topic WHERE slug = 'entered-later'")


def test_a_restore_ends_the_sessions_of_the_desk_and_they_find_the_new_one(desk: Desk, quickly: None) -> None:
    with people_at_work(desk) as written:
        while written[0] < 10:
            time.sleep(0.01)
        desk.run("restore", desk.file, replace=True)
    assert differs_from_the_log(desk) == 0
    (kept,) = desk.databases() - {DESK}
    with connection.in_database(kept), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM quotes_topic WHERE starts_with(slug, 'work-')")
        assert cursor.fetchone()[0] >= 2, "what people did until the last moment is kept"


@pytest.mark.parametrize("turn", range(max(2, ROUNDS)))
def test_a_restore_that_is_killed_leaves_the_old_desk_or_the_new_one(desk: Desk, turn: int) -> None:
    desk.enter(f"old-{turn}")
    restoring = desk.start("restore", desk.file, "--replace")
    # The end is where it matters; the first seconds are Python's.
    seconds = random.Random(turn).uniform(1.5, 9)
    try:
        said, _ = restoring.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(restoring.pid, signal.SIGKILL)
        said, _ = restoring.communicate()
    assert b"Traceback" not in said
    put_aside = [name for name in desk.databases() if "-before-" in name]
    assert desk.ask("SELECT count(*) > 0 FROM quotes_statement") == [True]
    assert (f"old-{turn}" in desk) == (not put_aside)
    assert "The chain holds" in desk.run("audit", "verify", file=desk.data / "none")
    # What it left behind is in nobody's way.
    desk.run("restore", desk.file, replace=True)
    assert f"old-{turn}" not in desk
    assert not [name for name in desk.databases() if name.endswith("-restoring")]


# --- What is refused ----------------------------------------------------------------------------------------------


def add_migration(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    about["migrations"]["quotes"].append("9999_of_a_later_year")


def lose_a_row(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    parts["quotes_statement"] = parts["quotes_statement"].split(b"\n", 1)[1]


def change_an_event(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    parts["quotes_auditevent"] = parts["quotes_auditevent"].replace(b"Zelenskyy", b"Zelensky!", 1)


def cut_the_log(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    rows = parts["quotes_auditevent"].splitlines(keepends=True)
    parts["quotes_auditevent"] = b"".join(rows[:-1])


def claim_another_end(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    about["audit"]["hash"] = "0" * 64


def bring_no_rows_but_noise(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    parts["quotes_topic"] = b"\xff\0 not\ta row\n"


def bring_a_table(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    parts["quotes_posting"] = b""
    about["columns"]["quotes_posting"] = ["digest"]


def leave_a_table_out(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    del parts["quotes_check"], about["columns"]["quotes_check"]


def rename_a_column(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    about["columns"]["quotes_topic"][0] = "id) FROM PROGRAM 'touch /tmp/owned'; --"


def count_backwards(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    about["sequences"]["quotes_topic_id_seq"] = (1 << 63) - 1
    about["sequences"]["auth_user_id_seq"] = (1 << 63) - 1


def say_nothing(about: dict[str, Any], parts: dict[str, bytes]) -> None:
    about.clear()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (add_migration, "9999_of_a_later_year is not known here"),
        (lose_a_row, "do not fit together"),
        (change_an_event, "audit chain of the backup does not hold"),
        (cut_the_log, "audit chain of the backup does not hold"),
        (claim_another_end, "audit chain of the backup does not hold"),
        (bring_no_rows_but_noise, "does not take its rows"),
        (bring_a_table, "not those that its migrations make"),
        (leave_a_table_out, "not those that its migrations make"),
        (rename_a_column, "not those that its migrations make"),
        (count_backwards, "cannot go on from"),
        (say_nothing, "makes no sense"),
    ],
)
def test_a_file_that_is_not_what_it_says_changes_nothing(
    desk: Desk, quickly: None, change: Any, reason: str
) -> None:
    before = desk.ask("SELECT max(id), count(*) FROM quotes_auditevent")
    assert reason in desk.refused("restore", rewritten(desk, change), replace=True)
    assert desk.databases() == {DESK}
    assert desk.ask("SELECT max(id), count(*) FROM quotes_auditevent") == before


@pytest.mark.parametrize("part", ["quotes_topic", "quotes_auditevent"])
def test_a_part_that_differs_from_the_table_of_contents_changes_nothing(
    desk: Desk, quickly: None, part: str, monkeypatch: Any
) -> None:
    written = Writer.part

    def lie(self: Writer, name: str, chunks: Iterator[bytes]) -> dict[str, Any]:
        entry = written(self, name, chunks)
        if name == part:
            entry["sha256"] = "0" * 64
        return entry

    monkeypatch.setattr(Writer, "part", lie)
    other = rewritten(desk, lambda about, parts: None)
    before = desk.ask("SELECT max(id), count(*) FROM quotes_auditevent")
    assert f"the part {part} differs" in desk.refused("restore", other, replace=True)
    assert desk.databases() == {DESK}
    assert desk.ask("SELECT max(id), count(*) FROM quotes_auditevent") == before


def test_no_lane_of_a_restore_can_reach_the_desk_in_use(desk: Desk, quickly: None, monkeypatch: Any) -> None:
    another = DatabaseWrapper.another

    def astray(self: Any) -> Any:
        other = another(self)
        other.settings_dict["NAME"] = DESK
        return other

    monkeypatch.setattr(DatabaseWrapper, "another", astray)
    before = desk.ask("SELECT max(id), count(*) FROM quotes_auditevent")
    assert "led to another database" in desk.refused("restore", desk.file, replace=True)
    assert desk.databases() == {DESK}
    assert desk.ask("SELECT max(id), count(*) FROM quotes_auditevent") == before


def test_spoilt_and_cut_files_are_refused_in_one_line(desk: Desk) -> None:
    whole = desk.file.read_bytes()
    spoilt = desk.data / "spoilt.backup"
    for at in range(0, len(whole), len(whole) // 12):
        spoilt.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert str(spoilt) in desk.refused("restore", spoilt, replace=True)
        spoilt.write_bytes(whole[:at])
        assert str(spoilt) in desk.refused("restore", spoilt, replace=True)
    assert "cannot be read" in desk.refused("restore", desk.data / "nowhere")
    assert desk.databases() == {DESK}


def test_a_chain_that_a_checkpoint_contradicts_is_refused(desk: Desk, quickly: None) -> None:
    from quotes.management import checkpoints

    checkpoints.note(desk.data / "audit-checkpoints.jsonl", 1, "f" * 64)
    assert "a checkpoint has seen" in desk.refused("restore", desk.file, replace=True)
    assert desk.databases() == {DESK}
    assert "Restored" in desk.run("restore", desk.file, replace=True, even_if_broken=True)


def test_two_restores_at_once_are_one_too_many(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr("newsroom.postgres.aside.LOCK_SECONDS", 0.1)
    with (
        connection.in_database(DESK),
        connection.aside(),
        pytest.raises(DatabaseError, match="Another restore"),
    ):
        desk.run("restore", desk.file, replace=True)


def test_a_desk_restored_elsewhere_is_checked_by_its_own_checkpoints(desk: Desk, quickly: None) -> None:
    from quotes.management import checkpoints

    file = desk.data / "audit-checkpoints.jsonl"
    desk.enter("entered-before")
    desk.run("audit", "checkpoint")
    (own,) = checkpoints.read(file)
    # The same desk restored on another server, and worked on there; then one of another newsroom in the same file.
    checkpoints.note(file, 1, own.desk, desk=own.desk, place="copy, server 1", restored=True)
    checkpoints.note(file, 10_000, "c" * 64, desk=own.desk, place="copy, server 1")
    checkpoints.note(file, 10_000, "d" * 64, desk="d" * 64, place="other, server 2")
    assert "1 checkpoints agree" in (said := desk.run("audit", "verify"))
    assert "3 checkpoints are of other databases" in said
    assert "Restored" in desk.run("restore", desk.file, replace=True)
    assert "The chain holds" in desk.run("audit", "verify")
    # A log that begins otherwise, in the very same database, is no other desk.
    file.write_text("")
    checkpoints.note(file, 10_000, "e" * 64, desk="e" * 64, place=own.place)
    assert "its end was cut off" in desk.refused("audit", "verify")
    # Made-up from the first seal on, it agrees with nothing that was noted, and is no way in.
    file.write_text("")
    checkpoints.note(file, 1, "e" * 64, desk="e" * 64, place="another, server 3")
    assert "a checkpoint has seen" in desk.refused("restore", desk.file, replace=True)
    file.unlink()
