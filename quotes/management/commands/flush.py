"""`manage.py flush`, as the owner of the tables."""

from django.core.management.commands import flush

from ..owner import OwnersCommand


class Command(OwnersCommand, flush.Command):
    """Django's flush with the owner's login."""
