"""The server that comes along, and its psql for ``dbshell``."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import client

from newsroom.postgres.errors import SetupError

if TYPE_CHECKING:
    from newsroom.postgres.server import Server


def embedded(settings_dict: dict[str, Any]) -> "Server | None":
    """Give the server that comes along with the desk, if these settings mean it.

    Raises:
        SetupError: on Windows, where there is none.
    """
    directory = settings_dict.get("EMBEDDED")
    if not directory:
        return None
    if sys.platform == "win32":
        raise SetupError("On Windows Verbatim brings no PostgreSQL of its own; set DATABASE_URL.")
    # Imported late: what it needs of the system is not there on Windows.
    from newsroom.postgres.server import server_for

    return server_for(Path(directory))


class DatabaseClient(client.DatabaseClient):
    """``dbshell``: the psql that belongs to the server, with the role of the connection."""

    connection: Any

    def runshell(self, parameters: Iterable[str]) -> None:
        """Run psql; the embedded server is started first."""
        self.connection.prepare()
        super().runshell(parameters)

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Give psql's arguments and its additional environment."""
        args, env = super().settings_to_cmd_args_env(settings_dict, parameters)
        if server := embedded(settings_dict):
            args[0] = str(server.binaries.program("psql"))
        if role := settings_dict["OPTIONS"].get("assume_role"):
            env = {**(env or {}), "PGOPTIONS": f"-c role={role}"}
        return args, env
