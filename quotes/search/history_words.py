"""How the history and the log call what happened: tables, deeds, and the columns that are housekeeping."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import models

from quotes.models import (
    Article,
    Assignment,
    Capture,
    Check,
    Claim,
    Evidence,
    Figure,
    Link,
    Measure,
    Note,
    Outlet,
    Quote,
    Relay,
    Return,
    SameUtterance,
    Speaker,
    SpeakerName,
    Statement,
    Tenure,
    Topic,
    Withdrawal,
)

TOLD: dict[str, tuple[str, str, type[models.Model]]] = {
    "quotes_statement": ("the statement", "statements", Statement),
    "quotes_quote": ("the quote", "quotes", Quote),
    "quotes_relay": ("a step of the chain", "steps of chains", Relay),
    "quotes_figure": ("a figure", "figures", Figure),
    "quotes_evidence": ("evidence", "pieces of evidence", Evidence),
    "quotes_check": ("a check", "checks", Check),
    "quotes_claim": ("a claim", "claims", Claim),
    "quotes_assignment": ("an assignment of", "assignments", Assignment),
    "quotes_link": ("a link", "links", Link),
    "quotes_sameutterance": ("a suggestion to join", "suggestions to join", SameUtterance),
    "quotes_statement_topics": ("a topic", "topics", Statement.topics.through),
    "quotes_speaker": ("the speaker", "speakers", Speaker),
    "quotes_tenure": ("a role", "roles", Tenure),
    "quotes_article": ("the article", "articles", Article),
    "quotes_note": ("a note on", "notes", Note),
    "quotes_return": ("the quote", "quotes", Return),
    "quotes_withdrawal": ("a check", "checks", Withdrawal),
    "quotes_capture": ("the text", "texts", Capture),
    "quotes_outlet": ("the outlet", "outlets", Outlet),
    "quotes_speakername": ("a spelling", "spellings", SpeakerName),
    "quotes_topic": ("the topic", "topics", Topic),
    "quotes_measure": ("the measure", "measures", Measure),
    "auth_user": ("the account", "accounts", User),
    "auth_user_groups": ("a group of an account", "groups of accounts", User.groups.through),
    "mfa_authenticator": ("a second factor of", "second factors", Authenticator),
    "account_emailaddress": ("an e-mail address of", "e-mail addresses", EmailAddress),
}
"""Table: how a page calls a row of it and several, and its model."""

OWN_WORDS: dict[type[models.Model], str] = {
    Assignment: "gave",
    Check: "signed",
    Note: "wrote",
    Return: "sent back",
    Withdrawal: "took back",
}
"""Records that say something by being there, with what adding one is called; all that they say is shown."""

QUIET = frozenset(
    {
        "id",
        "version",
        "created_at",
        "created_by_id",
        "updated_at",
        "updated_by_id",
        "sort_key",
        "folded",
        "quote_id",
        "features",
        "input_hash",
    }
)
"""Columns that are housekeeping, or said already by where the row stands."""
