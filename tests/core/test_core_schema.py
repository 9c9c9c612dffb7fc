"""Core schemas: walking, rewriting and compiling them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel, Field, TypeAdapter, model_validator
from pydantic_core import SchemaSerializer as CoreSerializer
from pydantic_core import SchemaValidator

from nova_drf import Schema
from nova_drf.core import compat
from nova_drf.core.core_schema import (
    Core,
    closed,
    compiled,
    definitions_of,
    members_node,
    model_node,
    replace_innermost,
    resolve,
    rewrite,
)
from nova_drf.mapping.from_pydantic import core_of, shape_of
from nova_drf.serializers.schema_serializer import serializer_from_schema


class Leaf(BaseModel):
    """A model in a model."""

    v: int


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    leaf: Leaf


class Branch(BaseModel):
    """A model that holds another in many ways."""

    one: Leaf
    many: list[Leaf] = []
    by_name: dict[str, Leaf] = {}
    either: Leaf | int = 0
    point: Point | None = None
    below: list[Branch] = []


def types_in(core: Core) -> list[str]:
    """Return the type of every node of a tree."""
    found: list[str] = []

    def note(node: Core) -> None:
        found.append(node["type"])

    rewrite(core, note)
    return found


def test_every_node_is_visited_and_an_unchanged_tree_is_equal() -> None:
    core = core_of(Branch)
    assert rewrite(core, lambda node: None) == core
    assert types_in(core).count("int") >= 3
    assert {"list", "dict", "union", "nullable", "model"} <= set(types_in(core))


def test_a_rewritten_model_is_compiled_although_its_class_has_a_validator() -> None:
    def widened(node: Core) -> Core | None:
        return {"type": "str"} if node["type"] == "int" else None

    core = core_of(Leaf)
    rewritten = rewrite(core, widened)
    assert compiled(rewritten).validate_python({"v": "text"}).v == "text"
    assert compiled(core).validate_python({"v": "5"}).v == 5
    assert Leaf.__pydantic_complete__
    with pytest.raises(ValueError, match="valid integer"):
        Leaf(v="text")


def test_a_part_of_a_tree_is_closed_over_what_it_refers_to() -> None:
    root, definitions = definitions_of(core_of(Branch))
    fields = resolve(root, definitions)["schema"]["fields"]
    for name, field in fields.items():
        part = closed(field["schema"], definitions)
        assert CoreSerializer(part), name
    below = SchemaValidator(closed(fields["below"]["schema"], definitions))
    (branch,) = below.validate_python([{"one": {"v": "1"}}])
    assert branch == Branch(one=Leaf(v=1))
    assert closed({"type": "int"}, {}) == {"type": "int"}


def test_an_unknown_reference_cannot_be_closed_over() -> None:
    with pytest.raises(LookupError):
        closed({"type": "definition-ref", "schema_ref": "nobody"}, {})


def test_threads_that_compile_and_use_a_model_do_not_disturb_each_other() -> None:
    class Busy(Schema):
        name: Annotated[str, Field(max_length=5)]
        leaf: Leaf

    def compile_it(_turn: int) -> object:
        return compiled(core_of(Busy)).validate_python({"name": " a ", "leaf": {"v": 1}}).name

    def describe_it(_turn: int) -> object:
        core_of(Busy)
        return shape_of(Busy).fields["name"].type.options["max_length"]

    def use_it(_turn: int) -> object:
        serializer = serializer_from_schema(Busy)(data={"name": " a ", "leaf": {"v": 1}})
        assert serializer.is_valid(), serializer.errors
        assert TypeAdapter(list[Busy]).validate_python([{"name": "b", "leaf": {"v": 2}}])
        return serializer.validated_data["name"]

    tasks: list[Callable[[int], object]] = [compile_it, describe_it, use_it] * 20
    with ThreadPoolExecutor(8) as pool:
        results: list[Any] = list(pool.map(lambda at: tasks[at](at), range(len(tasks))))
    assert set(results) == {"a", 5}
    assert Busy.__pydantic_complete__


def test_a_part_may_refer_to_itself() -> None:
    root, definitions = definitions_of(core_of(Branch))
    branch = closed(resolve(root, definitions), definitions)
    assert branch["schema"] == {
        "type": "definition-ref",
        "schema_ref": branch["schema"]["schema_ref"],
    }
    made = SchemaValidator(branch).validate_python(
        {"one": {"v": 1}, "below": [{"one": {"v": "2"}}]}
    )
    assert made.below[0].one.v == 2


class Made(BaseModel):
    """A default that is made from what was sent."""

    width: int
    height: int = Field(default_factory=lambda data: data["width"] * 2)
    depth: int = 1


@pytest.mark.parametrize("waits", [True, False])
def test_a_default_is_not_made_of_what_is_not_valid(
    waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether Pydantic itself waits, as newer versions do, or not."""
    if waits and not compat.factories_wait():
        pytest.skip("this Pydantic does not wait")
    monkeypatch.setattr(compat, "factories_wait", lambda: waits)
    validator = compiled(core_of(Made))
    assert validator.validate_python({"width": "2"}).height == 4
    with pytest.raises(ValueError, match="width"):
        validator.validate_python({"width": "x"})


class Prepared(BaseModel):
    """Validators before and after its fields."""

    v: int

    @model_validator(mode="before")
    @classmethod
    def prepare(cls, data: Any) -> Any:
        return {"v": data} if isinstance(data, int) else data

    @model_validator(mode="after")
    def check(self) -> Prepared:
        return self


def test_the_nodes_of_a_model_are_found_below_its_validators() -> None:
    outer = core_of(Prepared)
    assert model_node(outer)["cls"] is Prepared
    assert set(members_node(model_node(outer))["fields"]) == {"v"}
    assert set(members_node(model_node(core_of(Leaf)))["fields"]) == {"v"}


def test_the_innermost_node_is_replaced() -> None:
    inner = {"type": "int"}
    node = {"type": "nullable", "schema": {"type": "default", "schema": inner}}
    stop = frozenset(("nullable", "default"))
    replaced = replace_innermost(node, stop, lambda one: {"type": "str"})
    assert replaced == {
        "type": "nullable",
        "schema": {"type": "default", "schema": {"type": "str"}},
    }
    assert node["schema"]["schema"] is inner


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_arguments_of_a_call_are_walked(wrapped: bool) -> None:
    """As older Pydantics describe a ``NamedTuple``."""
    arguments: Any = [{"name": "x", "schema": {"type": "int"}}]
    inner: Core = {"type": "arguments", "arguments_schema": arguments}
    node: Core = {"type": "call", "arguments_schema": inner} if wrapped else inner
    swapped = rewrite(node, lambda one: {"type": "any"} if one["type"] == "int" else None)
    found = swapped["arguments_schema"] if wrapped else swapped
    assert found["arguments_schema"] == [{"name": "x", "schema": {"type": "any"}}]
    assert arguments == [{"name": "x", "schema": {"type": "int"}}]
