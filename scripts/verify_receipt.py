#!/usr/bin/env python3
"""Verify a receipt of Verbatim offline, with Python's standard library alone.

    python3 verify_receipt.py FILE [POSITION HASH]

Checks that no byte of the file was altered, that every event has the hash that its content gives, and that every
transaction has the hash that its events give. With a position and a hash noted elsewhere (`manage.py audit
checkpoint`), also that the receipt agrees with them. Exit status 0 when all holds, 1 when not.
"""

import hashlib
import html
import json
import re
import sys
from collections.abc import Iterator

CLOSING = re.compile(rb"<!-- sha256 ([0-9a-f]{64}) -->\n\Z")


def canonical(parts: list[str | None]) -> bytes:
    """One text for several: each with its length in characters, unknown ones a minus."""
    return ",".join("-" if part is None else f"{len(part)}:{part}" for part in parts).encode()


def text(value: int | None) -> str | None:
    """A number as the hash writes it; unknown stays unknown."""
    return None if value is None else str(value)


def faults(content: bytes, noted: tuple[int, str] | None = None) -> Iterator[str]:
    """Yield what is wrong with a receipt, given as bytes."""
    closing = CLOSING.search(content)
    if not closing:
        yield "the file does not end with its hash"
        return
    if hashlib.sha256(content[: closing.start()]).hexdigest() != closing[1].decode():
        yield "the file was altered: its content does not give the hash at its end"
    found = re.search(r'<pre id="receipt">(.*?)</pre>', content.decode("utf-8", "replace"), re.DOTALL)
    try:
        told = json.loads(html.unescape(found[1])) if found else {}
    except ValueError:
        told = {}
    if told.get("format") != "verbatim-receipt-1":
        yield "it holds no receipt of a known format"
        return
    seals = {seal["id"]: seal for seal in told["seals"]}
    for event in told["events"]:
        fields = [
            text(event["id"]), text(event["seal"]), event["at"], text(event["actor_pk"]), event["actor"], event["verb"],
            event["table"], text(event["record_pk"]), text(event["statement_pk"]), event["before"], event["after"],
        ]  # fmt: skip
        if hashlib.sha256(canonical(fields)).hexdigest() != event["leaf"]:
            yield f"event {event['id']} is not what was recorded"
        seal = seals.get(event["seal"])
        if seal is None or (seal["leaves"] is not None and event["leaf"] not in seal["leaves"]):
            yield f"event {event['id']} is in no transaction of this receipt"
    for seal in seals.values():
        if seal["leaves"] is not None:
            root = hashlib.sha256(b"".join(bytes.fromhex(leaf) for leaf in seal["leaves"])).hexdigest()
            fields = [
                text(seal["position"]), text(seal["id"]), seal["transaction"], text(seal["events"]),
                seal["sealed_at"], seal["previous"], root,
            ]  # fmt: skip
            if (
                len(seal["leaves"]) != seal["events"]
                or hashlib.sha256(canonical(fields)).hexdigest() != seal["hash"]
            ):
                yield f"the transaction at position {seal['position']} does not give its hash"
        if noted and seal["position"] == noted[0] and seal["hash"] != noted[1]:
            yield f"position {noted[0]} has another hash than the one noted"


def main(arguments: list[str]) -> int:
    """Verify one file and say what was found."""
    if len(arguments) not in (1, 3):
        print(__doc__)
        return 2
    with open(arguments[0], "rb") as file:
        content = file.read()
    found = list(faults(content, (int(arguments[1]), arguments[2]) if len(arguments) == 3 else None))
    for fault in found:
        print(f"BROKEN: {fault}.")
    if not found:
        print("The receipt holds.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
