"""The counting of 0055 once more, in the way of bringing standings up to date that 0056 has brought."""

import importlib

from django.db import migrations

from ._back import definition

counting = importlib.import_module("quotes.migrations.0055_known_sizes").counting


class Migration(migrations.Migration):
    dependencies = [("quotes", "0056_statement_by")]

    operations = [
        migrations.RunSQL(
            counting("statement_by.sql", "verbatim_refresh", "quotes"),
            definition("statement_by.sql", "verbatim_refresh"),
        )
    ]
