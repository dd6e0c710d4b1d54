"""Something that speaks PostgreSQL's first words, to see how a person is told of a server that cannot be used."""

import socket
import struct
import threading
from pathlib import Path
from typing import Self
from urllib.parse import quote


class FakeServer:
    """A server on a Unix socket that refuses with a SQLSTATE, tells an old version, or says nothing at all."""

    def __init__(self, directory: Path, *, refusal: str = "", version: str = "", text: str = "no") -> None:
        self.url = f"postgres://someone:s3cret-word@{quote(str(directory), safe='')}/records"
        self._refusal, self._version, self._text = refusal, version, text
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(directory / ".s.PGSQL.5432"))
        self._socket.listen(8)
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        while len(asked := connection.recv(4096)) == 8:
            # A question for encryption: no.
            connection.sendall(b"N")
        if not asked:
            return
        if self._refusal:
            fields = [b"SFATAL", b"VFATAL", b"C" + self._refusal.encode(), b"M" + self._text.encode()]
            connection.sendall(message(b"E", b"\0".join(fields) + b"\0\0"))
            connection.close()
        elif self._version:
            parameters = {"server_version": self._version, "TimeZone": "UTC", "client_encoding": "UTF8"}
            connection.sendall(message(b"R", struct.pack("!i", 0)))
            for name, value in parameters.items():
                connection.sendall(message(b"S", f"{name}\0{value}\0".encode()))
            connection.sendall(message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))


def message(kind: bytes, body: bytes) -> bytes:
    """Frame one message of the protocol."""
    return kind + struct.pack("!i", len(body) + 4) + body
