"""What is true: one file per noun."""

from .alert import Alert
from .article import Article, Capture
from .assignment import Assignment
from .auditevent import AuditEvent, AuditSeal
from .base import UID_PATTERN, Precision, Record
from .check import AXES, Check, Verdict, axes_of
from .evidence import Evidence
from .figure import Figure, Measure
from .importrun import ImportDecision, ImportRow, ImportRun
from .joining import Different, Joining, Merging
from .letter import Letter, MailChoice
from .link import Link, SameUtterance
from .note import Note
from .outlet import Outlet
from .policy import Policy
from .posting import Posting
from .quote import CONTEXT_LIMIT, WORDS_AROUND, Quote, Relay, independent_roots
from .savedsearch import SavedSearch
from .searchdoc import FacetKind, SearchDoc, SearchSample
from .speaker import Fold, Speaker, SpeakerName
from .standing import (
    Claim,
    Contribution,
    FormerStanding,
    Standing,
    best_standing,
    best_supported,
    stood_at,
)
from .statement import Statement, Topic
from .tenure import Tenure
from .withdrawal import Return, Withdrawal

__all__ = [
    "AXES",
    "CONTEXT_LIMIT",
    "UID_PATTERN",
    "WORDS_AROUND",
    "Alert",
    "Article",
    "Assignment",
    "AuditEvent",
    "AuditSeal",
    "Capture",
    "Check",
    "Claim",
    "Contribution",
    "Different",
    "Evidence",
    "FacetKind",
    "Figure",
    "Fold",
    "FormerStanding",
    "ImportDecision",
    "ImportRow",
    "ImportRun",
    "Joining",
    "Letter",
    "Link",
    "MailChoice",
    "Measure",
    "Merging",
    "Note",
    "Outlet",
    "Policy",
    "Posting",
    "Precision",
    "Quote",
    "Record",
    "Relay",
    "Return",
    "SameUtterance",
    "SavedSearch",
    "SearchDoc",
    "SearchSample",
    "Speaker",
    "SpeakerName",
    "Standing",
    "Statement",
    "Tenure",
    "Topic",
    "Verdict",
    "Withdrawal",
    "axes_of",
    "best_standing",
    "best_supported",
    "independent_roots",
    "stood_at",
]
