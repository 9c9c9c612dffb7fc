"""Admin pages: what switches choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from nova_drf.migration.proof.models import SwitchChoice

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[SwitchChoice]
else:
    _Admin = admin.ModelAdmin


@admin.register(SwitchChoice)
class SwitchChoiceAdmin(_Admin):
    """What switches choose, whatever their definitions say."""

    list_display = ("switch", "action", "choice", "reason", "changed")
    list_editable = ("choice",)
    list_filter = ("choice",)
    search_fields = ("switch", "action")
