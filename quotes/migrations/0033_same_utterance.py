"""Two statements that may be one, as suggestions of their own; and what a suggestion was measured by."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


SQL = Path(__file__).parent / "sql"


def as_it_was():
    """Give the function of 0020_verify once more, to put it back in its place."""
    text = (SQL / "verify.sql").read_text(encoding="utf-8")
    start = text.index("CREATE OR REPLACE FUNCTION verbatim_statement_of")
    return text[start : text.index("END $$;", start) + len("END $$;")]


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0032_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SameUtterance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "score",
                    models.FloatField(
                        blank=True, help_text="0 to 1; empty when a person made the link.", null=True
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("method", models.CharField(blank=True, max_length=60)),
                (
                    "features",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        editable=False,
                        help_text="What was measured; the score and the reasons follow from it alone.",
                    ),
                ),
                (
                    "input_hash",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        editable=False,
                        help_text="Of all that was looked at: a rejected suggestion comes back only when this changes.",
                        max_length=64,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("suggested", "suggested"), ("rejected", "not the same")],
                        default="suggested",
                        max_length=9,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="link",
            name="features",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                editable=False,
                help_text="What was measured; the score and the reasons follow from it alone.",
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="input_hash",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Of all that was looked at: a rejected suggestion comes back only when this changes.",
                max_length=64,
            ),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce(
                        models.F("score"), models.Value(1.5), output_field=models.FloatField()
                    ),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state", "suggested")),
                name="link_suggested",
            ),
        ),
        migrations.AddField(
            model_name="sameutterance",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sameutterance",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sameutterance",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="quotes.statement"
            ),
        ),
        migrations.AddField(
            model_name="sameutterance",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="quotes.statement"
            ),
        ),
        migrations.AddField(
            model_name="sameutterance",
            name="updated_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="sameutterance",
            index=models.Index(
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce(
                        models.F("score"), models.Value(1.5), output_field=models.FloatField()
                    ),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state", "suggested")),
                name="sameutterance_suggested",
            ),
        ),
        migrations.AddConstraint(
            model_name="sameutterance",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("source", "target"),
                django.db.models.functions.comparison.Greatest("source", "target"),
                name="sameutterance_is_stored_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sameutterance",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True),
                name="sameutterance_is_of_two_statements",
            ),
        ),
        migrations.AddConstraint(
            model_name="sameutterance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score__isnull", True), models.Q(("score__gte", 0), ("score__lte", 1)), _connector="OR"
                ),
                name="sameutterance_score_is_a_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="sameutterance",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["suggested", "rejected"])),
                name="sameutterance_is_never_confirmed",
            ),
        ),
        migrations.RunSQL((SQL / "same_utterance.sql").read_text(encoding="utf-8"), as_it_was()),
    ]
