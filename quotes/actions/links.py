"""Links between statements: proposed, made, decided on, changed, and taken back; and what the desk suggests by itself.

Who may add links proposes one; who may decide on links makes, confirms, rejects and changes them. A rejected one is
remembered: it stays until somebody changes that decision, or what it rested on has changed. A suggestion never
confirms itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from quotes.models import AuditEvent, Link, SameUtterance, Statement
from quotes.text import days
from quotes.text.linking import METHOD, Proposal

from .audit import acting
from .links_suggesting import Written, write
from .refusals import Changed, NotAllowed, NotValid

type Suggestion = Link | SameUtterance

NO_PROPOSING = "Your account may look at links, but not propose any."
NO_DECIDING = "Your account may propose links, but not decide on them."
MUTUAL = (Link.Type.CONTEXT_FOR,)
"""Types that can hold in both directions at once; of all others the one direction contradicts the other."""


ONE_OF_A_KIND = ("link_natural_key", "link_symmetric_is_stored_once")
"""The constraints by which the database keeps two links of one type from one pair."""


class Contradicts(NotValid):
    """What was asked for is at odds with a link that is there, or was rejected.

    Attributes:
        link: that link.
    """

    def __init__(self, sentence: str, link: Suggestion) -> None:
        super().__init__(sentence, "type")
        self.link = link


def propose(source: str, target: str, kind: str, *, by: Any, note: str = "") -> Link:
    """Propose a link for others to decide on.

    Args:
        source, target: uids of the two statements.
        kind: of `Link.Type`.
        note: why, in the person's words.

    Raises:
        NotAllowed: without the right to add links.
        NotValid: when the two ends or the type will not do; says which.
        Contradicts: when it is there already, or was rejected.
    """
    if not by.has_perm("quotes.add_link"):
        raise NotAllowed(NO_PROPOSING)
    return _enter(source, target, kind, by=by, note=note, fields={"state": Link.State.SUGGESTED})


def make(source: str, target: str, kind: str, *, by: Any, note: str = "") -> Link:
    """Make a link at once: propose it, and confirm it.

    Raises:
        as `propose`; NotAllowed without the right to decide on links.
    """
    if not by.has_perm("quotes.decide_link"):
        raise NotAllowed(NO_DECIDING)
    decided = {"state": Link.State.CONFIRMED, "decided_by": by, "decided_at": Now()}
    return _enter(source, target, kind, by=by, note=note, fields=decided)


def _enter(source: str, target: str, kind: str, *, by: Any, note: str, fields: dict[str, Any]) -> Link:
    if kind not in Link.Type.values:
        known = ", ".join(label for _, label in Link.Type.choices)
        raise NotValid(f"There is no link called “{kind[:40]}”. There are: {known}.", "type")
    first, second = _end(source, "source", by), _end(target, "target", by)
    if first.pk == second.pk:
        raise NotValid(_one_statement(source, target), "target")
    _stands_alone(first, second, Link.Type(kind))
    try:
        with acting(by=by, verb="links.make" if "decided_by" in fields else "links.propose"):
            made = Link.objects.create(
                source=first, target=second, type=kind, method="by hand", note=note.strip(), **fields
            )
    except IntegrityError as error:
        if _constraint(error) not in (*ONE_OF_A_KIND, "statement_was_joined"):
            raise
        # Somebody else was quicker, with the link or with a joining.
        _stands_alone(first, second, Link.Type(kind))
        raise NotValid(
            "One of the two was joined into another statement at this moment.", "target"
        ) from error
    made.refresh_from_db()
    return made


def _constraint(error: IntegrityError) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def _end(uid: str, field: str, by: Any) -> Statement:
    """The statement with this uid, or the one that it was joined into. What is held back is as if it were not there."""
    found: Statement | None = Statement.objects.filter(uid=uid).first()
    for _ in range(64):
        if found is None or found.joined_into_id is None:
            break
        found = Statement.objects.filter(pk=found.joined_into_id).first()
    if found is None or not Statement.objects.visible_to(by).filter(pk=found.pk).exists():
        raise NotValid(f"There is no statement “{uid[:64]}” that you can link.", field)
    return found


def _one_statement(source: str, target: str) -> str:
    if source == target:
        return "A link joins two statements, and this is one: choose another."
    return f"{source} and {target} were joined: they are one statement, so no link can hold between them."


def _stands_alone(first: Statement, second: Statement, kind: Link.Type) -> None:
    """Refuse a link that is there, or that an earlier decision contradicts, and say which.

    Raises:
        Contradicts: with that link.
    """
    pair = Link.objects.of_pair(first.pk, second.pk).filter(type=kind).select_related("decided_by")
    for link in pair.select_related("source", "target", "created_by"):
        same_way = link.source_id == first.pk or kind in Link.SYMMETRIC
        if same_way and link.state == Link.State.REJECTED:
            raise Contradicts(f"{told(link)} Change that decision instead of linking anew.", link)
        if same_way and link.state == Link.State.SUGGESTED:
            raise Contradicts(f"{told(link)} Decide on that one.", link)
        if same_way:
            raise Contradicts(f"That link is there already. {told(link)}", link)
        if link.state == Link.State.CONFIRMED and kind not in MUTUAL:
            raise Contradicts(f"The other way round is confirmed, and both cannot be. {told(link)}", link)


# house: it only says what is there
def told(link: Suggestion) -> str:
    """Say what a link says and who decided so, in a sentence: for a refusal and for a conflict."""
    what = f"“{link.source.uid} {link.get_type_display()} {link.target.uid}”"
    if link.state == Link.State.SUGGESTED:
        by = _name(link.created_by) if not link.score and link.created_by else "the desk"
        return f"{what} is suggested already, by {by}."
    who = _name(link.decided_by) if link.decided_by else "somebody"
    when = f" on {days.in_words(link.decided_at.date())}" if link.decided_at else ""
    why = f" ({link.note.strip().rstrip('.')})" if link.note.strip() else ""
    return f"{who} {link.state} {what}{when}{why}."


def _name(user: Any) -> str:
    return user.get_full_name() or user.get_username()


# --- deciding ----------------------------------------------------------------------------------------------------


def confirm(link: Suggestion, *, seen: int, by: Any, kind: str = "", note: str | None = None) -> None:
    """Confirm a link, as the type that it was suggested as or as another.

    Args:
        link: brought up to date with what is saved.
        seen: the version that was on the screen.
        kind: another type; empty: as it is.
        note: put in the place of the one that is there; None leaves it.

    Raises:
        NotAllowed: without the right to decide on links.
        NotValid: for two statements that may be one: they are joined, not linked.
        Contradicts: when the other type is there already, or was rejected.
        Changed: when somebody else decided meanwhile; nothing is changed.
    """
    if isinstance(link, SameUtterance):
        raise NotValid("Two statements that are one are joined, not linked.")
    _decide(link, Link.State.CONFIRMED, "links.confirm", seen=seen, by=by, kind=kind, note=note)


def reject(link: Suggestion, *, seen: int, by: Any, note: str | None = None) -> None:
    """Reject a link; it is remembered, and suggested again only when what it rests on has changed.

    Raises:
        as `confirm`.
    """
    _decide(link, Link.State.REJECTED, "links.reject", seen=seen, by=by, note=note)


def change(
    link: Link, *, seen: int, by: Any, kind: str = "", turned: bool = False, note: str | None = None
) -> None:
    """Change the type of a link, its direction or its note, and leave the decision as it is.

    Raises:
        as `confirm`.
    """
    _may_decide(by)
    kind = kind or link.type
    ends = (link.target, link.source) if turned else (link.source, link.target)
    fields: dict[str, Any] = {}
    if kind != link.type or turned:
        if kind not in Link.Type.values:
            raise NotValid(f"There is no link called “{kind[:40]}”.", "type")
        _is_free(link, *ends, kind)
        fields = {"type": kind, "source": ends[0], "target": ends[1]}
    if note is not None and note.strip() != link.note:
        fields["note"] = note.strip()
    if not fields:
        raise NotValid("Nothing was different.")
    _update(link, fields, "links.change", seen=seen, by=by)


def _decide(
    link: Suggestion,
    state: str,
    verb: str,
    *,
    seen: int,
    by: Any,
    kind: str = "",
    note: str | None = None,
) -> None:
    _may_decide(by)
    fields: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": Now()}
    if isinstance(link, Link) and kind and kind != link.type:
        if kind not in Link.Type.values:
            raise NotValid(f"There is no link called “{kind[:40]}”.", "type")
        _is_free(link, link.source, link.target, kind)
        fields["type"] = kind
    if note is not None:
        fields["note"] = note.strip()
    if link.version == seen and link.state == state and "type" not in fields:
        raise NotValid(f"It is {state} already.")
    _update(link, fields, verb, seen=seen, by=by)


def _may_decide(by: Any) -> None:
    if not by.has_perm("quotes.decide_link"):
        raise NotAllowed(NO_DECIDING)


def _is_free(link: Link, first: Statement, second: Statement, kind: str) -> None:
    """Refuse a type that another link of the pair has, or that contradicts one."""
    others = Link.objects.of_pair(first.pk, second.pk).filter(type=kind).exclude(pk=link.pk)
    if others.exists():
        _stands_alone(first, second, Link.Type(kind))


def _update(link: Suggestion, fields: dict[str, Any], verb: str, *, seen: int, by: Any) -> None:
    rows = type(link).objects.visible_to(by).filter(pk=link.pk)
    try:
        with transaction.atomic(), acting(by=by, verb=verb):
            # By key and version alone, so that of two who decide at once the second changes nothing.
            if not rows.exists() or not type(link).objects.filter(pk=link.pk, version=seen).update(**fields):
                raise Changed(
                    _meanwhile(rows.select_related("source", "target", "decided_by", "created_by").first())
                )
    except IntegrityError as error:
        if _constraint(error) not in ONE_OF_A_KIND:
            raise
        raise NotValid("There is such a link between the two already.", "type") from error
    link.refresh_from_db()


def _meanwhile(now: Suggestion | None) -> str:
    if now is None:
        return "Somebody else took this link away meanwhile."
    return f"Somebody else was quicker, and yours was not saved. {told(now)}"


# --- taking back -------------------------------------------------------------------------------------------------

KEPT = (
    "source_id", "target_id", "type", "state", "score", "reasons", "method", "features", "input_hash", "note",
    "decided_by_id", "decided_at",
)  # fmt: skip
"""Columns that an undo gives back; the version and the stamps go on counting."""


def undo(link: Suggestion, *, seen: int, by: Any) -> Suggestion | None:
    """Take back `by`'s own last deed on a link: every column is as it was before; one that was new is gone.

    Returns:
        The link as it is now; None when it was taken away.

    Raises:
        Changed: when the last deed is another's, was an undoing, or the link is not the one that was shown.
    """
    table = type(link)._meta.db_table
    last = AuditEvent.objects.filter(table=table, record_pk=link.pk).newest_first().first()
    after = json.loads(last.after) if last is not None and last.after else {}
    if (
        last is None
        or last.actor_pk != by.pk
        or not last.verb.startswith("links.")
        or last.verb == "links.undo"
        or after.get("version") != seen
    ):
        raise Changed("There is nothing of yours to take back here: it has changed since.")
    rows = type(link).objects.filter(pk=link.pk, version=seen)
    with acting(by=by, verb="links.undo"):
        if last.before is None:
            if not rows.delete()[0]:
                raise Changed("There is nothing of yours to take back here: it has changed since.")
            return None
        before = json.loads(last.before)
        columns = {field.attname: field for field in type(link)._meta.concrete_fields}
        fields = {
            columns[name].name: columns[name].to_python(before[name])
            if name == "decided_at"
            else before[name]
            for name in KEPT
            if name in columns
        }
        if not rows.update(**fields):
            raise Changed("There is nothing of yours to take back here: it has changed since.")
    link.refresh_from_db()
    return link


# --- what the desk suggests --------------------------------------------------------------------------------------


def suggest(proposals: Sequence[Proposal], *, by: Any, looked_at: Sequence[tuple[int, int]] = ()) -> Written:
    """Keep what the desk suggests; nothing that a person decided or proposed is touched.

    A new one is added, one that was measured otherwise is brought up to date, and a rejected one comes back only if
    what it rests on has changed. Suggestions of `looked_at` pairs that no longer follow are taken away.

    Args:
        proposals: of `text.linking`, any number.
        looked_at: keys of pairs that were compared anew.
    """
    with acting(by=by, verb="links.suggest"):
        return write(proposals, looked_at)


# house: it only reads what a next look compares again
def suggested_with(keys: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of the desk's own suggestions that touch these statements."""
    touching = Q(source__in=keys) | Q(target__in=keys)
    own = Q(state=Link.State.SUGGESTED, method__startswith=METHOD.split("@")[0])
    pairs: list[tuple[int, int]] = []
    for model in (Link, SameUtterance):
        pairs += model.objects.filter(touching, own).values_list(F("source_id"), F("target_id"))
    return pairs
