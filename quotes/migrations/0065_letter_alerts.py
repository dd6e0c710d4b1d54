"""A letter keeps the keys of the alerts it tells of, instead of having them read out of its words again."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Of letters that were written before: those that the same command marked as mailed. It did so after it had written the
# letter and before any later one to the same person, whose choice it held locked; its words are written anew from them
# before it is sent. One of which nothing is found is not sent.
FIND = """
UPDATE quotes_letter l SET alerts = ARRAY(
  SELECT a.id FROM quotes_alert a
  WHERE a.to_id::text = split_part(l.key, ':', 2) AND a.mailed_at >= l.at AND a.mailed_at < coalesce(
    (SELECT min(later.at) FROM quotes_letter later
     WHERE later.key ~ '^(alerts|daily):' AND split_part(later.key, ':', 2) = split_part(l.key, ':', 2)
       AND later.at > l.at), 'infinity')
  ORDER BY a.id)
WHERE l.key ~ '^(alerts|daily):' AND l.body <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0064_documents_lean")]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="alerts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.RunSQL(FIND, migrations.RunSQL.noop),
    ]
