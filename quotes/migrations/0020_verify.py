"""The verify room: checks taken back, quotes sent back, claims taken over, and forms that happen once."""

import re
from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def as_it_was(file, name):
    """Give a function of an earlier migration once more, to put it back in its place."""
    text = (SQL / file).read_text(encoding="utf-8")
    found = re.search(rf"CREATE FUNCTION {name}\(.*?\n(?:END )?\$\$;", text, re.DOTALL)
    return found.group().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


BACK = "\n".join(
    [
        "DROP TRIGGER claim_is_sound ON quotes_claim;",
        as_it_was("standing.sql", "verbatim_passes"),
        as_it_was("standing.sql", "verbatim_standing"),
        as_it_was("audit.sql", "verbatim_statement_of"),
        "DROP FUNCTION verbatim_counted(bigint);",
        "DROP FUNCTION verbatim_withdrawal_is_sound, verbatim_return_is_sound, verbatim_refresh_withdrawn CASCADE;",
        "DROP FUNCTION verbatim_claim_is_sound();",
        # What was taken back counts again, so every standing is derived anew.
        "SELECT verbatim_refresh(array_agg(quote_id)) FROM quotes_withdrawal;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0011_throttle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="reason",
            field=models.TextField(
                blank=True, default="", help_text="Why it was taken over from somebody else."
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["value", "quote"], name="standing_queue"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("passes", 0), ("value__in", ["unchecked", "in_review"])),
                fields=["quote"],
                name="standing_first_check",
            ),
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text="Of key, person, rights, address and form.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("headers", models.JSONField(default=dict, editable=False)),
                ("body", models.TextField(blank=True, editable=False)),
                (
                    "said",
                    models.JSONField(default=list, editable=False, help_text="Messages: level, text, tags."),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["at"], name="posting_oldest")],
            },
        ),
        migrations.CreateModel(
            name="Return",
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
                ("seen", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="quotes.quote",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returned_quotes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="return_has_a_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
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
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "check_taken_back",
                    models.OneToOneField(
                        db_column="check_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="quotes.check",
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="quotes.quote",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunSQL((SQL / "verify.sql").read_text(encoding="utf-8"), BACK),
        migrations.RunSQL(
            (SQL / "audit_fast.sql").read_text(encoding="utf-8"),
            as_it_was("audit.sql", "verbatim_record") + "\nDROP FUNCTION verbatim_part(text);",
        ),
    ]
