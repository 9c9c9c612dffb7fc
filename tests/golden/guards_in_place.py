"""What comes from settings, other languages, and packages that may be missing."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator
from rest_framework import serializers

from nova_drf import NotRequired, Schema, SchemaSerializer, UseField, unset

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


class PageState(models.TextChoices):
    """What ``state`` may be."""

    DRAFT = "draft", _("Draft")
    DONE = "done", _("Done")


class PageSchema(Schema):
    """A page of a site."""

    title: Annotated[str, Field(max_length=MAX, title=_("Title"))]
    path: Annotated[str, Field(max_length=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)]
    # kept: its choices are worked out
    language: Annotated[str, UseField(serializers.ChoiceField(choices=languages()))]
    state: PageState = PageState.DRAFT
    home: Annotated[str, Field(description=_("A path."))] = os.environ.get("HOME", "/")
    tags: NotRequired[list[Annotated[str, Field(max_length=MAX)]]] = unset()
    data: Any = Field(default_factory=dict)
    score: Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)]

    @field_validator("title")
    @classmethod
    def validate_title(cls, value: str) -> str:
        # Titles are one line.
        return value.replace("\n", " ")


class PageSerializer(SchemaSerializer[PageSchema]):
    """A page of a site."""

    def validate_data(self, value: Any) -> Any:
        return json.loads(json.dumps(value))

    def validate_path(self, value: str) -> str:
        if value in self.context.get("taken", ()):
            raise serializers.ValidationError(_("Taken."), code="taken")
        return value

    def of(self, country: Country) -> str:
        """Return the path of a country."""
        return f"/{country.code}"
