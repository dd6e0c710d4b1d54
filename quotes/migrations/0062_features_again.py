"""Put right what links of files were given for what was measured of them: an empty list, where nothing is `{}`."""

from django.db import migrations

# As a deed like any other: each link that is put right leaves its event.
MEND = "UPDATE quotes_link SET features = '{}' WHERE jsonb_typeof(features) <> 'object'"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0061_documents_pending")]

    operations = [migrations.RunSQL(MEND, migrations.RunSQL.noop)]
