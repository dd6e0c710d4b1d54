"""What an import has proposed is decided field by field: who, when, accepted or declined."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE TRIGGER importdecision_is_append_only BEFORE UPDATE OR DELETE ON quotes_importdecision
  FOR EACH ROW EXECUTE FUNCTION verbatim_refuse_change('A decision on a proposal');
CREATE TRIGGER audit_insert AFTER INSERT ON quotes_importdecision REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record();
REVOKE UPDATE, DELETE, TRUNCATE ON quotes_importdecision FROM verbatim_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0037_search_facet"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=60)),
                (
                    "digest",
                    models.CharField(
                        db_index=True, help_text="SHA-256 of record, field and proposed value.", max_length=64
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("accepted", "accepted"), ("declined", "declined")], max_length=8
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="importrow",
            name="settled_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the last field of a proposal was decided, or a later import repeated it.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("action", "proposed"), ("settled_at__isnull", True)),
                fields=["model"],
                name="importrow_open_proposal",
            ),
        ),
        migrations.AddField(
            model_name="importdecision",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="importdecision",
            name="row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="quotes.importrow"
            ),
        ),
        migrations.AddConstraint(
            model_name="importdecision",
            constraint=models.UniqueConstraint(
                fields=("row", "field"), name="importdecision_once_for_each_field"
            ),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
