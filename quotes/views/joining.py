"""Join two statements, split one, and undo either: what would move is shown first."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quotes.actions import statements as act
from quotes.actions.joining import JoinPlan, plan_join
from quotes.actions.once import once
from quotes.actions.refusals import Changed, Refused
from quotes.forms import JoinForm, JoinQuery, SplitForm
from quotes.models import Joining, Statement
from quotes.search import joining as reads
from quotes.views import errors


@require_http_methods(["GET", "HEAD", "POST"])
@once
def join(request: HttpRequest, uid: str) -> HttpResponse:
    """Show what joining two statements would move; by POST, join them."""
    statement = _statement(request, uid)
    asked = JoinQuery(request.GET)
    if not asked.is_valid():
        return _choose(request, statement, "A uid is 3 to 64 characters: a–z, 0–9 and hyphens.", status=422)
    named = asked.cleaned_data["with_"]
    if not named:
        return _choose(request, statement)
    try:
        other = reads.statement_named(named, request.user)
    except Http404:
        return _choose(request, statement, f"There is no statement {named}.", status=422)
    kept, gone = (other, statement) if asked.cleaned_data["keep"] == other.uid else (statement, other)
    if request.method == "POST":
        return _join(request, uid, kept, gone)
    return _preview(request, uid, plan_join(kept, gone))


def _join(request: HttpRequest, uid: str, kept: Statement, gone: Statement) -> HttpResponse:
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _preview(request, uid, plan_join(kept, gone), act.CHANGED, status=409)
    given = form.cleaned_data
    try:
        joining = act.join(
            kept,
            gone,
            seen=(given["version"], given["other_version"]),
            shown=given["shown"],
            despite=given["despite"],
            by=request.user,
        )
    except Refused as refused:
        plan = plan_join(reads.statement_named(kept.uid, request.user), gone)
        return _preview(
            request, uid, plan, refused.sentence, status=409 if isinstance(refused, Changed) else 422
        )
    moved = len(joining.moved["quotes"])
    messages.success(
        request,
        f"Joined: {gone.uid} leads to {kept.uid}, with {moved} quote{'' if moved == 1 else 's'}. It can be undone"
        " there.",
    )
    return HttpResponseRedirect(f"{reverse('statement', args=[kept.uid])}#same", status=303)


def _choose(
    request: HttpRequest, statement: Statement, problem: str = "", *, status: int = 200
) -> HttpResponse:
    context = {
        "uid": statement.uid,
        "statement": statement,
        "offered": reads.offered(statement, request.user),
        "problem": problem,
        "typed": request.GET.get("with", "")[:64],
    }
    return render(request, "joining/join.html", context, status=status)


def _preview(
    request: HttpRequest, uid: str, plan: JoinPlan, problem: str = "", *, status: int = 200
) -> HttpResponse:
    visible = reads.LinksSeen(request.user, [plan.kept.pk, plan.gone.pk])
    context = {
        "uid": uid,
        "plan": plan,
        "named": request.GET.get("with", ""),
        "links": visible.of(link for link, _ in plan.links),
        "left": [pair for pair in plan.left if visible.of([pair.link])],
        "problem": problem,
    }
    part = "#preview" if errors.is_swap(request) else ""
    return render(request, f"joining/join.html{part}", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def split(request: HttpRequest, uid: str) -> HttpResponse:
    """Choose the quotes that are another statement; by POST, split them off."""
    statement = _statement(request, uid)
    quotes = reads.quotes_on(statement, request.user)
    if request.method != "POST":
        form = SplitForm(
            None,
            initial={
                "uid": f"{statement.uid[:56]}-{secrets.token_hex(3)}",
                "gist": statement.gist,
            },
        )
        return _splitting(request, statement, quotes, form)
    form = SplitForm(request.POST)
    if not form.is_valid():
        return _splitting(request, statement, quotes, form, status=422)
    given = form.cleaned_data
    chosen = [quote for quote in quotes if quote.uid in given["quotes"]]
    try:
        joining = act.split(
            statement, chosen, uid=given["uid"], gist=given["gist"], seen=given["version"], by=request.user
        )
    except Changed as refused:
        form.add_error(None, refused.sentence)
        now = _statement(request, uid)
        return _splitting(request, now, reads.quotes_on(now, request.user), form, status=409)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return _splitting(request, statement, quotes, form, status=422)
    messages.success(
        request, f"Split: {joining.other_uid} is a statement of its own. It can be undone there."
    )
    return HttpResponseRedirect(f"{reverse('statement', args=[joining.other_uid])}#same", status=303)


def _splitting(
    request: HttpRequest, statement: Statement, quotes: Any, form: SplitForm, *, status: int = 200
) -> HttpResponse:
    # The hidden version is that of the statement as it is shown now, also above a form that came back.
    context = {
        "statement": statement,
        "quotes": quotes,
        "form": form,
        "chosen": request.POST.getlist("quotes"),
    }
    return render(request, "joining/split.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def undo(request: HttpRequest, uid: str, key: int) -> HttpResponse:
    """Show what undoing a join or a split gives back; by POST, undo it."""
    joining = reads.joining_to_undo(key, uid, request.user)
    if not request.user.has_perm("quotes.join_statement"):
        raise PermissionDenied
    if request.method != "POST":
        return _undoing(request, joining)
    try:
        act.undo(joining, by=request.user)
    except Refused as refused:
        joining = reads.joining_to_undo(key, uid, request.user)
        return _undoing(
            request, joining, refused.sentence, status=409 if isinstance(refused, Changed) else 422
        )
    messages.success(request, "Undone: every row is as it was.")
    back = joining.other_uid if joining.kind == Joining.Kind.JOIN else joining.statement.uid
    if not reads.signpost(back, request.user) and not _is_open(back, request.user):
        back = joining.statement.uid
    return HttpResponseRedirect(reverse("statement", args=[back]), status=303)


def _is_open(uid: str, user: Any) -> bool:
    return bool(Statement.objects.visible_to(user).filter(uid=uid).exists())


def _undoing(request: HttpRequest, joining: Joining, problem: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "joining": joining,
        "statement": joining.statement,
        "quotes": reads.moved_quotes(joining, request.user),
        "problem": problem,
    }
    return render(request, "joining/undo.html", context, status=status)


def _statement(request: HttpRequest, uid: str) -> Statement:
    """The statement, for somebody who may join it; what is held back is not there for others, right or not."""
    statement = reads.statement_named(uid, request.user)
    if not request.user.has_perm("quotes.join_statement"):
        raise PermissionDenied
    return statement
