"""Extensions, and the folding of names that generated columns need."""

from pathlib import Path

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = []

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(
            (SQL / "fold.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION verbatim_fold(text)",
            elidable=False,
        ),
    ]
