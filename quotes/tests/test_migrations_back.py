"""Migrations that replace functions have a way back: what was there before is there again, to the letter."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from .test_backup import Desk

NAME = "verbatim_migrating_back"
ALL = """
SELECT 'function', oid::regprocedure::text, pg_get_functiondef(oid),
    (SELECT array_agg(a::text ORDER BY a::text)::text FROM unnest(coalesce(proacl, acldefault('f', proowner))) a)
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'relation', oid::regclass::text, concat(relkind, array_to_string(reloptions, ' ')), relacl::text
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i', 'I')
UNION ALL SELECT 'column', attrelid::regclass::text || '.' || attname, format_type(atttypid, atttypmod), attacl::text
  FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid), ''
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid), ''
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
"""
"""Everything that migrations make, in the server's own words; constraints for NOT NULL have names by their age."""


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Desk]:
    with django_db_blocker.unblock():
        connection.close()
        desk = Desk(tmp_path, NAME)
        desk.make()
        yield desk
        connection.close()
        with connection.aside() as aside:
            aside.drop(NAME)


def shape(desk: Desk) -> dict[tuple[str, str], tuple[str, str]]:
    """What is in the database: by kind and name, its definition and the rights to it."""
    return {
        (kind, name): (text, str(rights))
        for kind, name, text, rights in desk.ask(ALL)
        if not text.startswith("NOT NULL")
    }


def test_functions_come_back_as_they_were_and_go_forward_again(scratch: Desk) -> None:
    with scratch.at():
        executor = MigrationExecutor(connection)
        leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] != "quotes"]
    for app in ("quotes 0050", *(app for app, _name in leaves)):
        scratch.run("migrate", *app.split(), verbosity=0, interactive=False)
    before = shape(scratch)
    scratch.run("migrate", verbosity=0, interactive=False)
    after = shape(scratch)
    assert ("function", "verbatim_settle()") in after.keys() - before.keys()
    scratch.run("migrate", "quotes", "0050", verbosity=0, interactive=False)
    assert {key: text for key, text in shape(scratch).items() if before.get(key) != text} == {}
    assert before.keys() == shape(scratch).keys()
    scratch.run("migrate", verbosity=0, interactive=False)
    assert {key: text for key, text in shape(scratch).items() if after.get(key) != text} == {}
    assert after.keys() == shape(scratch).keys()
