"""A large write counts its own rows first where the database believes there are none, so that its plans fit."""

import re
from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"


def counting(file, function, rows):
    """Give a function of an earlier migration once more, with the counting before its work on many rows."""
    text = (SQL / file).read_text(encoding="utf-8")
    found = re.search(rf"CREATE (?:OR REPLACE )?FUNCTION {function}\(.*?\nEND \$\$;", text, re.DOTALL).group()
    counts = f"  IF cardinality({rows}) > 200 THEN\n    PERFORM verbatim_know_sizes();\n  END IF;\n"
    before, locks, after = found.partition("  -- First the locks, in one order;")
    return re.sub(r"^CREATE (OR REPLACE )?", "CREATE OR REPLACE ", f"{before}{counts}{locks}{after}")


class Migration(migrations.Migration):
    dependencies = [("quotes", "0054_search_years")]

    operations = [
        migrations.RunSQL(
            (SQL / "known_sizes.sql").read_text(encoding="utf-8"), "DROP FUNCTION verbatim_know_sizes();"
        ),
        migrations.RunSQL(
            counting("fast.sql", "verbatim_refresh", "quotes"), definition("fast.sql", "verbatim_refresh")
        ),
        migrations.RunSQL(
            counting("joining.sql", "verbatim_index", "statements"),
            definition("joining.sql", "verbatim_index"),
        ),
    ]
