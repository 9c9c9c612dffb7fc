"""Files of every make, changed in place: they import, they are sorted, they answer as before."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from nova_drf import SchemaBackedMixin
from nova_drf.migration.codegen.in_place import changed_files, serializers_of
from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity

Given = Callable[..., tuple[Any, Change]]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Given]:
    """Convert all serializers of a file; return its module as it was, and the change."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")

    def convert(text: str, name: str = "given_file") -> tuple[Any, Change]:
        (tmp_path / f"{name}.py").write_bytes(text.encode())
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        return module, changed_files(serializers_of(module))[0]

    yield convert
    for name in [name for name in sys.modules if name.startswith("given_")]:
        del sys.modules[name]
    forget_sources()


def after(module: Any, change: Change) -> Any:
    """Write a change, and import the file anew."""
    change.apply()
    del sys.modules[module.__name__]
    forget_sources()
    importlib.invalidate_caches()
    return importlib.import_module(module.__name__)


HEAD = "from rest_framework import serializers\n\n\n"

NODE = f"""{HEAD}class Node(serializers.Serializer):
    name = serializers.CharField()

    def get_fields(self):
        fields = super().get_fields()
        fields["children"] = Node(many=True, required=False)
        return fields
"""


def test_annotations_that_are_evaluated(given: Given) -> None:
    old, change = given(NODE)
    assert 'children: "NotRequired[list[NodeSchema]]"' in change.after
    assert change.after.startswith(
        "from nova_drf import NotRequired, Schema, SchemaSerializer, unset\n"
    )
    new = after(old, change)
    assert_parity(old.Node, new.Node, examples=10)


def test_line_endings_stay(given: Given) -> None:
    text = NODE.replace("\n", "\r\n")
    old, change = given(text)
    assert change.before == text
    assert "\n" not in change.after.replace("\r\n", "")
    new = after(old, change)
    assert Path(new.__file__).read_bytes().count(b"\r\n") == change.after.count("\n")


def test_names_that_the_file_uses_otherwise(given: Given) -> None:
    text = '''"""Own names."""

from rest_framework.fields import *
from rest_framework import serializers
import decimal as d

Schema = 1


class Field:
    pass


class LineSchema:
    pass


class Line(serializers.Serializer):
    name = CharField(max_length=3)
    price = serializers.DecimalField(4, 1, min_value=d.Decimal(1))
'''
    old, change = given(text)
    assert "from nova_drf import Schema as NovaDrfSchema" in change.after
    assert "from pydantic import Field as PydanticField" in change.after
    assert "class LineSchema_(NovaDrfSchema):" in change.after
    assert_parity(old.Line, after(old, change).Line, examples=10)


def test_imports_find_their_places(given: Given) -> None:
    text = '''"""Imports of all kinds."""
import re
from datetime import date

import django.db.models
from rest_framework import serializers, validators
from rest_framework.fields import CharField as Text

__all__ = ["Line", "re"]


class Line(serializers.Serializer):
    """A line."""

    name = Text(max_length=3)
    day = serializers.DateField(default=date(2024, 1, 2))
    moment = serializers.DateTimeField(required=False)
    price = serializers.DecimalField(4, 1)
'''
    old, change = given(text)
    assert (
        change.after.partition("__all__")[0]
        == '''"""Imports of all kinds."""
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import django.db.models
from nova_drf import NotRequired, Schema, SchemaSerializer, unset
from pydantic import Field
from rest_framework import validators

'''
    )
    assert_parity(old.Line, after(old, change).Line, examples=10)


def test_a_file_with_nothing_above(given: Given) -> None:
    text = (
        "import rest_framework.serializers\n\n\nclass A(rest_framework.serializers.Serializer):\n"
    )
    old, change = given(f"{text}    a = rest_framework.serializers.CharField(label='A')\n")
    new = after(old, change)
    assert issubclass(new.A, SchemaSerializer)
    assert_parity(old.A, new.A, examples=5)


STAYS = f"""{HEAD}class Base(serializers.Serializer):
    name = serializers.CharField()


class Heir(Base):
    def set_value(self, dictionary, keys, value):
        super().set_value(dictionary, keys, value)


# Prints only.
class Prints(serializers.BaseSerializer):
    def to_representation(self, instance):
        return str(instance)
"""


def test_a_base_stays_with_an_heir_that_does(given: Given) -> None:
    old, change = given(STAYS)
    assert "# Backed: Heir, which derives from it, is backed" in change.after
    assert "# Prints only.\n# Kept: Prints is no Serializer" in change.after
    new = after(old, change)
    assert issubclass(new.Base, SchemaBackedMixin)
    assert new.Heir.__bases__ == (new.Base,)
    assert changed_files(serializers_of(new))[0].after == change.after


QUOTES = """'A house with single quotes.'
import sys
from django.conf import settings
from rest_framework import serializers
from .nothing import nothing


class RoomSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=settings.APPEND_SLASH + 7)

    def validate(self, attrs):
        return {'name': attrs['name'],
                'size': sys.maxsize}
"""


LEFT_OUT = """import sys
from rest_framework import serializers
from tests.convertapp.models import Country
from nova_drf import unset


class Base(serializers.ModelSerializer):
    area = serializers.IntegerField(source='pk', read_only=True, style={'a': 1})
    code = serializers.SerializerMethodField()

    class Meta:
        model = Country
        fields = ['code', 'area']

    def get_code(self, country) -> str:
        return country.code


class Heir(Base):
    class Meta(Base.Meta):
        fields = ['area']
"""


def test_what_is_added_to_code_in_another_style_stands_apart(given: Given) -> None:
    _old, change = given(LEFT_OUT)
    heir = change.after.partition("class Heir(Base):\n")[2]
    assert heir == "    code = None\n\n    class Meta(Base.Meta):\n        schema = HeirSchema\n"
    imported = change.after.partition("from nova_drf import ")[2].partition("\n")[0]
    assert imported == "ReadOnly, Schema, SchemaSerializer, UseField, unset"


def test_code_in_another_style_keeps_it(given: Given, tmp_path: Path) -> None:
    """Methods stay as they are, and imports find the others of their kind."""
    package = tmp_path / "given_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nothing.py").write_text("nothing = None\n")
    (package / "rooms.py").write_text(QUOTES)
    importlib.invalidate_caches()
    module = importlib.import_module("given_package.rooms")
    change = changed_files(serializers_of(module))[0]
    methods = QUOTES.partition("    def validate")[2]
    assert change.after.endswith(methods)
    head = """'A house with single quotes.'
import sys
from typing import Annotated
from django.conf import settings
from nova_drf import Schema, SchemaSerializer
from pydantic import Field
from .nothing import nothing
"""
    assert change.after.startswith(head)


SETTLED = """from django.conf import settings
from rest_framework import serializers

from tests.convertapp.models import Country


class Token(serializers.Serializer):
    token = serializers.CharField(style={"input_type": "password"})

    def validate(self, attrs):
        return {**attrs, "token": attrs["token"].upper()}


class Password(serializers.Serializer):
    password = serializers.CharField(max_length=8)


class Login(Token, serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = (settings.TIME_ZONE and "code", "token")


class Reset(Token, Password):
    pass


class Change(Password, Token):
    pass


class Again(Reset):
    again = serializers.CharField()
"""


def test_what_derives_from_one_that_stays_is_written(given: Given) -> None:
    """Only the settings know the fields of ``Login``; its base stays, as a mixin to the others."""
    old, change = given(SETTLED)
    outcomes = {one.name: str(one.outcome) for one in change.written}
    assert {name for name, outcome in outcomes.items() if outcome == "backed"} == {"Token", "Login"}
    new = after(old, change)
    for name in ("Reset", "Change", "Again"):
        assert issubclass(getattr(new, name), SchemaSerializer)
        assert_parity(getattr(old, name), getattr(new, name), examples=10)
    assert changed_files(serializers_of(new))[0].after == change.after


BASE = f"{HEAD}class Base(serializers.Serializer):\n    a = serializers.CharField()\n"
HEIR = "from given_base import Base\n\n\nclass Heir(Base):\n    pass\n"


def test_an_heir_in_another_file_keeps_a_class_from_being_changed(given: Given) -> None:
    base, _change = given(BASE, "given_base")
    heir, _change = given(HEIR, "given_heir")
    assert "# Backed: given_heir.Heir derives from it\n" in changed_files([base.Base])[0].after
    assert heir.Heir.__mro__[1] is base.Base


NESTED = """class Outer:
    class A(serializers.Serializer):
        pass


A = Outer.A
"""
METACLASS = """class Meta(type(serializers.Serializer)):
    pass


class A(serializers.Serializer, metaclass=Meta):
    pass
"""
MODEL = """class A(serializers.Serializer):
    class Meta:
        model = object
"""
MODEL_OF_BASE = """class Named:
    class Meta:
        model = Country


class A(serializers.Serializer):
    code = serializers.CharField()

    class Meta(Named.Meta):
        pass
"""
API = """class A(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code"]

    def mapping(self):
        return self.serializer_field_mapping
"""
UNMADE = """class A(serializers.Serializer):
    a = serializers.CharField(source="b.c")

    def __init__(self):
        super().__init__()
        raise ValueError
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (NESTED, ""),
        (METACLASS, "is made with metaclass="),
        (MODEL, "class A(SchemaSerializer[ASchema]):\n    pass\n"),
        (MODEL_OF_BASE, "it names a model in Meta"),
        (API, "class A(serializers.ModelSerializer, SchemaSerializer[ASchema]):"),
        (UNMADE, ""),
    ],
)
def test_what_stays(given: Given, body: str, said: str) -> None:
    head = "from rest_framework import serializers\n\nfrom tests.convertapp.models import Country\n"
    old, change = given(f"{head}\n\n{body}")
    assert said in change.after
    assert change.after[0] != "\n"
    assert after(old, change).A


HOUSE = """from rest_framework import serializers

from tests.convertapp.models import Country


class Key:
    # It is copied with each field, and knows another of its kind.
    def __init__(self, depth):
        self.above = Key(depth - 1) if depth else None


KEY = Key(9)


class Pattern:
    # Only texts are compared with it.
    def __eq__(self, other):
        return "a" in other


class KeyField(serializers.CharField):
    _looked_up = None

    def __init__(self, key, **kwargs):
        self.key = key
        self.pattern = Pattern()
        self._looked_up = None
        super().__init__(**kwargs)

    @property
    def looked_up(self):
        self._looked_up = self._looked_up or [self.parent]
        return self._looked_up

    def bind(self, field_name, parent):
        super().bind(field_name, parent)
        self.owner = (parent,)


class House:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in getattr(self.Meta, "hidden_fields", ()):
            self.fields.pop(name, None)
        self.tone = self.Meta.tone


class Base(House, serializers.ModelSerializer):
    code = KeyField(KEY, max_length=4)

    class Meta:
        model = Country
        fields = ("code", "name")
        read_only_fields = ("nmae",)
        hidden_fields = ("name",)
        tone = "low"
"""
HOUSE_HEIR = """from given_house import Base
from rest_framework import serializers


class Heir(Base):
    size = serializers.CharField(source="name", read_only=True)

    class Meta(Base.Meta):
        fields = (*Base.Meta.fields, "size")
"""


@pytest.mark.django_db
def test_a_house_with_options_of_its_own(given: Given, tmp_path: Path) -> None:
    """Its serializers are written, in this file and in others, without what the schema says."""
    old, change = given(HOUSE, "given_house")
    assert "class Base(House, SchemaSerializer[BaseSchema]):" in change.after
    assert 'hidden_fields = ("name",)' in change.after
    assert "nmae" not in change.after
    (tmp_path / "given_heir.py").write_text(HOUSE_HEIR)
    heir = importlib.import_module("given_heir")
    changes = changed_files([*serializers_of(old), *serializers_of(heir)])
    assert [one.outcome for change in changes for one in change.written] == ["written"] * 2
    for change in changes:
        change.apply()
    del sys.modules["given_heir"]
    assert [*after(old, changes[0]).Base().fields] == ["code"]
    new = importlib.import_module("given_heir")
    assert issubclass(new.Heir, SchemaSerializer)
    assert_parity(heir.Heir, new.Heir, examples=5)


@pytest.mark.parametrize("option", ["self.Meta.fields", 'getattr(self.Meta, "model")', "self.Meta"])
def test_a_house_that_reads_what_the_schema_says(given: Given, option: str) -> None:
    old, change = given(HOUSE.replace("self.Meta.tone", option), "given_house")
    assert "class Base(House, serializers.ModelSerializer, SchemaSerializer" in change.after
    assert 'read_only_fields = ("nmae",)' in change.after
    assert [*after(old, change).Base().fields] == ["code"]


READ = """from rest_framework import serializers

from tests.convertapp.models import Country


class A(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code"]


class B(A):
    class Meta(A.Meta):
        fields = [*A.Meta.fields, "name"]


class C(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code"]


COLUMNS = C.Meta.fields
"""


def test_options_that_other_code_reads_stay(given: Given) -> None:
    old, change = given(READ)
    new = after(old, change)
    assert new.COLUMNS == ["code"]
    assert not hasattr(new.A.Meta, "fields")
    assert [*new.B().fields] == ["code", "name"]


def test_what_other_modules_import_from_here_stays(given: Given, tmp_path: Path) -> None:
    (tmp_path / "given_other.py").write_text("from given_room import (\n    CharField,\n)\n")
    text = """from rest_framework.serializers import (
    CharField,
    IntegerField,
    Serializer,
)


class RoomSerializer(Serializer):
    name = CharField()
    size = IntegerField()
"""
    module_of = "given_room"
    (tmp_path / "given_room.py").write_text(text)
    importlib.import_module("given_other")
    old, change = given(text, module_of)
    kept = "import CharField  # noqa: F401  # other modules import it from here\n"
    assert f"from rest_framework.serializers {kept}" in change.after
    new = after(old, change)
    assert not hasattr(new, "IntegerField")
    assert_parity(old.RoomSerializer, new.RoomSerializer, examples=5)


@pytest.mark.parametrize(
    "other",
    [
        "import given_room\n\nFIELD = given_room.CharField()\n",
        "import given_room as rooms\n\nFIELD = rooms.CharField()\n",
        "def field():\n    import given_room as rooms\n    return rooms.CharField()\n",
    ],
)
def test_what_other_modules_say_with_the_name_of_this_one_stays(
    given: Given, tmp_path: Path, other: str
) -> None:
    """A house module that offers DRF's fields beside its own classes."""
    text = """from rest_framework.serializers import CharField, IntegerField, Serializer


class RoomSerializer(Serializer):
    name = CharField()
    size = IntegerField()
"""
    (tmp_path / "given_room.py").write_text(text)
    (tmp_path / "given_other.py").write_text(other)
    importlib.import_module("given_other")
    old, change = given(text, "given_room")
    new = after(old, change)
    assert new.CharField is old.CharField
    assert not hasattr(new, "IntegerField")


ROWS = f"""from django.db import models
from tests.convertapp.models import Country
{HEAD}class Rows(models.Manager):
    def get_queryset(self):
        raise RuntimeError("Choose a tenant first.")


ROWS = Rows()
ROWS.model = Country


class PickSerializer(serializers.Serializer):
    country = serializers.PrimaryKeyRelatedField(queryset=ROWS)
"""


def test_rows_that_nobody_may_ask_for_now(given: Given) -> None:
    _old, change = given(ROWS)
    assert "class PickSerializer(SchemaSerializer[PickSchema]):" in change.after


WITH_MIXIN = f"""{HEAD.strip()}
from django.contrib.auth.models import User

from nova_drf import SchemaBackedMixin


class House(SchemaBackedMixin, serializers.Serializer):
    pass


class HouseOfModels(SchemaBackedMixin, serializers.ModelSerializer):
    def create(self, validated_data):
        return super().create({{**validated_data, "is_staff": True}})


class Direct(SchemaBackedMixin, serializers.Serializer):
    a = serializers.IntegerField(min_value=2)


class Plain(House):
    a = serializers.CharField(max_length=3)


class Person(HouseOfModels):
    first_name = serializers.CharField(max_length=5)

    class Meta:
        model = User
        fields = ["first_name", "last_name"]


class PlainOfPerson(House):
    b = serializers.ListField(child=serializers.IntegerField(), required=False)


class OfPerson(House):
    people = Person(many=True, required=False, help_text="Everybody " * 6)
    other = PlainOfPerson(required=False, allow_null=True, help_text="Anybody else")


class Odd(House):
    a = serializers.CharField()

    def set_value(self, dictionary, keys, value):
        super().set_value(dictionary, keys, value)
"""


def test_what_has_the_mixin_gets_a_schema(given: Given) -> None:
    old, change = given(WITH_MIXIN)
    outcomes = {one.name: str(one.outcome) for one in change.written}
    assert outcomes.pop("House") == outcomes.pop("HouseOfModels") == "carried"
    assert outcomes.pop("Odd") == "backed"
    assert set(outcomes.values()) == {"written"}
    assert "class Direct(SchemaSerializer[DirectSchema]):" in change.after
    assert "class Plain(House, SchemaSerializer[PlainSchema]):" in change.after
    assert "class Odd(House):" in change.after
    assert "a: Annotated[str, Field(max_length=3)]" in change.after
    # A name in which that of the schema occurs is not the schema's.
    assert 'Annotated["' not in change.after
    assert ': "' not in change.after
    new = after(old, change)
    for name in ("Direct", "Plain", "OfPerson"):
        assert_parity(getattr(old, name), getattr(new, name), examples=5)
    assert changed_files(serializers_of(new))[0].after == change.after


def test_a_label_is_the_same_in_each_language(given: Given) -> None:
    old, change = given(WITH_MIXIN)
    new = after(old, change)
    for language in ("en", "de", "fr"):
        with translation.override(language):
            labels = [str(field.label) for field in old.Person().fields.values()]
            assert [str(field.label) for field in new.Person().fields.values()] == labels
