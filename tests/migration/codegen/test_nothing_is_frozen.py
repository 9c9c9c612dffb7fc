"""What a class takes from settings, environment or language is so in what is written as well."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from nova_drf.migration.codegen.in_place import serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity
from tests.migration.codegen.conftest import differences

Convert = Callable[[str], tuple[Any, Any]]

FIRST = {"CODEGEN_MAX": 5, "CODEGEN_KINDS": ["a", "b"], "CODEGEN_PATTERN": "^a"}
SECOND = {"CODEGEN_MAX": 8, "CODEGEN_KINDS": ["c"], "CODEGEN_PATTERN": "^b"}

SOURCE = '''"""A page."""

import os
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tests.convertapp.models import Country

LIMITS = {"name": settings.CODEGEN_MAX}
MOST = settings.CODEGEN_MAX


def kinds():
    return [(one, one.title()) for one in settings.CODEGEN_KINDS]


class ShortField(serializers.CharField):
    def __init__(self, **kwargs):
        kwargs["max_length"] = settings.CODEGEN_MAX
        super().__init__(**kwargs)


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=MOST, min_length=len(settings.CODEGEN_KINDS))


class PageSerializer(serializers.Serializer):
    title = serializers.CharField(
        max_length=settings.CODEGEN_MAX, label=_("email address"), help_text=_("password")
    )
    name = serializers.CharField(max_length=LIMITS["name"])
    endpoint = serializers.CharField(default=os.environ.get("CODEGEN_ENDPOINT", "none"))
    kind = serializers.ChoiceField(choices=kinds())
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=settings.CODEGEN_KINDS))
    some = serializers.MultipleChoiceField(choices=settings.CODEGEN_KINDS, required=False)
    count = serializers.IntegerField(max_value=MOST, required=settings.CODEGEN_MAX > 6)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=settings.CODEGEN_MAX), max_length=MOST
    )
    price = serializers.DecimalField(settings.CODEGEN_MAX, 2, required=False)
    code = serializers.RegexField(settings.CODEGEN_PATTERN, required=False)
    short = ShortField(required=False)
    lines = LineSerializer(many=True, max_length=settings.CODEGEN_MAX)
    maybe = serializers.CharField(allow_null=settings.CODEGEN_MAX > 6, required=False)


class CountrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["name", "region"]
        extra_kwargs = {
            "name": {"max_length": settings.CODEGEN_MAX, "label": _("email address")},
            "region": {"required": True},
        }


class NamesSerializer(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code", "name"][: len(settings.CODEGEN_KINDS)]
'''


@pytest.fixture
def convert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Convert]:
    """Convert a file under one set of settings; import it and the new one under another."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("CODEGEN_ENDPOINT", "first")

    def converted(source: str) -> tuple[Any, Any]:
        (tmp_path / "frozen_old.py").write_text(source)
        importlib.invalidate_caches()
        with override_settings(**FIRST):
            old = importlib.import_module("frozen_old")
            module_source(serializers_of(old), tmp_path / "frozen_new.py").apply()
        monkeypatch.setenv("CODEGEN_ENDPOINT", "second")
        sys.modules.pop("frozen_old")
        importlib.invalidate_caches()
        with override_settings(**SECOND):
            return importlib.import_module("frozen_old"), importlib.import_module("frozen_new")

    yield converted
    for name in ("frozen_old", "frozen_new"):
        sys.modules.pop(name, None)
    forget_sources()


@pytest.mark.django_db
@override_settings(**SECOND)
def test_other_settings_and_another_language(convert: Convert) -> None:
    old, new = convert(SOURCE)
    assert "first" not in Path(new.__file__).read_text()
    for name in ("PageSerializer", "CountrySerializer", "NamesSerializer"):
        theirs, ours = getattr(old, name), getattr(new, name)
        assert issubclass(ours, SchemaSerializer)
        assert [*ours().fields] == [*theirs().fields]
        assert_parity(theirs, ours, examples=10)
        for language in ("en", "de"):
            with translation.override(language):
                assert differences(theirs, ours) == []


def test_what_stands_in_the_code_is_carried_as_it_stands(convert: Convert) -> None:
    _old, new = convert(SOURCE)
    text = Path(new.__file__).read_text()
    assert 'max_length=settings.CODEGEN_MAX, title=_("email address")' in text
    assert 'max_length=LIMITS["name"]' in text
    assert 'os.environ.get("CODEGEN_ENDPOINT", "none")' in text
    assert "choices=kinds()" in text
    assert "list[Annotated[str, Field(max_length=settings.CODEGEN_MAX)]]" in text
    assert "# Backed: Meta.fields is worked out" in text


GUARDED = """from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework import serializers

if TYPE_CHECKING:
    from decimal import Decimal as Money

try:
    import orjson as json
except ImportError:
    import json

if settings.CODEGEN_MAX > 6:
    LENGTH = 9
else:
    LENGTH = 3


class GuardedSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LENGTH)
    price = serializers.SerializerMethodField()

    def get_price(self, obj) -> "Money":
        return json.loads("1")
"""


def test_imports_keep_their_guards(convert: Convert) -> None:
    old, new = convert(GUARDED)
    text = Path(new.__file__).read_text()
    assert "if TYPE_CHECKING:\n    from decimal import Decimal as Money\n" in text
    assert "try:\n    import orjson as json\nexcept ImportError:\n    import json\n" in text
    assert new.GuardedSerializer().fields["text"].max_length == 9
    assert_parity(old.GuardedSerializer, new.GuardedSerializer, examples=5)
