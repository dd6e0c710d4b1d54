"""Renders the gallery: base.html, shared partials, sign-in and error pages, with plain values as context."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.utils.html import format_html
from django.utils.safestring import SafeString

from quotes.models import Link, Quote, Speaker, Standing
from quotes.views import errors

HERE = Path(__file__).parent
NOON = dt.datetime(2026, 2, 5, 12, 2, tzinfo=dt.UTC)


@dataclass
class Person:
    """Somebody signed in, as far as a template can see."""

    username: str
    name: str
    rights: tuple[str, ...] = ()
    is_staff: bool = False
    is_superuser: bool = False
    is_authenticated: bool = True
    is_anonymous: bool = False

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, right: str) -> bool:
        return self.is_superuser or right in self.rights


ADA = Person("ada", "Ada Moreau", rights=("quotes.add_check", "quotes.add_quote", "quotes.import_quotes"))


@cache
def engine() -> DjangoTemplates:
    """The project's templates, and those of the gallery beside them."""
    return DjangoTemplates(
        {
            "NAME": "look",
            "DIRS": [*settings.TEMPLATES[0]["DIRS"], HERE / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    )


def asked(path: str = "/look/", *, cookies: dict[str, str] | None = None, **headers: str) -> HttpRequest:
    """A request as the templates see it."""
    request = RequestFactory().get(path, headers=headers)
    request.COOKIES.update(cookies or {})
    return request


def render(name: str, context: dict[str, Any] | None = None, *, user: Any = ADA, request: Any = None) -> str:
    """Render a template of the project or of the gallery."""
    return str(
        engine().get_template(name).render({"user": user, **(context or {})}, request=request or asked())
    )


# --- Sample words: short spans of the founding story ----------------------------------------------------------------


def step(name: str, kind: str, held: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "held": held, **more}


FRANCE_2 = step("France 2", "broadcaster", said="Said to", what="Interview")
KYIV_POST = step("Kyiv Post", "newspaper", what="Report", when="4 Feb 2026")
FN_NEWS = step(
    "FN News",
    "newspaper",
    True,
    said="Our source",
    what="Report",
    at=NOON,
    url="https://example.org/a",
    edge="imported",
    checksum="8b4bd4c0" * 8,
)
STEPS = [FRANCE_2, KYIV_POST, FN_NEWS]


def row(**more: Any) -> dict[str, Any]:
    """A result row; the arguments replace what it says."""
    return {
        "uid": "sample-quote",
        "url": "#main",
        "text": "If we lose this war, we will lose our independence.",
        "kind": "direct",
        "language": "en",
        "cue": "warned",
        "speaker": "Volodymyr Zelenskyy",
        "speaker_kind": "person",
        "role": "President of Ukraine",
        "said": "by 4 Feb 2026",
        "steps": [FRANCE_2, FN_NEWS],
        "standing": "unchecked",
        "depth": "report",
        "passes": 0,
        "needed": 2,
        **more,
    }


def hit(word: str) -> SafeString:
    return format_html('<mark class="hit">{}</mark>', word)


ROWS = [
    row(
        html=format_html("If we lose this {}, we will lose our independence.", hit("war")),
        speaker_html=format_html("Volodymyr {}", hit("Zelenskyy")),
        standing="in_review",
        passes=1,
    ),
    row(
        text="About 55,000 Ukrainian soldiers have been killed on the battlefield so far.",
        kind="indirect",
        cue="said",
        steps=STEPS,
        topics=["War in Ukraine"],
        standing="stale",
        links=[{"type": "conflicts_figure", "label": "Conflicting figure", "count": 1}],
        reports=3,
        roots=1,
    ),
    row(
        text="All of us are defending the European way of life.",
        cue="added",
        standing="verified",
        passes=2,
        depth="primary",
        adverse=["disputed"],
    ),
    row(
        text="the negotiations were “productive” and would continue the following day",
        kind="mixed",
        cue="said",
        speaker="Rustem Umerov",
        role="Head of Ukraine’s National Security and Defense Council",
        said="",
        said_on=dt.date(2026, 2, 1),
        said_on_precision="month",
        depth="cited",
    ),
    row(
        text="the door to a peaceful settlement remains open",
        kind="partial",
        cue="stated",
        speaker="The Kremlin",
        speaker_kind="institution",
        role="",
        said="",
        said_on=None,
        flag="No spokesperson named",
        standing="disputed",
        depth="cited",
    ),
    row(
        text="Якщо ми програємо цю війну, ми втратимо незалежність.",
        language="uk",
        standing="misattributed",
        speaker="“Some research institutes”",
        speaker_kind="unnamed",
        role="",
        cue="",
    ),
    row(
        text="زيلينسكي يحذر من خسارة الحرب",
        language="ar",
        standing="retracted",
        speaker="زيلينسكي",
        role="",
        cue="",
        steps=[],
    ),
]


class SampleForm(forms.Form):
    cue = forms.CharField(label="Cue verb", help_text="The verb as printed.", initial="warned")
    said_on = forms.CharField(label="Said on")
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    kind = forms.ChoiceField(label="Kind", choices=Quote.Kind.choices)
    sure = forms.BooleanField(label="The recording was heard", required=False)
    stance = forms.ChoiceField(
        label="Stance", choices=[("supports", "supports"), ("refutes", "refutes")], widget=forms.RadioSelect
    )

    def clean_said_on(self) -> str:
        raise forms.ValidationError("February has 28 days in 2026.")


class SignInForm(forms.Form):
    login = forms.CharField()
    password = forms.CharField()


def sign_in(error: str = "") -> dict[str, Any]:
    form = SignInForm({"login": "ada.moreau", "password": "-"} if error else None)
    if error:
        form.add_error(None, error)
    return {"form": form, "PASSKEY_LOGIN_ENABLED": True, "redirect_field": ""}


CONFLICT = [
    errors.Difference("Cue verb", "warned", "cautioned"),
    errors.Difference("Said on", "by 4 Feb 2026", "5 Feb 2026"),
    errors.Difference("Note", "", "Heard it myself on the recording, minute 14."),
]
CHOICES = [
    {"label": "Cue verb", "name": "cue", "before": "said", "theirs": "warned", "yours": "cautioned"},
    {
        "label": "Said on",
        "name": "said_on",
        "before": "5 Feb 2026",
        "theirs": "by 4 Feb 2026",
        "yours": "5 Feb 2026",
    },
]

GALLERY: dict[str, Any] = {
    "standings": Standing.Value.values,
    "depths": Standing.Depth.values,
    "kinds": Quote.Kind.values,
    "speaker_kinds": Speaker.Kind.values,
    "link_types": Link.Type.choices,
    "rows": ROWS,
    "steps": STEPS,
    "here": {"name": "zelenskyy-lose-war-fn", "what": "Import 12, 5 Feb 2026", "note": "Wording matches"},
    "form": SampleForm({"cue": "warned", "said_on": "31 Feb 2026", "kind": "direct"}),
    "fresh": SampleForm(),
    "choices": CHOICES,
    "colleague": ADA,
    "events": [
        {"at": NOON, "who": "Priya Nair", "what": "claimed it.", "standing": "in_review"},
        {
            "at": NOON,
            "who": "Priya Nair",
            "what": format_html("set the date to <ins>{}</ins>.", "by 4 Feb 2026"),
        },
    ],
    "links": [{"url": "#row-4", "label": "Row 4: the quoted text is not in the article"}],
    "actions": [{"url": "#a", "label": "Second checks", "primary": True}, {"url": "#b", "label": "Desk"}],
    "days": [
        (dt.date(2026, 2, 4), "day"),
        (dt.date(2026, 2, 1), "month"),
        (dt.date(2026, 1, 1), "year"),
        (None, None),
    ],
}

PROBLEMS = {
    "conflict": errors.Problem(
        409,
        "Somebody else changed this first",
        (
            "Tomas Lind changed quote zelenskyy-55000 at 14:05 on 05 Feb 2026 (UTC), after you opened it.",
            "Your change was not saved. Both versions are below; what you typed is kept until you leave this page.",
        ),
        differences=tuple(CONFLICT),
        link=("#saved", "Open the saved version"),
    ),
    "missing": errors.Problem(
        404,
        "Nothing found here",
        ("No page has this address, or its record is not open to your account.",),
        link=("/search/", "Search the records"),
    ),
    "away": errors.Problem(
        503,
        "The records are out of reach for a moment",
        (
            "The database does not answer. Reload this page in a few seconds.",
            "Treat your change as not saved.",
        ),
        send_again=True,
        retry_after=5,
    ),
}


def problem(name: str, *, layout: str, held: tuple[errors.Held, ...] = ()) -> str:
    """An error page as quotes.views.errors shows it."""
    context = {
        "problem": PROBLEMS[name],
        "layout": layout,
        "held": held,
        "action": "/x/",
        "csrf_token": "t" * 64,
    }
    return render("errors/page.html", context)


def notice(name: str) -> str:
    """A refusal as htmx gets it."""
    return render("errors/notice.html", {"problem": PROBLEMS[name]})


TYPED = (errors.Held("version", "7"), errors.Held("note", "Heard it myself on the recording, minute 14."))
SPOKEN = [Message(constants.SUCCESS, "Saved."), Message(constants.WARNING, "Two rows were left out.")]


def pages() -> dict[str, str]:
    """Every page of the gallery: path to HTML."""
    wide = {"waiting": {"verify": 23, "preferences": 0}}
    return {
        "/look/": render("look/components.html", GALLERY | wide),
        "/look/dark/": render("look/components.html", GALLERY, request=asked(cookies={"theme": "dark"})),
        "/look/list/": render("look/list.html", GALLERY),
        "/look/compact/": render("look/list.html", GALLERY | {"compact": True}),
        "/look/messages/": render("look/messages.html", GALLERY | {"messages": SPOKEN}),
        "/look/swaps/": render("look/swaps.html"),
        "/look/quiet/": render("look/swaps.html", request=asked(cookies={"keys": "off"})),
        "/accounts/login/": render("account/login.html", sign_in(), user=None),
        "/look/login-error/": render(
            "account/login.html", sign_in("The username or password is not correct."), user=None
        ),
        "/look/own/": render("look/own.html", GALLERY),
        "/look/404/": problem("missing", layout="base.html"),
        "/look/409/": problem("conflict", layout="base.html", held=TYPED),
        "/look/503/": problem("away", layout="errors/plain.html", held=TYPED),
    }
