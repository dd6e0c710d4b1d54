"""What all admin pages have in common: every write is an action, by the version that was on the screen."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from quotes.actions import records
from quotes.models import AuditEvent
from quotes.views import errors

VERSION = "version"
NUMBER = re.compile(r"[0-9]{1,18}|")


class RecordForm(forms.ModelForm):
    """A form that carries the version it was opened with, and keeps text as it was typed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields[VERSION].initial = self.instance.version
            self.fields[VERSION].required = True

    def seen(self) -> int:
        """Return the version that was on the screen."""
        return int(self.cleaned_data[VERSION])

    def meant(self) -> dict[str, Any]:
        """Return only the fields that were changed on the screen, with their new values."""
        kept = {field.name for field in self.instance._meta.fields}
        return {name: self.cleaned_data[name] for name in self.changed_data if name in kept - {VERSION}}


class Unlogged(admin.ModelAdmin):
    """The audit log tells more than the admin's own, and cannot be written to; so that is not kept."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the audit log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave it to the audit log."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave it to the audit log."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the audit events of one record, newest first."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        events = AuditEvent.objects.visible_to(request.user).of_record(record).newest_first()[:200]
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "events": events,
            "object": record,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural).capitalize(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/record_history.html", context)


class Chosen(AutocompleteSelect):
    """A record found by typing. What is no number of one is refused by its field; Django breaks on showing it again."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Return the options, without those that no record can be."""
        return super().optgroups(name, [one for one in value if NUMBER.fullmatch(str(one))], attrs)


class FoundByTyping(admin.options.BaseModelAdmin):
    """Fields that are found by typing get the widget above."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Chosen(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RecordAdmin(FoundByTyping, Unlogged):
    """Curation of one kind of record."""

    form = RecordForm
    actions = None  # deleting many at once, unseen, is not offered
    list_per_page = 50
    show_full_result_count = False
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[attr-defined]

    def verb(self, deed: str) -> str:
        """Return the verb under which the log keeps a deed of this page: `speakers.change`."""
        return f"{str(self.opts.verbose_name_plural).replace(' ', '-')}.{deed}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            records.change(obj, form.meant(), seen=form.seen(), by=request.user, verb=self.verb("change"))
        else:
            records.enter(obj, by=request.user, verb=self.verb("enter"))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        entries = {entry.instance.pk: entry for entry in formset.initial_forms}
        for obj in formset.deleted_objects:
            seen = entries[obj.pk].cleaned_data[VERSION]
            records.remove(obj, seen=seen, by=request.user, verb=self.verb("remove-part"))
        for obj, _ in formset.changed_objects:
            entry = entries[obj.pk]
            records.change(
                obj, entry.meant(), seen=entry.seen(), by=request.user, verb=self.verb("change-part")
            )
        for obj in formset.new_objects:
            records.enter(obj, by=request.user, verb=self.verb("enter-part"))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        records.remove(obj, seen=obj.version, by=request.user, verb=self.verb("remove"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except records.Conflict as conflict:
            return self.conflict(request, conflict)

    def conflict(self, request: HttpRequest, conflict: records.Conflict) -> HttpResponse:
        """Show what is saved now beside what was typed; nothing of either is lost."""
        record: Any = conflict.record
        if record is None:
            return errors.show(
                request,
                errors.Problem(409, "Somebody else removed this", ("Your change was not saved.",)),
                inside=True,
            )
        names = [name for name in request.POST if name in {f.name for f in record._meta.fields}]
        differences = [
            errors.Difference(
                str(record._meta.get_field(name).verbose_name).capitalize(), theirs, request.POST[name]
            )
            for name in names
            if name != VERSION and (theirs := _as_typed(record, name)) != request.POST[name].strip()
        ]
        return errors.conflict(
            request,
            what=f"{record._meta.verbose_name} {record}",
            differences=differences,
            changed_by=str(record.updated_by or "Somebody"),
            changed_at=record.updated_at,
            address=request.path,
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, needed, protected = super().get_deleted_objects(objs, request)
        if protected:
            messages.warning(request, "Other records rest on this one; it cannot be deleted.")
        return gone, counts, needed, protected


class ReadOnlyAdmin(Unlogged):
    """Records that are looked at here and written elsewhere, or never."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        visible = getattr(rows, "visible_to", None)
        return visible(request.user) if visible else rows

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartForm(RecordForm):
    """One row of a table: its boxes stand under column heads, so each says its own name too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)


class RecordInline(FoundByTyping, admin.TabularInline):
    """Parts of a record, edited with it; each carries its own version."""

    form = PartForm
    extra = 0


def _as_typed(record: models.Model, name: str) -> str:
    """Return a saved value as the form would show it."""
    one: Any = record._meta.get_field(name)
    value = one.value_from_object(record)
    if value is None:
        return ""
    with contextlib.suppress(AttributeError):
        return str(value.isoformat())
    return str(value)
