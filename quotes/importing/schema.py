"""What a fixture may hold: every model and field of PRODUCT.md §2 that a file can bring, in one table.

A test compares the table with the models, so that a field added there is added here, or refused here on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quotes.importing import kinds, rules
from quotes.importing.kinds import Check, blank_or, choice, list_of, nothing_or, reference, text, whole

type Problem = tuple[str, str]
type Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the check of its value, whether a record must have it, and which model it refers to."""

    check: Check
    required: bool = False
    refers_to: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its fields, those that are its natural key, and the rules that tie fields together."""

    label: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    rules: tuple[Rule, ...] = ()
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", frozenset(n for n, f in self.fields.items() if f.required))


_KEYS: dict[str, Check] = {
    "quotes.speaker": reference(kinds.slug),
    "quotes.outlet": reference(kinds.slug),
    "quotes.topic": reference(kinds.slug),
    "quotes.measure": reference(kinds.slug),
    "quotes.article": reference(kinds.canonical_url),
    "quotes.capture": reference(kinds.canonical_url, kinds.sha256),
    "quotes.statement": reference(kinds.uid),
    "quotes.quote": reference(kinds.uid),
}


def _must(check: Check) -> Field:
    return Field(check, required=True)


def _may(check: Check) -> Field:
    return Field(check)


def _to(model: str) -> Field:
    return Field(_KEYS[model], required=True, refers_to=model)


def _perhaps_to(model: str) -> Field:
    return Field(nothing_or(_KEYS[model]), refers_to=model)


_ANY = text(blank=True)
_LINE = text(200)
_PERHAPS_DAY = _may(nothing_or(kinds.day))
_PERHAPS_PRECISION = _may(nothing_or(kinds.precision))
_PERHAPS_MOMENT = _may(nothing_or(kinds.moment))
_PLACE = _may(nothing_or(whole(0, 2**31 - 1)))

SYMMETRIC_LINKS = frozenset({"conflicts_figure", "contradicts"})
"""Link types that are stored once, whichever statement comes first."""

MODELS: dict[str, Model] = {
    model.label: model
    for model in (
        Model(
            "quotes.outlet",
            ("slug",),
            {
                "slug": _must(kinds.slug),
                "name": _must(_LINE),
                "kind": _must(
                    choice("agency", "newspaper", "broadcaster", "site", "official", "institute", "social")
                ),
                "country": _may(kinds.country),
                "language": _may(blank_or(kinds.language)),
                "domain": _may(text(253, blank=True)),
                "owner": _perhaps_to("quotes.outlet"),
            },
            (rules.not_to_itself("owner", "an outlet does not own itself"),),
        ),
        Model(
            "quotes.speaker",
            ("slug",),
            {
                "slug": _must(kinds.slug),
                "name": _must(_LINE),
                "kind": _must(choice("person", "institution", "office", "group", "document", "unnamed")),
                "description": _may(_ANY),
                "country": _may(kinds.country),
                "wikidata_id": _may(nothing_or(kinds.wikidata_id)),
                "redirects_to": _perhaps_to("quotes.speaker"),
            },
            (rules.not_to_itself("redirects_to", "a speaker does not redirect to itself"),),
        ),
        Model(
            "quotes.speakername",
            ("speaker", "text", "language"),
            {
                "speaker": _to("quotes.speaker"),
                "text": _must(_LINE),
                "language": _must(kinds.language),
                "kind": _must(choice("official", "transliteration", "alias", "metonym")),
            },
        ),
        Model(
            "quotes.tenure",
            ("person", "title", "starts"),
            {
                "person": _to("quotes.speaker"),
                "title": _must(_LINE),
                "organisation": _perhaps_to("quotes.speaker"),
                "starts": _PERHAPS_DAY,
                "starts_precision": _PERHAPS_PRECISION,
                "ends": _PERHAPS_DAY,
                "ends_precision": _PERHAPS_PRECISION,
                "speaks_for": _may(kinds.true_or_false),
                "source_url": _must(kinds.web_address),
            },
            (
                rules.precise("starts"),
                rules.precise("ends"),
                rules.ends_after_it_starts,
                rules.speaks_for_somebody,
            ),
        ),
        Model("quotes.topic", ("slug",), {"slug": _must(kinds.slug), "name": _must(text(120))}),
        Model(
            "quotes.measure",
            ("slug",),
            {"slug": _must(kinds.slug), "name": _must(_LINE), "unit": _must(text(60))},
        ),
        Model(
            "quotes.article",
            ("url",),
            {
                "url": _must(kinds.canonical_url),
                "outlet": _to("quotes.outlet"),
                "headline": _must(text(500)),
                "byline": _may(text(300, blank=True)),
                "language": _must(kinds.language),
                "published_at": _PERHAPS_MOMENT,
                "retrieved_at": _PERHAPS_MOMENT,
            },
        ),
        Model(
            "quotes.capture",
            ("article", "sha256"),
            {
                "article": _to("quotes.article"),
                "sha256": _must(kinds.sha256),
                "captured_at": _must(kinds.moment),
                "body": _must(text(2_000_000)),
            },
            (rules.sha256_is_of_the_body,),
        ),
        Model(
            "quotes.statement",
            ("uid",),
            {
                "uid": _must(kinds.uid),
                "speaker": _to("quotes.speaker"),
                "uttered_by": _perhaps_to("quotes.speaker"),
                "said_on": _PERHAPS_DAY,
                "said_on_precision": _PERHAPS_PRECISION,
                "occasion": _may(text(300, blank=True)),
                "original_language": _may(blank_or(kinds.language)),
                "original_text": _may(nothing_or(_ANY)),
                "topics": Field(
                    list_of(_KEYS["quotes.topic"], "natural keys of topics"),
                    refers_to="quotes.topic",
                    many=True,
                ),
                "gist": _must(text(300)),
                "record": _may(choice("on", "background", "off")),
                "embargoed_until": _PERHAPS_MOMENT,
            },
            (rules.precise("said_on"), rules.no_topic_twice),
        ),
        Model(
            "quotes.quote",
            ("uid",),
            {
                "uid": _must(kinds.uid),
                "statement": _to("quotes.statement"),
                "article": _to("quotes.article"),
                "capture": _perhaps_to("quotes.capture"),
                "kind": _must(choice("direct", "indirect", "mixed", "partial")),
                "text": _must(text()),
                "language": _must(kinds.language),
                "is_translation": _may(kinds.true_or_false),
                "cue": _may(text(80, blank=True)),
                "speaker_as_printed": _may(text(200, blank=True)),
                "role_as_printed": _may(text(200, blank=True)),
                "prefix": _may(text(64, blank=True)),
                "suffix": _may(text(64, blank=True)),
                "start": _PLACE,
                "end": _PLACE,
            },
            (rules.whole_anchor, rules.capture_of_the_article),
        ),
        Model(
            "quotes.relay",
            ("quote", "position"),
            {
                "quote": _to("quotes.quote"),
                "position": _must(whole(1, 32_767)),
                "outlet": _perhaps_to("quotes.outlet"),
                "as_printed": _may(text(300, blank=True)),
            },
            (rules.names_somebody,),
        ),
        Model(
            "quotes.figure",
            ("quote", "measure"),
            {
                "quote": _to("quotes.quote"),
                "measure": _to("quotes.measure"),
                "low": _may(nothing_or(kinds.number)),
                "high": _may(nothing_or(kinds.number)),
                "bound": _must(choice("exact", "about", "at_least", "at_most", "range")),
                "as_of": _PERHAPS_DAY,
                "as_of_precision": _PERHAPS_PRECISION,
                "method": _must(choice("official", "estimate", "claim")),
                "as_printed": _may(text(120, blank=True)),
            },
            (rules.precise("as_of"), rules.numbers_fit_the_bound),
        ),
        Model(
            "quotes.link",
            ("source", "target", "type"),
            {
                "source": _to("quotes.statement"),
                "target": _to("quotes.statement"),
                "type": _must(
                    choice(
                        "repeats",
                        "echoes",
                        "updates_figure",
                        "conflicts_figure",
                        "contradicts",
                        "reverses",
                        "clarifies",
                        "responds_to",
                        "denies",
                        "quotes",
                        "context_for",
                    )
                ),
                "state": _may(choice("suggested", "confirmed", "rejected")),
                "score": _may(nothing_or(kinds.share)),
                "reasons": _may(list_of(text(1_000), "reasons in words", 50)),
                "method": _may(text(60, blank=True)),
                "note": _may(_ANY),
                "decided_by": _may(kinds.only_null("who decides a link is the person who imports it")),
                "decided_at": _may(kinds.only_null("a link is decided when it is imported")),
            },
            (rules.joins_two_statements,),
        ),
        Model(
            "quotes.evidence",
            ("quote", "kind", "url", "timecode", "stance"),
            {
                "quote": _to("quotes.quote"),
                "kind": _must(
                    choice(
                        "recording", "transcript", "official_text", "wire", "archive", "confirmation", "other"
                    )
                ),
                "url": _may(blank_or(kinds.web_address)),
                "timecode": _may(kinds.timecode),
                "excerpt": _may(_ANY),
                "primary": _may(kinds.true_or_false),
                "stance": _must(choice("supports", "refutes", "silent")),
            },
            (rules.says_where_or_what,),
        ),
    )
}

REFUSED_MODELS: dict[str, str] = {
    "quotes.check": "checks are made by people at the desk, never brought by a file",
    "quotes.standing": "standing is derived from checks, never brought by a file",
    "quotes.policy": "rules of the newsroom are settings, not data",
    "quotes.claim": "claims are made by people at the desk",
    "quotes.auditevent": "the audit log is written by the desk alone",
    "quotes.auditseal": "the audit log is written by the desk alone",
    "quotes.importrun": "imports are recorded by the desk alone",
    "quotes.importrow": "imports are recorded by the desk alone",
    "quotes.savedsearch": "saved searches belong to their people",
    "quotes.sameutterance": "suggestions are made by the desk; joining is an action of people",
    **dict.fromkeys(
        ("quotes.contribution", "quotes.note", "quotes.posting", "quotes.return", "quotes.withdrawal"),
        "what people do at the desk is recorded by the desk alone",
    ),
    **dict.fromkeys(("quotes.searchdoc", "quotes.searchsample"), "it is derived from the records"),
}
"""Models of ours that a file may not bring, and why."""

REFUSED_APPS: dict[str, str] = {
    "auth": "accounts, groups and permissions are made in the admin, never by a file",
    "account": "accounts are made in the admin, never by a file",
    "mfa": "accounts are made in the admin, never by a file",
    "usersessions": "sessions are made by signing in",
    "sessions": "sessions are made by signing in",
    "admin": "the audit log is written by the desk alone",
    "contenttypes": "only records of quotes can be imported",
}

REFUSED_FIELDS: dict[str, str] = {
    "id": "records are known by their natural keys",
    "pk": "records are known by their natural keys",
    "standing": "standing is derived from checks, never brought by a file",
    "checks": "checks are made by people at the desk, never brought by a file",
    "version": "versions are counted by the desk",
    "content_hash": "it is derived from the content",
    "folded": "it is derived from the text",
    "joined_into": "statements are joined by people, on their page",
    "features": "they are measured by the desk",
    "input_hash": "it is derived from what was measured",
    "sort_key": "it is derived from the name",
    **dict.fromkeys(
        ("created_at", "created_by", "updated_at", "updated_by"),
        "who did what and when is recorded by the desk",
    ),
}
"""Fields that a file may not set, and why; other unknown fields are refused as unknown."""
