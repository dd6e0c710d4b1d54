"""`manage.py createcachetable`, as the owner of the tables."""

from django.core.management.commands import createcachetable

from ..owner import OwnersCommand


class Command(OwnersCommand, createcachetable.Command):
    """Django's createcachetable with the owner's login; the app gets its rights by the default privileges."""
