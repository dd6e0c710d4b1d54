"""What is true: one file per noun."""

from .article import Article, Capture
from .auditevent import AuditEvent, AuditSeal
from .base import UID_PATTERN, Precision, Record
from .check import AXES, Check, Verdict, axes_of
from .evidence import Evidence
from .figure import Figure, Measure
from .importrun import ImportRow, ImportRun
from .link import Link
from .outlet import Outlet
from .policy import Policy
from .quote import CONTEXT_LIMIT, Quote, Relay, independent_roots
from .savedsearch import SavedSearch
from .speaker import Fold, Speaker, SpeakerName
from .standing import Claim, Contribution, Standing, best_standing, best_supported
from .statement import Statement, Topic
from .tenure import Tenure

__all__ = [
    "AXES",
    "CONTEXT_LIMIT",
    "UID_PATTERN",
    "Article",
    "AuditEvent",
    "AuditSeal",
    "Capture",
    "Check",
    "Claim",
    "Contribution",
    "Evidence",
    "Figure",
    "Fold",
    "ImportRow",
    "ImportRun",
    "Link",
    "Measure",
    "Outlet",
    "Policy",
    "Precision",
    "Quote",
    "Record",
    "Relay",
    "SavedSearch",
    "Speaker",
    "SpeakerName",
    "Standing",
    "Statement",
    "Tenure",
    "Topic",
    "Verdict",
    "axes_of",
    "best_standing",
    "best_supported",
    "independent_roots",
]
