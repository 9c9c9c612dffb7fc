"""What comes from settings, other languages, and packages that may be missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

if TYPE_CHECKING:
    from tests.convertapp.models import Country

try:
    import orjson as json
except ImportError:
    import json

MAX = 40


def languages() -> list[tuple[str, str]]:
    """Return what a page may be written in."""
    return [(code, name) for code, name in settings.LANGUAGES if len(code) == 2]


class PageSerializer(serializers.Serializer[Any]):
    """A page of a site."""

    title = serializers.CharField(max_length=MAX, label=_("Title"))
    path = serializers.CharField(max_length=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    language = serializers.ChoiceField(choices=languages())
    state = serializers.ChoiceField(
        choices=[("draft", _("Draft")), ("done", _("Done"))], default="draft"
    )
    home = serializers.CharField(default=os.environ.get("HOME", "/"), help_text=_("A path."))
    tags = serializers.ListField(child=serializers.CharField(max_length=MAX), required=False)
    data = serializers.JSONField(default=dict)
    score = serializers.DecimalField(6, decimal_places=2, min_value=0)

    def validate_title(self, value: str) -> str:
        # Titles are one line.
        return value.replace("\n", " ")

    def validate_data(self, value: Any) -> Any:
        return json.loads(json.dumps(value))

    def validate_path(self, value: str) -> str:
        if value in self.context.get("taken", ()):
            raise serializers.ValidationError(_("Taken."), code="taken")
        return value

    def of(self, country: Country) -> str:
        """Return the path of a country."""
        return f"/{country.code}"
