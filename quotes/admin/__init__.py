"""Curation: reference records and accounts; what was said and signed is only shown here."""

from django.contrib import admin

from . import access, people, readonly, reference

admin.site.site_header = "Verbatim curation"
admin.site.site_title = "Verbatim"
admin.site.index_title = "Records"
admin.site.enable_nav_sidebar = False

__all__ = ["access", "people", "readonly", "reference"]
