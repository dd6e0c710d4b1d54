"""Accounts and groups, by the rules of rank in quotes.models.rank."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse

from quotes.actions import people, records
from quotes.actions.audit import acting
from quotes.models.rank import GROUPS, Rank, may_manage, rank_of, rank_of_groups

from .base import Unlogged

admin.site.unregister(User)
admin.site.unregister(Group)


def ranks_below(by: Any) -> list[tuple[int, str]]:
    """Return the ranks that `by` may give, as choices."""
    return [(rank.value, rank.name.capitalize()) for rank in Rank if rank < min(rank_of(by), Rank.OWNER)]


class RankForm(forms.ModelForm):
    """A form with one rank in place of groups, staff and superuser ticks; `by` is bound by the admin."""

    by: Any = None
    rank = forms.TypedChoiceField(
        coerce=int, help_text="What the account may do. You can give ranks below your own."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rank: Any = self.fields["rank"]
        rank.choices = ranks_below(self.by)
        if self.instance.pk:
            names = self.instance.groups.values_list("name", flat=True)
            rank.initial = rank_of_groups(names).value


class PersonForm(RankForm):
    """The account of somebody who is there already."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active")


class NewPersonForm(RankForm, AdminUserCreationForm):
    """A new account."""

    class Meta:
        model = User
        fields = ("username", "email")


@admin.register(User)
class PersonAdmin(Unlogged, UserAdmin):
    """Accounts below one's own. They are deactivated, never deleted: their names stand under what they did."""

    form = PersonForm
    add_form = NewPersonForm
    actions = None
    list_display = ("username", "full_name", "email", "rank", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "rank", "is_active", "password")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "rank", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("password",)
    filter_horizontal = ()
    show_full_result_count = False

    @admin.display(description="name")
    def full_name(self, person: User) -> str:
        """Return first and last name."""
        return person.get_full_name()

    @admin.display(description="rank")
    def rank(self, person: User) -> str:
        """Return the highest of the five groups, in a word."""
        if person.is_superuser:
            return Rank.OWNER.name.capitalize()
        return rank_of_groups(group.name for group in person.groups.all()).name.capitalize()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Of somebody of the same rank or above, everything is only shown; a form field cannot be.
        shown = super().get_readonly_fields(request, obj)
        return shown if obj is None or self.has_change_permission(request, obj) else (*shown, "rank")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        by: Any = request.user
        with acting(by=by, verb="people.change" if change else "people.enter"):
            if change:
                meant = {
                    name: form.cleaned_data[name]
                    for name in form.changed_data
                    if name in {"username", "first_name", "last_name", "email"}
                }
                if meant:
                    User.objects.filter(pk=obj.pk).update(**meant)
                if "email" in meant:
                    people.forget_addresses(obj, by=by)
            else:
                records.enter(obj, by=by, verb="people.enter")
            if not change or "rank" in form.changed_data:
                people.set_rank(obj, Rank(form.cleaned_data["rank"]), by=by)
            if change and "is_active" in form.changed_data:
                (people.reactivate if form.cleaned_data["is_active"] else people.deactivate)(obj, by=by)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        with acting(by=request.user, verb="people.set_password"):
            return super().user_change_password(request, id, form_url)


@admin.register(Group)
class RightsAdmin(Unlogged, GroupAdmin):
    """What each group may do; the five groups themselves cannot be deleted, nor be given other names."""

    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Rank is read from these names: under another one, all its people would stand nowhere.
        shown = super().get_readonly_fields(request, obj)
        return (*shown, "name") if getattr(obj, "name", None) in GROUPS else shown

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and getattr(obj, "name", None) not in GROUPS

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        with acting(by=request.user, verb="people.change-group"):
            return super().changeform_view(request, object_id, form_url, extra_context)
