"""The file of a backup, before any database: whatever is wrong with it is said in one line."""

import hashlib
import io
import json
import os
import random
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quotes.importing.container import BLOCK, END, FIRST_LINE, HEAD, Archive, Spoilt, Writer

ROWS = "".join(f"{number}\tЗеленський said “{number * 7919 % 1009}”\n" for number in range(400)).encode()


def written(path: Path, parts: dict[str, bytes], about: dict | None = None) -> bytes:
    stream = io.BytesIO()
    writer = Writer(stream)
    for name, data in parts.items():
        # In pieces of odd lengths, as a server gives them.
        writer.part(name, iter([data[at : at + 777] for at in range(0, len(data), 777)]))
    writer.close(about or {"product": "Verbatim"})
    path.write_bytes(stream.getvalue())
    return stream.getvalue()


def sealed(body: bytes, contents: bytes, label: bytes = b"format 1") -> bytes:
    """A file made to harm: the seal is right, whatever is in it."""
    end = END.pack(label, len(body), len(contents), b"")[:-32]
    return body + contents + end + hashlib.sha256(body + contents + end).digest()


def refusal(path: Path) -> str:
    with pytest.raises(Spoilt) as refused, Archive(path) as archive:
        archive.verify()
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_what_was_written_comes_out_again(tmp_path: Path) -> None:
    parts = {
        "rows": ROWS,
        "none": b"",
        "long": os.urandom(2 * BLOCK + 5) + b"\n" * 3,
        "same": b"x" * (3 * BLOCK),
    }
    written(tmp_path / "f", parts)
    with Archive(tmp_path / "f") as archive:
        archive.verify()
        assert {name: b"".join(archive.read(name)) for name in archive.parts} == parts
        assert archive.parts["rows"]["lines"] == 400
        assert archive.parts["rows"]["kept"] < len(ROWS) / 2
        assert archive.parts["same"]["kept"] >= 3 * BLOCK, "what shrinks too well is kept as it is"


def test_several_threads_may_read_a_file_at_once(tmp_path: Path) -> None:
    parts = {f"part {number}": os.urandom(500) * 5_000 + bytes([number]) for number in range(8)}
    written(tmp_path / "f", parts)
    with Archive(tmp_path / "f") as archive, ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda name: b"".join(archive.read(name)), archive.parts)
        assert dict(zip(archive.parts, found, strict=True)) == parts


@pytest.mark.parametrize("step", [29])
def test_every_spoilt_bit_is_seen(tmp_path: Path, step: int) -> None:
    whole = written(tmp_path / "f", {"rows": ROWS})
    for at in range(0, len(whole), step):
        spoilt = bytearray(whole)
        spoilt[at] ^= 1 << (at % 8)
        (tmp_path / "f").write_bytes(spoilt)
        refusal(tmp_path / "f")


def test_a_file_that_ends_early_or_late_is_seen(tmp_path: Path) -> None:
    whole = written(tmp_path / "f", {"rows": ROWS})
    for length in [*range(70), *range(70, len(whole), 61), *range(len(whole) - 60, len(whole))]:
        (tmp_path / "f").write_bytes(whole[:length])
        said = refusal(tmp_path / "f")
        assert said.startswith(("is cut off", "is empty", "is not a backup", "is spoilt")), said
    (tmp_path / "f").write_bytes(whole + b"\n")
    assert "cut off" in refusal(tmp_path / "f") or "spoilt" in refusal(tmp_path / "f")


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 a zip", b'[{"model": "quotes.topic"}]', b"verbatim", b"\0" * 5000]
)
def test_another_kind_of_file_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    assert refusal(tmp_path / "f") in ("is not a backup of Verbatim", "is cut off: its end is missing")


def test_a_pipe_or_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        Archive(tmp_path)
    reading, writing = os.pipe()
    try:
        assert refusal(Path(f"/dev/fd/{reading}")) == "is not a file"
    finally:
        os.close(reading)
        os.close(writing)


def test_a_later_format_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(sealed(FIRST_LINE, b'{"parts": {}}', b"format 2"))
    assert "update Verbatim first" in refusal(tmp_path / "f")


def test_a_block_that_unpacks_to_too_much_is_refused_within_little_memory(tmp_path: Path) -> None:
    bomb = zlib.compress(b"\0" * (200 * BLOCK), 9)
    for length in (BLOCK, 200 * BLOCK):
        block = HEAD.pack(b"Z", length, len(bomb)) + bomb
        entry = {"at": len(FIRST_LINE), "kept": len(block), "bytes": length, "lines": 0, "sha256": ""}
        contents = json.dumps({"parts": {"rows": entry}}).encode()
        (tmp_path / "f").write_bytes(sealed(FIRST_LINE + block, contents))
        tracemalloc.start()
        refusal(tmp_path / "f")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 8 * BLOCK


def test_no_table_of_contents_breaks_the_reading(tmp_path: Path) -> None:
    whole = written(tmp_path / "f", {"rows": ROWS, "more": ROWS[:300]})
    with Archive(tmp_path / "f") as archive:
        about = archive.about
    _, begins, _, _ = END.unpack(whole[-END.size :])
    body = whole[:begins]
    chance = random.Random(7)
    wrong = [None, -1, 1 << 70, 1.5, "", [], {}, True, "1"]
    for _ in range(300):
        spoilt = json.loads(json.dumps(about))
        entry = chance.choice(list(spoilt["parts"].values()))
        entry[chance.choice([*entry])] = chance.choice(wrong)
        (tmp_path / "f").write_bytes(sealed(body, json.dumps(spoilt).encode()))
        assert "not what it says" in refusal(tmp_path / "f")
    for contents in (
        b"",
        b"null",
        b"[]",
        b'{"parts": []}',
        b'{"parts": {"a": 1}}',
        b"[" * 9999,
        b"\xff",
        b'{"parts": {}}',
    ):
        (tmp_path / "f").write_bytes(sealed(body, contents))
        assert "not what it says" in refusal(tmp_path / "f")


def test_blocks_of_chance_break_nothing(tmp_path: Path) -> None:
    chance = random.Random(11)
    for _ in range(300):
        block = chance.choice([b"Z", b"=", b"?"]) + chance.randbytes(chance.randrange(40))
        entry = {"at": len(FIRST_LINE), "kept": len(block), "bytes": 9, "lines": 0, "sha256": "0" * 64}
        contents = json.dumps({"parts": {"rows": entry}}).encode()
        (tmp_path / "f").write_bytes(sealed(FIRST_LINE + block, contents))
        assert "not what it says" in refusal(tmp_path / "f")
