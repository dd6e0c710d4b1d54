"""Let writers not queue for their place in the audit chain, and write the same events with less work (R17)."""

import re
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def read(file):
    """Give a file of SQL."""
    return (SQL / file).read_text(encoding="utf-8")


def with_entries(text):
    """Give functions with the question for a row's entry in its places."""
    entries = read("audit_entries.sql")
    return re.sub(
        r"\(entries of (old_rows|new_rows)\)",
        lambda place: f"(\n{entries.replace('transition_rows', place[1])})",
        text,
    )


def writer():
    """Give the new functions."""
    return with_entries(read("audit_apart.sql"))


def as_it_was(file, name):
    """Give a function of an earlier migration once more, to put it back in its place."""
    found = re.search(rf"CREATE (?:OR REPLACE )?FUNCTION {name}\(.*?\nEND \$\$;", read(file), re.DOTALL)
    return re.sub(r"^CREATE (OR REPLACE )?", "CREATE OR REPLACE ", found.group())


BACK = "\n".join(
    [
        "SELECT verbatim_place_waiting();",
        as_it_was("audit.sql", "verbatim_open_seal"),
        as_it_was("audit.sql", "verbatim_seal"),
        as_it_was("audit_fast.sql", "verbatim_record"),
        "DROP FUNCTION verbatim_place_waiting();",
        "DROP FUNCTION verbatim_seal_hash(bigint, bigint, text, bigint, timestamptz, text, text);",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0049_accepted_by")]

    operations = [
        migrations.AddIndex(
            model_name="auditseal",
            index=models.Index(
                condition=models.Q(("previous", "waits")), fields=["id"], name="auditseal_waits"
            ),
        ),
        migrations.RunSQL(writer(), BACK),
    ]
