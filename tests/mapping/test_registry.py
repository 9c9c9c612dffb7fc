"""The registry: the newest row wins, children see their parent's, overrides end."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from pydantic_core import core_schema
from rest_framework import serializers

from nova_drf import Schema
from nova_drf.core.core_schema import Core
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.mapping.registry import FieldMapping, Registry, registry
from nova_drf.mapping.rows.text import StringMapping
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import error_tree


class Money:
    """A value with a core schema of its own, as a project would have one."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(cls)


class MoneyField(serializers.CharField):
    """The project's DRF field for it."""

    def to_internal_value(self, data: Any) -> Any:
        amount, _, currency = super().to_internal_value(data).partition(" ")
        if not currency:
            raise serializers.ValidationError("No currency.", code="currency")
        return f"{amount} {currency.upper()}"

    def to_representation(self, value: Any) -> str:
        return f"<{value.text}>"


class MoneyMapping(FieldMapping):
    """Two lines are enough: the DRF field does the rest."""

    python_type = Money
    field_class = MoneyField

    def matches(self, core: Core) -> bool:
        return bool(core["type"] == "function-plain" and core["function"]["function"] is Money)

    def typed(self, shape: Any) -> Any:
        return Money

    def validated(self, shape: Any) -> Any:
        return lambda value: value.text


def test_a_row_of_a_project() -> None:
    with registry.override(MoneyMapping()):

        class Price(Schema):
            money: Money
            tips: list[Money]

        serializer_class = serializer_from_schema(Price)
        serializer = serializer_class(data={"money": "5 eur", "tips": ["1 usd"]})
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data == {"money": "5 EUR", "tips": ["1 USD"]}
        assert serializer.validated_schema.money.text == "5 EUR"
        assert serializer_class(serializer.validated_schema).data == {
            "money": "<5 EUR>",
            "tips": ["<1 USD>"],
        }
        refused = serializer_class(data={"money": "5", "tips": [""]})
        assert not refused.is_valid()
        tree = error_tree(refused.errors)
        assert tree["money"] == [("No currency.", "currency")]
        assert tree["tips"][0][0][1] == "blank"
        assert isinstance(serializer_class().fields["money"], MoneyField)


def test_the_newest_row_wins_and_overrides_end() -> None:
    mine = Registry()
    first, second = StringMapping(), StringMapping()
    mine.register(first)
    child = mine.child()
    assert child.for_core({"type": "str"}) is first
    child.register(second)
    assert child.for_core({"type": "str"}) is second
    assert mine.for_core({"type": "str"}) is first
    with mine.override(second):
        assert mine.for_core({"type": "str"}) is second
    assert list(mine) == [first]
    assert mine.for_core({"type": "int"}) is None


def test_a_field_class_may_be_named_by_its_path() -> None:
    class Named(FieldMapping):
        field_class = "rest_framework.fields.CharField"

    assert Named().load_field_class() is serializers.CharField
    with pytest.raises(ImportError):
        type(
            "Gone", (Named,), {"field_class": "rest_framework.fields.Nothing"}
        )().load_field_class()


class Loud(serializers.CharField):
    """A project's field."""


class Louder(Loud):
    """A field under it."""


class LoudMapping(FieldMapping):
    """For a class and its subclasses, named by a path."""

    field_class = f"{__name__}.Loud"
    python_type = f"{__name__}.Money"
    match_subclasses = True


class LouderMapping(FieldMapping):
    """For the nearer class."""

    field_class = Louder
    python_type = Money


def test_a_field_has_the_row_of_the_nearest_class() -> None:
    mine = Registry()
    mine.register(LoudMapping())
    assert isinstance(mine.for_field(Louder), LoudMapping)
    assert mine.for_field(serializers.CharField) is None
    nearer = mine.child()
    nearer.register(LouderMapping())
    assert isinstance(nearer.for_field(Louder), LouderMapping)
    assert isinstance(nearer.for_field(Loud), LoudMapping)


def test_what_drfs_own_classes_mean_is_not_up_to_a_row() -> None:
    class Taking(FieldMapping):
        field_class = serializers.CharField
        match_subclasses = True

    mine = Registry()
    mine.register(Taking())
    assert mine.for_field(Loud) is None


def test_a_row_says_what_it_says_and_no_more() -> None:
    row = LoudMapping()
    assert row.describe(Loud()) is Money
    assert row.examples(Loud()) == ()
    assert row.left(Loud()) == ("Loud has its own semantics",)
    assert row.matches({"type": ""})
    assert LouderMapping().describe(Louder()) is Money


def test_a_row_is_found_by_the_type_it_names() -> None:
    mine = Registry()
    row = mine.register(LouderMapping())
    assert mine.for_python_type(Money) is row
    assert mine.for_python_type(int) is None


# Modules of a project


class Base(FieldMapping):
    """Not a row yet: it has no field."""

    native = (str,)


class First(Base):
    field_class = MoneyField


class Second(Base):
    field_class = MoneyField


class Explicit(Base):
    """There may be several of this one."""

    field_class = MoneyField

    def __init__(self, currency: str) -> None:
        self.currency = currency


def module_with(name: str, *classes: type) -> ModuleType:
    """Return a module that has some classes, under their names and others."""
    module = ModuleType(name)
    vars(module).update({cls.__name__: cls for cls in classes})
    vars(module).update({f"Again{cls.__name__}": cls for cls in classes}, number=1, options={})
    return module


def test_a_mapping_counts_by_being_in_its_module() -> None:
    rows = registry.child()
    rows.register(Explicit("eur"))
    module = module_with(__name__, Base, First, Second, Explicit, StringMapping)
    before = list(registry)
    for _ in range(2):
        rows.register_those_in(module)
        own = [type(row).__name__ for row in rows][: -len(before)]
        assert own == ["Second", "First", "Explicit"]
    assert list(registry) == before


def test_a_package_counts_with_what_is_in_it() -> None:
    rows = Registry()
    rows.register_those_in(module_with(__name__.rpartition(".")[0], First, StringMapping))
    assert [type(row).__name__ for row in rows] == ["First"]
    rows.register_those_in(module_with(__name__[:-1], Second))
    assert [type(row).__name__ for row in rows] == ["First"]


def test_a_mapping_that_needs_arguments_has_to_be_registered() -> None:
    with pytest.raises(SchemaDefinitionError, match=r"test_registry\.Explicit: cannot be made"):
        Registry().register_those_in(module_with(__name__, Explicit))
