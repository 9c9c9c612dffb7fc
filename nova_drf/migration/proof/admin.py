"""Admin pages: what switches choose, and what shadows saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from nova_drf.migration.proof.choices import SwitchError
from nova_drf.migration.proof.models import ShadowCount, ShadowDifference, SwitchChoice
from nova_drf.migration.proof.shadow.summary import approval_entry
from nova_drf.migration.proof.switchboard import check_place

if TYPE_CHECKING:
    _ChoiceAdmin = admin.ModelAdmin[SwitchChoice]
    _DifferenceAdmin = admin.ModelAdmin[ShadowDifference]
    _CountAdmin = admin.ModelAdmin[ShadowCount]
    _ChoiceForm = forms.ModelForm[SwitchChoice]
else:
    _ChoiceForm = forms.ModelForm
    _ChoiceAdmin = _DifferenceAdmin = _CountAdmin = admin.ModelAdmin


class _Readable:
    """Pages whose long texts fit on a phone."""

    class Media:
        css = {"all": ("nova_proof/admin.css",)}


class SwitchChoiceForm(_ChoiceForm):
    """A choice that is about something: a misspelt name would change nothing, unnoticed."""

    class Meta:
        help_texts = {
            "switch": "As manage.py nova_switch lists it. Empty: all switches.",
            "action": "Empty: all actions of the switch.",
            "choice": "Where one choice says old, the old code answers.",
        }

    def clean(self) -> dict[str, Any]:
        """Check that there are such a switch and such an action."""
        cleaned = super().clean() or self.cleaned_data
        try:
            check_place(cleaned.get("switch", ""), cleaned.get("action", ""))
        except SwitchError as error:
            raise ValidationError(str(error)) from error
        return cleaned


@admin.register(SwitchChoice)
class SwitchChoiceAdmin(_Readable, _ChoiceAdmin):
    """What switches choose, whatever their definitions say."""

    form = SwitchChoiceForm
    list_display = ("switch_shown", "action_shown", "choice", "reason", "changed")
    list_editable = ("choice",)
    list_filter = ("choice",)
    search_fields = ("switch", "action")

    @admin.display(description="switch", ordering="switch", empty_value="all switches")
    def switch_shown(self, row: SwitchChoice) -> str:
        """Return for which switch the row counts."""
        return row.switch

    @admin.display(description="action", ordering="action", empty_value="all actions")
    def action_shown(self, row: SwitchChoice) -> str:
        """Return for which action the row counts."""
        return row.action


class _ReadOnly(_Readable):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return that there is no page to add one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return that none can be changed."""
        return False


@admin.register(ShadowDifference)
class ShadowDifferenceAdmin(_ReadOnly, _DifferenceAdmin):
    """The differences between old and new code, each cause once."""

    list_display = ("endpoint", "kind", "place", "times", "last_seen", "approved_by")
    list_filter = ("switch", "action", "kind", ("approved_by", admin.EmptyFieldListFilter))
    search_fields = ("endpoint", "where", "detail")
    actions = ("approve",)
    fields = (
        *("switch", "action", "endpoint", "kind", "where", "detail", "old", "new", "request_shown"),
        *("times", "first_seen", "last_seen", "approved_by", "entry"),
    )
    readonly_fields = fields

    @admin.display(description="where", ordering="where")
    def place(self, difference: ShadowDifference) -> str:
        """Return the path in the answer, or where a crash came from."""
        return difference.where or difference.detail

    @admin.display(description="request")
    def request_shown(self, difference: ShadowDifference) -> SafeString:
        """Return a request that shows the difference, redacted."""
        return format_html("<pre>{}</pre>", difference.example)

    @admin.display(description="entry for the approved differences")
    def entry(self, difference: ShadowDifference) -> SafeString:
        """Return what would approve the difference."""
        return format_html("<pre>{}</pre>", approval_entry(difference, difference.approved_by))

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Whether a user may mark differences: who may change them by their permissions."""
        user: Any = request.user
        return bool(user.has_perm("nova_proof.change_shadowdifference"))

    @admin.action(description="Mark as approved, and print the entries", permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[ShadowDifference]) -> HttpResponse:
        """Mark differences as approved, and show what belongs into the file."""
        name = request.user.get_username()
        differences = list(queryset.order_by("endpoint", "where"))
        queryset.update(approved_by=name[:150])
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Approved differences",
            "opts": self.model._meta,
            "entries": "\n".join(approval_entry(difference, name) for difference in differences),
        }
        return TemplateResponse(request, "nova_proof/approved.html", context)


@admin.register(ShadowCount)
class ShadowCountAdmin(_ReadOnly, _CountAdmin):
    """What came of the requests that were to be compared."""

    list_display = ("switch", "action", "outcome", "times", "changed")
    list_filter = ("switch", "outcome")
    search_fields = ("switch", "action")
