"""One file that holds a whole desk: parts, a table of contents, and a seal over every byte.

The shape of it (all numbers are big-endian):

    verbatim backup, a line             so that everybody can say what the file is
    blocks                              b"Z" or b"=", raw length, kept length (4 bytes each), then the bytes
    the table of contents               JSON: what lies where, with its length and its SHA-256
    the end, 56 bytes                   b"format 1", where the table begins, its length (8 each), SHA-256 of all before

The last 32 bytes of a file are the SHA-256 of all the others, whatever its format: so a file that was cut, spoilt or
added to is known before a word of it is believed. A file made to harm is bounded too: a block never unpacks to more
than a hundred times its length (the writer keeps one as it is that would shrink further), nor to more than a mebibyte.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Self

FIRST_LINE = b"verbatim backup\n"
FORMAT = 1
END = struct.Struct(">8sQQ32s")
HEAD = struct.Struct(">cII")
BLOCK = 1 << 20
"""Bytes of a part that are packed together."""
MOST_TIMES = 100
"""How much longer than in the file a block may be when it is unpacked."""
MOST_CONTENTS = 16 << 20
"""Bytes of a table of contents; ours have some 20,000."""
LEVEL = 1
"""Of zlib: records shrink to a third and less; 3 gains a twentieth more and takes half as long again."""
AHEAD = 4
"""Blocks that are packed at the same time, where there are so many processors: zlib leaves Python's lock alone."""


class Spoilt(Exception):
    """The file cannot be used; the text is one line that says why."""


class Writer:
    """Writes one file, part by part; `close` seals it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._seal = hashlib.sha256()
        self._at = 0
        self._parts: dict[str, dict[str, Any]] = {}
        self._packers = ThreadPoolExecutor(min(AHEAD, os.cpu_count() or 1), "packing")
        self._packing: deque[tuple[bytes, Future[bytes]]] = deque()
        self._put(FIRST_LINE)

    def part(self, name: str, chunks: Iterator[bytes]) -> dict[str, Any]:
        """Write a part of lines.

        Args:
            name: what it is called in the table of contents.
            chunks: its bytes in pieces of any length.

        Returns:
            What the table of contents says of it: where it is, lengths in bytes, lines, SHA-256.
        """
        begins, digest, length, lines = self._at, hashlib.sha256(), 0, 0
        waiting: list[bytes] = []
        held = 0
        for chunk in chunks:
            digest.update(chunk)
            length += len(chunk)
            lines += chunk.count(b"\n")
            waiting.append(chunk)
            held += len(chunk)
            if held >= BLOCK:
                joined = b"".join(waiting)
                whole = len(joined) - len(joined) % BLOCK
                for start in range(0, whole, BLOCK):
                    self._block(joined[start : start + BLOCK])
                waiting, held = [joined[whole:]], len(joined) - whole
        if held:
            self._block(b"".join(waiting))
        while self._packing:
            self._put_block()
        entry = {
            "at": begins,
            "kept": self._at - begins,
            "bytes": length,
            "lines": lines,
            "sha256": digest.hexdigest(),
        }
        self._parts[name] = entry
        return entry

    def close(self, about: dict[str, Any]) -> str:
        """Write the table of contents and the seal.

        Args:
            about: what else it says; `parts` is added.

        Returns:
            The seal, as hex digits.
        """
        begins = self._at
        contents = json.dumps({**about, "parts": self._parts}, ensure_ascii=False, sort_keys=True).encode()
        self._put(contents)
        self._put(END.pack(b"format %d" % FORMAT, begins, len(contents), b"")[:-32])
        seal = self._seal.digest()
        self._stream.write(seal)
        self._packers.shutdown()
        return seal.hex()

    def _block(self, raw: bytes) -> None:
        self._packing.append((raw, self._packers.submit(zlib.compress, raw, LEVEL)))
        if len(self._packing) > AHEAD:
            self._put_block()

    def _put_block(self) -> None:
        """Write the block that was begun first; they stand in the file in their order, whichever is ready first."""
        raw, packing = self._packing.popleft()
        packed = packing.result()
        kind = b"Z"
        if len(packed) >= len(raw) or len(packed) * MOST_TIMES < len(raw):
            kind, packed = b"=", raw
        self._put(HEAD.pack(kind, len(raw), len(packed)) + packed)

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._seal.update(data)
        self._at += len(data)


class Archive:
    """A file whose seal holds. Open it with `with`; every part is compared with the table of contents as it is read."""

    def __init__(self, path: Path) -> None:
        """Open a file and check its seal.

        Args:
            path: the file.

        Raises:
            Spoilt: when it is none of ours, cut, spoilt, or of a later format.
            OSError: when it cannot be read.
        """
        # Without waiting for whoever would write into a named pipe.
        self._stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
        try:
            if not stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode):
                raise Spoilt("is not a file")
            self.seal, self.about = self._opened()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """The table of contents."""
        parts: dict[str, dict[str, Any]] = self.about["parts"]
        return parts

    def read(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a part, at most a mebibyte at a time. Several threads may read at once.

        Raises:
            Spoilt: when it is not what the table of contents says. What was given before is not to be kept then.
        """
        entry = self.parts[name]
        digest, length, lines, at = hashlib.sha256(), 0, 0, entry["at"]
        end = at + entry["kept"]
        while at < end:
            raw, at = self._block(at, end)
            digest.update(raw)
            length += len(raw)
            lines += raw.count(b"\n")
            yield raw
        if (length, lines, digest.hexdigest()) != (entry["bytes"], entry["lines"], entry["sha256"]):
            raise Spoilt(f"is not what it says it is: the part {name} differs from the table of contents")

    def verify(self) -> None:
        """Read every part once and keep nothing.

        Raises:
            Spoilt: at the first part that is not what the table of contents says.
        """
        for name in self.parts:
            for _ in self.read(name):
                pass

    def _opened(self) -> tuple[str, dict[str, Any]]:
        size = self._stream.seek(0, os.SEEK_END)
        self._stream.seek(0)
        if not size:
            raise Spoilt("is empty")
        if self._stream.read(len(FIRST_LINE)) != FIRST_LINE[:size]:
            raise Spoilt("is not a backup of Verbatim")
        if size < len(FIRST_LINE) + END.size:
            raise Spoilt("is cut off: its end is missing")
        label, begins, length, seal = END.unpack(self._tail(size))
        if self._digest(size - 32) != seal:
            cut = not label.startswith(b"format ")
            raise Spoilt("is cut off: its end is missing" if cut else "is spoilt: its SHA-256 does not hold")
        if label != b"format %d" % FORMAT:
            raise Spoilt("is of a format that this Verbatim does not know; update Verbatim first")
        if length > MOST_CONTENTS or begins + length + END.size != size or begins < len(FIRST_LINE):
            raise Spoilt("is not what it says it is: there is no table of contents at its end")
        self._stream.seek(begins)
        try:
            about = json.loads(self._stream.read(length))
        except (ValueError, RecursionError):
            raise Spoilt("is not what it says it is: its table of contents cannot be read") from None
        _require_parts(about, begins)
        return seal.hex(), about

    def _tail(self, size: int) -> bytes:
        self._stream.seek(size - END.size)
        return self._stream.read(END.size)

    def _digest(self, length: int) -> bytes:
        digest = hashlib.sha256()
        self._stream.seek(0)
        while length:
            data = self._stream.read(min(length, BLOCK))
            if not data:
                break
            digest.update(data)
            length -= len(data)
        return digest.digest()

    def _bytes(self, at: int, length: int) -> bytes:
        """Read without the stream's own place in the file, of which there is only one."""
        found = b""
        while len(found) < length and (
            more := os.pread(self._stream.fileno(), length - len(found), at + len(found))
        ):
            found += more
        return found

    def _block(self, at: int, end: int) -> tuple[bytes, int]:
        head = self._bytes(at, HEAD.size) if at + HEAD.size <= end else b""
        if len(head) < HEAD.size:
            raise Spoilt("is not what it says it is: a block ends early")
        kind, length, kept = HEAD.unpack(head)
        after = at + HEAD.size + kept
        if after > end or not 0 < length <= BLOCK or kept > length:
            raise Spoilt("is not what it says it is: a block has an impossible length")
        data = self._bytes(at + HEAD.size, kept)
        if kind == b"Z" and kept * MOST_TIMES >= length:
            unpacking = zlib.decompressobj()
            try:
                data = unpacking.decompress(data, length + 1)
            except zlib.error:
                raise Spoilt("is not what it says it is: a block cannot be unpacked") from None
        elif kind != b"=":
            raise Spoilt("is not what it says it is: a block unpacks to more than it may")
        if len(data) != length:
            raise Spoilt("is not what it says it is: a block has another length than it says")
        return data, after


def _require_parts(about: Any, end: int) -> None:
    """Refuse a table of contents whose parts do not lie one behind the other, from the first line to itself."""
    wrong = Spoilt("is not what it says it is: its table of contents makes no sense")
    parts = about.get("parts") if isinstance(about, dict) else None
    if not isinstance(parts, dict):
        raise wrong
    at = len(FIRST_LINE)
    for entry in sorted(parts.values(), key=_place):
        numbers = (
            [entry.get(name) for name in ("at", "kept", "bytes", "lines")] if isinstance(entry, dict) else []
        )
        if not numbers or any(type(number) is not int or number < 0 for number in numbers):
            raise wrong
        if entry["at"] != at or not isinstance(entry.get("sha256"), str):
            raise wrong
        at += entry["kept"]
    if at != end:
        raise wrong


def _place(entry: Any) -> tuple[int, int]:
    """Order parts by where they are; empty ones come before the one that begins at the same place."""
    at, kept = (entry.get("at"), entry.get("kept")) if isinstance(entry, dict) else (0, 0)
    return (at, kept) if type(at) is int and type(kept) is int else (0, 0)
