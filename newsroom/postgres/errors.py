"""The one error of this room."""

from django.db.utils import OperationalError


class SetupError(OperationalError):
    """The database cannot be used as things are; the text is one line that says what to do.

    A kind of OperationalError, so that a web request that meets it becomes a 503 like any other outage, while
    ``manage.py`` prints the line alone and ends with status 1.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
