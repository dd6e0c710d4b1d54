"""What htmx does with an answer, done on the parsed page: so that swap and reload can be compared (HOUSE.md, Tests)."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag

HEADERS = {"HX-Request": "true"}


def parsed(response: Any) -> BeautifulSoup:
    """Parse an answer's HTML."""
    return BeautifulSoup(response.content.decode(), "html.parser")


def text_of(node: Any) -> str:
    """Return the words of a part of a page, with single spaces between them."""
    return " ".join(node.get_text(" ").split())


def get_part(client: Any, address: str, **headers: str) -> Any:
    """Ask for an address as htmx does."""
    return client.get(address, headers={**HEADERS, **headers})


def swapped(page: BeautifulSoup, fragment: BeautifulSoup, target: str) -> Tag:
    """Put a fragment into its target (`innerHTML`, the default of htmx) and give the target back.

    Out-of-band elements are left out: they go elsewhere.
    """
    for elsewhere in fragment.select("[hx-swap-oob]"):
        elsewhere.decompose()
    place = page.select_one(target)
    assert place is not None, f"{target} is not on the page"
    place.clear()
    for child in list(fragment.contents):
        place.append(child)
    return place


def told(tag: Tag) -> str:
    """Return markup that can be compared: spaces between tags and the order of attributes do not count."""
    again = BeautifulSoup(str(tag), "html.parser")
    for element in again.find_all(True):
        element.attrs = dict(sorted(element.attrs.items()))
        element.attrs.pop("aria-busy", None)
        # A form's fields hold what the person typed, which no swap touches; and one new key for every form.
        if element.name in ("input", "option"):
            element.attrs.pop("value" if element.name == "input" else "selected", None)
    return " ".join(str(again).replace("><", "> <").split())


def keeps_the_three_laws(client: Any, before: str, address: str, target: str) -> None:
    """Check that a fragment is no page, is the page's own part, and that swapping it in equals a reload.

    Args:
        before: the address of the page on which the link was pressed.
        address: where the link leads.
        target: the selector of what it replaces.
    """
    answer = get_part(client, address)
    assert answer.status_code == 200, answer
    fragment = parsed(answer)
    assert fragment.find(["html", "head", "body", "main"]) is None, "a fragment is not a page"
    whole = parsed(client.get(address))
    part = whole.select_one(target)
    assert part is not None, f"{target} is not on {address}"
    start = parsed(client.get(before))
    assert told(swapped(start, fragment, target)) == told(part), "the fragment is not the page's part"
    here, there = start.select_one("#main"), whole.select_one("#main")
    assert here is not None, "no #main"
    assert there is not None, "no #main"
    assert told(here) == told(there), "a swap is not a reload"
