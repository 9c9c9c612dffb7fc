"""Constructs of real projects that are rare, one by one: what is written imports and agrees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import pytest

from nova_drf import SchemaBackedMixin
from nova_drf.migration.codegen.in_place import changed_files, serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity
from tests.migration.codegen.conftest import differences, executed

Convert = Callable[[str], tuple[str, str]]

HEAD = """from rest_framework import serializers
from tests.convertapp.models import City, Country


"""
CONDITIONAL = """from django.conf import settings

if settings.DEBUG:

    class ItemSerializer(serializers.Serializer):
        size = serializers.IntegerField()
        debug = serializers.BooleanField()

else:

    class ItemSerializer(serializers.Serializer):
        size = serializers.IntegerField(max_value=3)
"""
MIXIN = """class Mapped:
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
    }


class Base(Mapped, serializers.ModelSerializer):
    pass


class CountrySerializer(Base):
    class Meta:
        model = Country
        fields = ["code", "region"]
"""
NESTED = """class OrderSerializer(serializers.Serializer):
    class LineSerializer(serializers.Serializer):
        text = serializers.CharField()

    line = LineSerializer(required=False)
    lines = LineSerializer(many=True)
"""
MODULE_OF_DATES = """import datetime
from typing import TypedDict


class Point(TypedDict):
    x: int


class EventSerializer(serializers.Serializer):
    date = serializers.DateField(default=datetime.date.today)
    until = serializers.DateField(required=False)
    at = serializers.DateTimeField(default=lambda: datetime.datetime(2024, 1, 2))
    point = serializers.SerializerMethodField()

    def get_point(self, event) -> Point:
        return {"x": 1}
"""
NAMES = """class NamesSerializer(serializers.Serializer):
    type = serializers.CharField(default="x")
    date = serializers.DateField(required=False)
    other_date = serializers.DateField()
    list = serializers.ListField(child=serializers.CharField(), required=False)
    int = serializers.IntegerField(required=False)
    price = serializers.DecimalField(max_digits=5, decimal_places=2, default=0)
    link = serializers.URLField(default="http://a.io")
    note = serializers.CharField(style={"base_template": "textarea.html"})
    schema = serializers.CharField(required=False)
    class_ = serializers.CharField(source="class", required=False)
"""

META_OF_ANOTHER = """class Devices:
    class Meta:
        fields = ("name", "size", "region")
        extra_kwargs = {"size": {"default": 2, "label": "How large"}}


class CountrySerializer(serializers.ModelSerializer):
    class Meta(Devices.Meta):
        model = Country
        read_only_fields = ("region",)
"""
NAMES_OF_THE_MODEL = """from django.contrib.auth import get_user_model


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = get_user_model()
        exclude = [
            name
            for name in ("password", "groups", "user_permissions", "card_number")
            if name in [field.name for field in get_user_model()._meta.get_fields()]
        ]
"""
ALIKE = """from django.conf import settings

if not settings.SECRET_KEY:

    class ItemSerializer(serializers.Serializer):
        size = serializers.IntegerField(max_value=7)

else:

    class ItemSerializer(serializers.Serializer):
        size = serializers.IntegerField(max_value=3)


try:
    import nothing_of_this_name

    class NoteSerializer(serializers.Serializer):
        text = serializers.CharField()

        def validate_text(self, value):
            return nothing_of_this_name.clean(value)

except ImportError:

    class NoteSerializer(serializers.Serializer):
        text = serializers.CharField()

        def validate_text(self, value):
            return value.strip("x")
"""

LEFT_OUT = """class Base(serializers.ModelSerializer):
    area = serializers.SerializerMethodField()
    shout = serializers.CharField(read_only=True)

    class Meta:
        model = Country
        fields = ["code", "area", "shout"]

    def get_area(self, country) -> int:
        return 7


class CountrySerializer(Base):
    class Meta(Base.Meta):
        fields = ["code", "name"]
"""
METHODS_ALONE = """class Loud(serializers.Serializer):
    def to_representation(self, instance):
        shown = super().to_representation(instance)
        return {name: str(value).upper() for name, value in shown.items()}


class WrittenSerializer(Loud):
    text = serializers.CharField()


class StayingSerializer(Loud):
    text = serializers.CharField()

    @property
    def _writable_fields(self):
        return super()._writable_fields
"""

NO_VALIDATORS = """class CitySerializer(serializers.ModelSerializer):
    class Meta:
        model = City
        fields = ["country", "name"]

    def get_unique_together_validators(self):
        return []  # The rows are looked up first.


class PlaceSerializer(serializers.ModelSerializer):
    class KeyField(serializers.PrimaryKeyRelatedField):
        def get_queryset(self):
            return Country.objects.filter(code__lt="x")

    country = KeyField()

    class Meta:
        model = City
        fields = ["country"]
"""


@pytest.fixture
def convert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Convert]:
    """Convert a file in both ways, compare both with it, and return what was written."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def converted(text: str) -> tuple[str, str]:
        (tmp_path / "odd_file.py").write_text(HEAD + text)
        sys.modules.pop("odd_file", None)
        forget_sources()
        invalidate_caches()
        old = import_module("odd_file")
        classes = serializers_of(old)
        texts = changed_files(classes)[0].after, module_source(classes, tmp_path / "new.py").after
        for number, written in enumerate(texts):
            new = executed(written, f"odd_file_{number}")
            for cls in classes:
                _compare(cls, getattr(new, cls.__name__, None))
        return texts

    yield converted
    for name in [name for name in sys.modules if name.startswith("odd_file")]:
        del sys.modules[name]
    forget_sources()


def _compare(old: Any, new: Any) -> None:
    try:
        fields = old().fields
    except AssertionError:
        return  # Those of an abstract class cannot be made.
    if not fields and issubclass(new, old.__bases__):
        return  # It may be a mixin.
    assert issubclass(new, (SchemaSerializer, SchemaBackedMixin))
    assert_parity(old, new, examples=5)
    assert differences(old, new) == []


@pytest.mark.django_db
def test_a_class_in_a_serializer_stays(convert: Convert) -> None:
    in_place, module = convert(NESTED)
    assert "    class LineSerializer(serializers.Serializer):" in in_place
    assert "lines: list[LineSchema]" in module


@pytest.mark.django_db
def test_a_condition_stays(convert: Convert) -> None:
    in_place, module = convert(CONDITIONAL)
    assert "    class ItemSerializer(SchemaSerializer[ItemSchema]):" in in_place
    assert "        debug = serializers.BooleanField()" in in_place
    assert "# Backed: which one it is, is a condition" in module


@pytest.mark.usefixtures("world")
def test_what_a_mixin_infers_is_asked_of_the_serializer_below_it(convert: Convert) -> None:
    in_place, _module = convert(MIXIN)
    assert 'FromModel(Country, "region", base=Base)' in in_place


@pytest.mark.django_db
def test_names_that_attributes_hide(convert: Convert) -> None:
    for text in convert(NAMES):
        assert "date: NotRequired[dt.date] = unset()" in text
        assert "other_date: dt.date\n" in text
        assert 'type: str = "x"' in text
        assert "    list_: Annotated[" in text
        assert 'alias="list"' in text


@pytest.mark.django_db
def test_a_module_of_dates_stays_one(convert: Convert) -> None:
    for text in convert(MODULE_OF_DATES):
        assert "until: NotRequired[dt.date] = unset()" in text
        factory = "lambda: datetime.datetime(2024, 1, 2)"
        assert f"at: datetime.datetime = Field(default_factory={factory})" in text


@pytest.mark.usefixtures("world")
def test_options_that_another_meta_says(convert: Convert) -> None:
    in_place, module = convert(META_OF_ANOTHER)
    for text in (in_place, module):
        assert 'title="How large"' in text


@pytest.mark.usefixtures("world")
def test_names_that_the_model_says(convert: Convert) -> None:
    for text in convert(NAMES_OF_THE_MODEL):
        assert "username: Annotated[str" in text


@pytest.mark.django_db
def test_branches_with_classes_that_look_alike(convert: Convert) -> None:
    in_place, _module = convert(ALIKE)
    assert "    class ItemSerializer(SchemaSerializer[ItemSchema]):" in in_place
    assert "size: Annotated[int, Field(le=3)]" in in_place
    assert "size = serializers.IntegerField(max_value=7)" in in_place
    assert "    class NoteSerializer(SchemaSerializer[NoteSchema]):" in in_place
    assert "return nothing_of_this_name.clean(value)" in in_place


@pytest.mark.usefixtures("world")
def test_declared_fields_that_the_options_leave_out(convert: Convert) -> None:
    for text in convert(LEFT_OUT):
        assert "class CountrySerializer(Base):" in text
        assert "    area = None\n" in text


@pytest.mark.django_db
def test_a_base_of_methods_alone_may_have_heirs_that_stay(convert: Convert) -> None:
    in_place, _module = convert(METHODS_ALONE)
    assert "class Loud(serializers.Serializer):" in in_place
    assert "class WrittenSerializer(Loud, SchemaSerializer[WrittenSchema]):" in in_place
    assert "class StayingSerializer(SchemaBackedMixin, Loud):" in in_place


@pytest.mark.usefixtures("world")
def test_validators_that_a_method_takes_away(convert: Convert) -> None:
    in_place, module = convert(NO_VALIDATORS)
    for text in (in_place, module):
        assert "        validators = []\n" in text
        assert "get_unique_together_validators" not in text
