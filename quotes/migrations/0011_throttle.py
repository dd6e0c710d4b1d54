"""The table of django.core.cache's database backend, for the counters of failed sign-ins.

Unlogged: losing the counters in a crash loses nothing of the newsroom, and counting costs no write-ahead log. The
columns are those of Django's `createcachetable`, which finds the table and leaves it alone.
"""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE throttle (
  cache_key varchar(255) NOT NULL PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX throttle_expires ON throttle (expires);
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO verbatim_app;
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0010_groups")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE throttle")]
