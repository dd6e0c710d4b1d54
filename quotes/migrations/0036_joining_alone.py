"""A split that was undone takes its statement away, and what tells of it stays."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0035_joining"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="joining",
            name="joining_knows_its_other_statement",
        ),
        migrations.AlterField(
            model_name="joining",
            name="other",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="joined_by",
                to="quotes.statement",
            ),
        ),
        migrations.AlterField(
            model_name="joining",
            name="statement",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="joinings",
                to="quotes.statement",
            ),
        ),
    ]
