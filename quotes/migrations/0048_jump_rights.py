"""Offer no article in the jump box that holds nothing but what is held back."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("quotes", "0047_joining_order")]

    operations = [migrations.RunSQL((SQL / "jump_rights.sql").read_text(encoding="utf-8"))]
