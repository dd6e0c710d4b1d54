"""The end of a large import is done in portions, and tells how far it is."""

from pathlib import Path

from django.db import migrations

from ._back import definition

SQL = Path(__file__).parent / "sql"

BACK = (
    definition("standing_late.sql", "verbatim_settle"),
    definition("standing_late.sql", "verbatim_index_batch"),
)


class Migration(migrations.Migration):
    dependencies = [("quotes", "0066_search_counts")]

    operations = [migrations.RunSQL((SQL / "settle_steps.sql").read_text(encoding="utf-8"), "\n".join(BACK))]
