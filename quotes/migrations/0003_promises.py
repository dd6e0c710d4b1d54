"""What the database promises by itself: stamps, anchors, checks, standing, audit, and two roles.

HOUSE.md, rule 5: the database keeps the promise, then the forms. The SQL is in `sql/`, one file for each promise.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

STAMPED = [
    "speaker",
    "speakername",
    "tenure",
    "outlet",
    "article",
    "topic",
    "statement",
    "quote",
    "relay",
    "measure",
    "figure",
    "link",
]
APPEND_ONLY = {"capture": "A capture", "check": "A check", "evidence": "Evidence"}
AUDITED = {
    **{f"quotes_{name}": [] for name in STAMPED},
    "quotes_statement_topics": [],
    "quotes_capture": ["body"],
    "quotes_check": [],
    "quotes_evidence": [],
    "quotes_claim": [],
    "quotes_importrun": [],
    "quotes_savedsearch": [],
    "quotes_policy": [],
    "auth_user": ["password", "last_login"],
    "auth_group": [],
    "auth_user_groups": [],
    "auth_user_user_permissions": [],
    "auth_group_permissions": [],
}
"""Tables whose every row written leaves an event, with the columns that are kept out of it."""
DECIDES_STANDING = {
    "quotes_quote": "id",
    "quotes_relay": "quote_id",
    "quotes_figure": "quote_id",
    "quotes_evidence": "quote_id",
    "quotes_check": "quote_id",
    "quotes_claim": "quote_id",
    "quotes_statement": "id",
    "quotes_speaker": "id",
    "quotes_tenure": "person_id",
    "quotes_outlet": "id",
    "quotes_article": "id",
    "quotes_measure": "id",
}
"""Tables that a quote's content or standing reads, with the column that leads to the quote."""
TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}


def after_every_statement(name: str, table: str, function: str, arguments: list[str]) -> str:
    """Return the three triggers (PostgreSQL allows transition tables for one event each) that call `function`."""
    given = ", ".join(f"'{argument}'" for argument in arguments)
    return "\n".join(
        f"CREATE TRIGGER {name}_{event} AFTER {event.upper()} ON {table} {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}({given});"
        for event, rows in TRANSITIONS.items()
    )


def triggers() -> str:
    """Return the triggers that are alike for many tables."""
    lines = [
        f"CREATE TRIGGER a_stamp BEFORE INSERT OR UPDATE ON quotes_{name} "
        "FOR EACH ROW EXECUTE FUNCTION verbatim_stamp('versioned');"
        for name in STAMPED
    ]
    lines += [
        f"CREATE TRIGGER a_stamp BEFORE INSERT ON quotes_{name} "
        "FOR EACH ROW EXECUTE FUNCTION verbatim_stamp('once');"
        for name in ("capture", "evidence")
    ]
    lines += [
        f"CREATE TRIGGER {name}_is_append_only BEFORE UPDATE OR DELETE ON quotes_{name} "
        f"FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('{noun}');"
        for name, noun in APPEND_ONLY.items()
    ]
    lines += [
        after_every_statement("audit", table, "verbatim_record", hidden) for table, hidden in AUDITED.items()
    ]
    lines += [
        after_every_statement("standing", table, "verbatim_refresh_concerned", [key])
        for table, key in DECIDES_STANDING.items()
    ]
    return "\n".join(lines)


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0002_records"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunSQL((SQL / f"{promise}.sql").read_text(encoding="utf-8"))
        for promise in ("actor", "anchors", "audit", "standing", "checks")
    ] + [
        migrations.RunSQL(triggers()),
        migrations.RunSQL("INSERT INTO quotes_policy (id, checks_needed) VALUES (1, 2)"),
        migrations.RunSQL((SQL / "grants.sql").read_text(encoding="utf-8")),
    ]
