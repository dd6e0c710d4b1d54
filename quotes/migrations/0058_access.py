"""Record what opens the door: new passwords, second factors and e-mail addresses of accounts."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "access.sql"
TABLES = {"mfa_authenticator": "'data', 'last_used_at'", "account_emailaddress": ""}
"""Tables whose every row written leaves an event, with the columns that are kept out of it."""
ROWS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
TRIGGERS = "\n".join(
    f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {rows} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION verbatim_record({hidden});"
    for table, hidden in TABLES.items()
    for event, rows in ROWS.items()
)
BACK = "\n".join(
    [
        "DROP TRIGGER audit_password ON auth_user;",
        "DROP FUNCTION verbatim_record_password();",
        *(f"DROP TRIGGER audit_{event} ON {table};" for table in TABLES for event in ROWS),
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0057_known_sizes_again"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8") + TRIGGERS, BACK)]
