"""What the checks of a quote have proved so far, what is lacking, and who signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from quotes.models import Check, Evidence, Quote, Standing, Verdict, axes_of

AXIS_WORDS = {
    "attribution": ("Speaker", "Did this person say it?"),
    "wording": ("Wording", "Are these the words?"),
    "translation": ("Translation", "Is it faithful to the original?"),
    "context": ("Context", "Does it mean the same where it stands?"),
    "dating": ("Date and occasion", "Was it said then, and there?"),
    "figure": ("Figures", "Are the numbers those that were given?"),
}
"""Axis: its name, and the question that it answers."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a full check needs: `done`, `part` (somebody, but not enough) or `todo`."""

    state: str
    title: str
    detail: str
    by: str = ""

    @property
    def word(self) -> str:
        """The state in a word, for those who do not see the sign."""
        return {"done": "Done", "part": "Partly", "todo": "Missing"}[self.state]


@dataclass(frozen=True, slots=True)
class Answer:
    """One verdict of a check."""

    axis: str
    name: str
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class CheckOnPage:
    """A check; `current` while it counts: the content is the one that was checked, and it was not taken back."""

    check: Check
    who: str
    answers: Sequence[Answer]
    current: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """The verification rail of one quote."""

    standing: Standing
    proofs: Sequence[Proof]
    checks: Sequence[CheckOnPage]
    signatures: Sequence[CheckOnPage]
    evidence: Sequence[Evidence]
    claimed_by: str
    lacking: str

    @property
    def done(self) -> int:
        """How many proofs are complete."""
        return sum(proof.state == "done" for proof in self.proofs)

    @property
    def open_lines(self) -> range:
        """The signature lines that nobody has signed yet, by their number."""
        return range(len(self.signatures) + 1, self.standing.needed + 1)


def name_of(person: Any) -> str:
    """Return how an account is named on a page; an entry by nobody is the system's."""
    if person is None:
        return "the system"
    return person.get_full_name() or person.get_username()


def initials_of(person: Any) -> str:
    """Return up to two letters for an account."""
    words = name_of(person).split()
    return "".join(word[0] for word in words[:2]).upper()


def verification_of(quote: Quote) -> Verification:
    """Gather the verification of a quote from what is at hand: standing, evidence, checks, claim, figures."""
    standing = quote.standing
    checks = [_on_page(check, standing) for check in quote.checks.all()]
    latest = {row.check.by_id: row for row in checks if row.current}
    signatures = [row for row in latest.values() if row.check.full_pass]
    evidence = list(quote.evidence.all())
    claim = getattr(quote, "claim", None)
    return Verification(
        standing=standing,
        proofs=[*_material(quote, evidence), *_axes(quote, list(latest.values()), standing.needed)],
        checks=checks,
        signatures=sorted(signatures, key=lambda row: row.check.pk),
        evidence=evidence,
        claimed_by=name_of(claim.by) if claim is not None and claim.expires_at > timezone.now() else "",
        lacking=lacking(standing),
    )


def standing_now(quote: Quote) -> Standing:
    """Read the standing as the database has it at this moment."""
    return Standing.objects.get(pk=quote.pk)


def lacking(standing: Standing) -> str:
    """Say in a sentence what stands between a quote and `verified`."""
    value, missing = standing.value, standing.needed - standing.passes
    people = "one more person" if missing == 1 else f"{missing} more people"
    if value == Standing.Value.VERIFIED:
        count = "One person" if standing.passes == 1 else f"{standing.passes} different people"
        return f"{count} passed every question. It says that the speaker said it, not that it is true."
    if value in Standing.ADVERSE:
        again = "one person passes" if standing.needed == 1 else f"{standing.needed} other people pass"
        return f"It stands until {again} every question anew."
    if standing.depth == Standing.Depth.CITED:
        return "It cannot be verified: nothing is held that shows the words."
    if value == Standing.Value.STALE:
        return f"Its content changed after it was checked. It needs a full pass by {people}."
    if value == Standing.Value.UNCHECKED:
        return f"Nobody has checked it yet. It needs a full pass by {people}."
    return f"It needs a full pass by {people}."


def _on_page(check: Check, standing: Standing) -> CheckOnPage:
    answers = [
        Answer(axis, AXIS_WORDS[axis][0], verdict, getattr(check, f"get_{axis}_display")())
        for axis in AXIS_WORDS
        if (verdict := getattr(check, axis)) is not None
    ]
    withdrawn = hasattr(check, "withdrawal")
    current = check.seen == standing.content_hash and not withdrawn
    return CheckOnPage(check, name_of(check.by), answers, current, withdrawn)


def _material(quote: Quote, evidence: Sequence[Evidence]) -> list[Proof]:
    """What is held: the words in their source, and the recording or document behind it."""
    if quote.start is not None and quote.end is not None:
        place = f"Exact, characters {quote.start:,}–{quote.end:,}"
        held = Proof("done", "Words in our source", place, "checked by machine")
    elif quote.capture_id is not None:
        held = Proof("part", "Words in our source", "The text is held; their place in it is not marked")
    else:
        held = Proof("todo", "Words in our source", "No copy of the article is held")
    supports = [item for item in evidence if item.stance == Evidence.Stance.SUPPORTS]
    primary = next((item for item in supports if item.primary), None)
    if quote.standing.depth == Standing.Depth.PRIMARY and primary is not None:
        itself = Proof(
            "done", "Recording or document", primary.get_kind_display(), name_of(primary.created_by)
        )
    elif supports:
        kinds = ", ".join(dict.fromkeys(item.get_kind_display() for item in supports))
        itself = Proof("part", "Recording or document", f"Not held itself; held: {kinds}")
    else:
        itself = Proof("todo", "Recording or document", "Not held")
    return [held, itself]


def _axes(quote: Quote, latest: Sequence[CheckOnPage], needed: int) -> list[Proof]:
    """One proof for each question that applies, from each person's latest check of the present content."""
    proofs = []
    for axis in axes_of(quote):
        title, question = AXIS_WORDS[axis]
        told = [(row.who, verdict) for row in latest if (verdict := getattr(row.check, axis))]
        passed = [who for who, verdict in told if verdict == Verdict.PASS]
        others = [
            f"{who}: {'fails' if verdict == Verdict.FAIL else 'unclear'}"
            for who, verdict in told
            if verdict != Verdict.PASS
        ]
        if others:
            proofs.append(Proof("part", title, ", ".join(others), ", ".join(passed)))
        elif len(passed) >= needed:
            proofs.append(Proof("done", title, question, ", ".join(passed)))
        elif passed:
            detail = f"{question} Passed by {len(passed)} of {needed}"
            proofs.append(Proof("part", title, detail, ", ".join(passed)))
        else:
            proofs.append(Proof("todo", title, question))
    return proofs
