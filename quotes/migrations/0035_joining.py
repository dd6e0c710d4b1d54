"""Join statements and merge speakers: what was moved, the signposts left, and nothing attached to them."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


SQL = Path(__file__).parent / "sql"
AUDITED = {"quotes_joining": "'hashes'", "quotes_merging": "'hashes'", "quotes_different": ""}
TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}
EVENTS = "\n".join(
    f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} {rows} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record({hidden});"
    for table, hidden in AUDITED.items()
    for event, rows in TRANSITIONS.items()
)


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0034_search_all"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Different",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Joining",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("moved", models.JSONField(default=dict)),
                ("hashes", models.JSONField(default=dict, editable=False)),
                ("undone_at", models.DateTimeField(editable=False, null=True)),
                ("kind", models.CharField(choices=[("join", "joined"), ("split", "split")], max_length=5)),
                ("other_uid", models.CharField(db_index=True, max_length=64)),
            ],
            options={
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Merging",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("moved", models.JSONField(default=dict)),
                ("hashes", models.JSONField(default=dict, editable=False)),
                ("undone_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="statement",
            name="joined_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="Which statement it turned out to be; it is a signpost since.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="quotes.statement",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("joined_into__isnull", True),
                    models.Q(("joined_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="statement_is_not_joined_into_itself",
            ),
        ),
        migrations.AddField(
            model_name="different",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="different",
            name="first",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="quotes.speaker"
            ),
        ),
        migrations.AddField(
            model_name="different",
            name="second",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="quotes.speaker",
            ),
        ),
        migrations.AddField(
            model_name="joining",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="joining",
            name="other",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined_by",
                to="quotes.statement",
            ),
        ),
        migrations.AddField(
            model_name="joining",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="joinings", to="quotes.statement"
            ),
        ),
        migrations.AddField(
            model_name="joining",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="merging",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="merging",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="merged_by", to="quotes.speaker"
            ),
        ),
        migrations.AddField(
            model_name="merging",
            name="speaker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="mergings", to="quotes.speaker"
            ),
        ),
        migrations.AddField(
            model_name="merging",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="different",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="different_pair_once"),
        ),
        migrations.AddConstraint(
            model_name="different",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="different_pair_is_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="joining",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "join"), ("undone_at__isnull", True)),
                fields=("other",),
                name="joining_of_a_statement_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="joining",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other__isnull", False),
                    models.Q(("kind", "split"), ("undone_at__isnull", False)),
                    _connector="OR",
                ),
                name="joining_knows_its_other_statement",
            ),
        ),
        migrations.AddConstraint(
            model_name="merging",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("other",),
                name="merging_of_a_speaker_once",
            ),
        ),
        migrations.RunSQL(EVENTS),
        migrations.RunSQL((SQL / "joining.sql").read_text(encoding="utf-8")),
    ]
