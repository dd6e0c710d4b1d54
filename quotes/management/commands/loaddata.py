"""`manage.py loaddata`, as the owner of the tables."""

from django.core.management.commands import loaddata

from ..owner import OwnersCommand


class Command(OwnersCommand, loaddata.Command):
    """Django's loaddata with the owner's login."""
