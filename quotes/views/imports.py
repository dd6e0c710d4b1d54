"""Files in: upload, what it would do, progress, what it did, and back."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from quotes.actions import uploads
from quotes.actions.once import once
from quotes.actions.proposals import RIGHT, CannotDecide, decide
from quotes.actions.records import Conflict
from quotes.actions.undo_import import CannotUndo
from quotes.forms import UploadForm
from quotes.models import ImportRow, ImportRun
from quotes.models.proposal import hidden_from, records_of
from quotes.search import proposals as search
from quotes.search.imports import progress, way_back
from quotes.views import errors

may_import = permission_required("quotes.import_quotes", raise_exception=True)
LISTED = 50
ROWS = 500
PROPOSED = 100
VERDICTS = {"accept": "accepted", "decline": "declined"}


def _runs(user: Any) -> QuerySet[ImportRun]:
    """A person's own imports; a curator's are all. What a file holds back must not show to others."""
    runs = ImportRun.objects.select_related("by")
    return runs if user.has_perm("quotes.change_speaker") else runs.filter(by=user)


@require_safe
@may_import
def index(request: HttpRequest) -> HttpResponse:
    """List the imports, newest first."""
    runs = _runs(request.user)[:LISTED]
    context = {
        "runs": [_told(run) for run in runs],
        "form": UploadForm(),
        "open_proposals": search.open_count(request.user) if request.user.has_perm(RIGHT) else 0,
    }
    return render(request, "imports/index.html", context)


@require_safe
@permission_required(RIGHT, raise_exception=True)
def proposals(request: HttpRequest) -> HttpResponse:
    """List what imports have proposed and nobody has decided yet, the oldest first."""
    after = request.GET.get("after", "")
    page = search.waiting(
        user=request.user, after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    )
    return render(request, "imports/proposals.html", {"page": page, "may_decide": True, "back": "list"})


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
        return _decide(request, run) if request.POST.get("deed") in VERDICTS else _do(request, run)
    context = _page(request, run)
    if run.state == ImportRun.State.RUNNING:
        context["progress"] = progress(run)
    elif run.state == ImportRun.State.DONE:
        back = way_back(run)
        context |= {"back_again": back} if back and back.stopped else {"progress": back}
    if context.get("progress"):
        if request.headers.get("HX-Target") == "progress":
            return render(request, "imports/run.html#progress", context)
    elif request.headers.get("HX-Target") == "progress":
        # What was polled for is over: the whole page takes its place.
        return HttpResponse(headers={"HX-Redirect": request.path})
    return render(request, "imports/run.html", context)


def _page(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """Return what the page of an import shows."""
    context: dict[str, Any] = {
        "run": _told(run),
        "rows": _rows(request, run),
        "show": request.GET.get("show", ""),
    }
    if run.state == ImportRun.State.DONE:
        proposed = ImportRow.objects.filter(run=run, action=ImportRow.Action.PROPOSED).select_related(
            "run__by"
        )
        told = search.told(list(proposed.order_by("pk")[:PROPOSED]), user=request.user)
        context |= {"proposals": told, "may_decide": request.user.has_perm(RIGHT), "back": "run"}
    return context


def _decide(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Accept or decline what is ticked; a record that moved meanwhile is shown as it is now (409)."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    posted = request.POST
    row = get_object_or_404(
        run.rows.select_related("run__by"), action=ImportRow.Action.PROPOSED, pk=_number(posted.get("row"))
    )
    fields = posted.getlist("field")
    problem = ""
    try:
        decide(row, fields, VERDICTS[posted["deed"]], seen=_number(posted.get("version")), by=request.user)
    except Conflict:
        problem, status = "Somebody has changed this record since you saw it. Nothing was decided.", 409
    except CannotDecide as refusal:
        problem = "Tick what you decide on. Nothing was decided." if not fields else str(refusal)
        status = 422
    if problem:
        told = next(iter(search.told([row], user=request.user)), None)
        if told is None:
            raise Http404
        context = {
            "proposal": told,
            "run": run,
            "problem": problem,
            "ticked": fields,
            "seen": [
                (name.replace("_", " "), posted[f"seen-{name}"])
                for name in fields
                if posted.get(f"seen-{name}")
            ],
            "may_decide": True,
            "back": posted.get("back", ""),
        }
        return render(request, "imports/proposal.html", context, status=status)
    messages.success(request, _said(posted["deed"], fields, row))
    address = (
        reverse("import-proposals") if posted.get("back") == "list" else reverse("import", args=[run.pk])
    )
    return HttpResponseRedirect(address, status=303)


def _said(deed: str, fields: list[str], row: ImportRow) -> str:
    names = ", ".join(name.replace("_", " ") for name in fields)
    about = f"{names} of {row.model.removeprefix('quotes.')} {search.words(row.key)}"
    if deed == "accept":
        return f"Accepted: {about}. Checks of what it changes no longer count; the log tells who accepted it."
    return f"Declined: {about}. The same file does not propose it again."


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _do(request: HttpRequest, run: ImportRun) -> HttpResponse:
    deed = request.POST.get("deed")
    if deed == "apply":
        if run.by_id != request.user.pk:
            # It comes in with the rights, and under the name, of who looked at it.
            problem = errors.Problem(
                409,
                "Not brought in",
                ("Only who uploaded a file can bring it in.",),
                link=(request.path, "The import"),
            )
            return errors.show(request, problem, inside=True)
        if not uploads.apply(run, by=request.user):
            messages.warning(request, "This import is on its way or done already; nothing was started twice.")
    elif deed == "undo":
        on_its_way = way_back(run)
        try:
            if on_its_way and not on_its_way.stopped:
                messages.warning(request, "This import is being taken back; nothing was started twice.")
            elif uploads.take_back(run, by=request.user):
                messages.success(request, "The import was taken back. The rows are as they were before it.")
        except CannotUndo as refusal:
            lines = (str(refusal), *map(str, refusal.worked_on))
            problem = errors.Problem(409, "Not taken back", lines, link=(request.path, "The import"))
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
        name: [(_called(model, number), number) for model, number in (counts.get(name) or {}).items()]
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


def _called(model: str, number: int) -> str:
    """Return what so many records of a model are called."""
    meta = apps.get_model(model)._meta
    return str(meta.verbose_name if number == 1 else meta.verbose_name_plural)


def _rows(request: HttpRequest, run: ImportRun) -> list[dict[str, Any]]:
    """Return the rows that are listed, errors first, then what changes, then what is new."""
    order = {"refused": 0, "proposed": 1, "updated": 2, "created": 3}
    rows = ImportRow.objects.filter(run=run)
    show = request.GET.get("show")
    if show in order:
        rows = rows.filter(action=show)
    listed = sorted(rows[: ROWS * 4], key=lambda row: (order.get(row.action, 9), row.pk))[:ROWS]
    # Whoever brings a file in may not know of a statement that is held back, even if she has guessed its uid.
    compared = [row for row in listed if row.action in ("proposed", "updated")]
    hidden = hidden_from(request.user, compared, records_of(compared))
    listed = [row for row in listed if row.pk not in hidden]
    return [
        {
            "record": row,
            "words": (row.after or {}).get("text") or (row.after or {}).get("gist") or "",
            "fields": [
                (name.replace("_", " "), search.words((row.before or {}).get(name)), search.words(value))
                for name, value in (row.after or {}).items()
            ],
        }
        for row in listed
    ]
