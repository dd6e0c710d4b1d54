"""Files in: upload, what it would do, progress, what it did, and back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from quotes.actions import uploads
from quotes.actions.once import once
from quotes.actions.undo_import import CannotUndo, undo
from quotes.forms import UploadForm
from quotes.models import ImportRow, ImportRun
from quotes.search.imports import progress
from quotes.views import errors

may_import = permission_required("quotes.import_quotes", raise_exception=True)
LISTED = 50
ROWS = 500


def _runs(user: Any) -> QuerySet[ImportRun]:
    """A person's own imports; a curator's are all. What a file holds back must not show to others."""
    runs = ImportRun.objects.select_related("by")
    return runs if user.has_perm("quotes.change_speaker") else runs.filter(by=user)


@require_safe
@may_import
def index(request: HttpRequest) -> HttpResponse:
    """List the imports, newest first."""
    runs = _runs(request.user)[:LISTED]
    return render(request, "imports/index.html", {"runs": [_told(run) for run in runs], "form": UploadForm()})


@require_http_methods(["GET", "HEAD", "POST"])
@may_import
@once
def new(request: HttpRequest) -> HttpResponse:
    """Take a file and look at it; nothing is saved yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if form.is_valid():
            run = uploads.receive(form.cleaned_data["file"], by=request.user)
            return _see(run)
        return render(request, "imports/new.html", {"form": form}, status=422)
    return render(request, "imports/new.html", {"form": UploadForm()})


@require_http_methods(["GET", "HEAD", "POST"])
@may_import
@once
def one(request: HttpRequest, key: int) -> HttpResponse:
    """Show one import where it stands; by POST, bring it in or take it back."""
    run = get_object_or_404(_runs(request.user), pk=key)
    if request.method == "POST":
        return _do(request, run)
    context: dict[str, Any] = {
        "run": _told(run),
        "rows": _rows(request, run),
        "show": request.GET.get("show", ""),
    }
    if run.state == ImportRun.State.RUNNING:
        context["progress"] = progress(run)
        if request.headers.get("HX-Target") == "progress":
            return render(request, "imports/run.html#progress", context)
    elif request.headers.get("HX-Target") == "progress":
        # What was polled for is over: the whole page takes its place.
        return HttpResponse(headers={"HX-Redirect": request.path})
    return render(request, "imports/run.html", context)


def _do(request: HttpRequest, run: ImportRun) -> HttpResponse:
    deed = request.POST.get("deed")
    if deed == "apply":
        if not uploads.apply(run, by=request.user):
            messages.warning(request, "This import is on its way or done already; nothing was started twice.")
    elif deed == "undo":
        try:
            undo(run, by=request.user)
            messages.success(request, "The import was taken back. The rows are as they were before it.")
        except CannotUndo as refusal:
            lines = tuple(
                f"{one.table.removeprefix('quotes_')} {one.record_pk}: {one.verb} by {one.actor or 'the system'}"
                for one in refusal.worked_on
            )
            problem = errors.Problem(
                409, "Not taken back", (str(refusal), *lines), link=(request.path, "The import")
            )
            return errors.show(request, problem, inside=True)
    else:
        return errors.show(
            request, errors.Problem(422, "There is nothing of that name to do here"), inside=True
        )
    return _see(run)


def _see(run: ImportRun) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse("import", args=[run.pk]))
    response.status_code = 303
    return response


def _told(run: ImportRun) -> dict[str, Any]:
    """Return an import with its numbers added up."""
    counts = run.counts or {}
    total = {
        name: sum((counts.get(name) or {}).values())
        for name in ("created", "updated", "unchanged", "proposed")
    }
    kinds = {
        name: [(model.removeprefix("quotes."), number) for model, number in (counts.get(name) or {}).items()]
        for name in ("created", "updated", "unchanged", "proposed")
    }
    return {
        "record": run,
        "total": total | {"errors": counts.get("errors", 0)},
        "kinds": kinds,
        "warnings": counts.get("warnings", []),
        "all": sum(total.values()) + counts.get("errors", 0),
        "writes": total["created"] + total["updated"],
    }


def _rows(request: HttpRequest, run: ImportRun) -> list[dict[str, Any]]:
    """Return the rows that are listed, errors first, then what changes, then what is new."""
    order = {"refused": 0, "proposed": 1, "updated": 2, "created": 3}
    rows = ImportRow.objects.filter(run=run)
    show = request.GET.get("show")
    if show in order:
        rows = rows.filter(action=show)
    listed = sorted(rows[: ROWS * 4], key=lambda row: (order.get(row.action, 9), row.pk))[:ROWS]
    return [
        {
            "record": row,
            "words": (row.after or {}).get("text") or (row.after or {}).get("gist") or "",
            "fields": [
                (name.replace("_", " "), _words((row.before or {}).get(name)), _words(value))
                for name, value in (row.after or {}).items()
            ],
        }
        for row in listed
    ]


def _words(value: Any) -> str:
    """Return a value of a file for people: references by their keys, nothing as such."""
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value) or "nothing"
    return "nothing" if value in (None, "") else str(value)
