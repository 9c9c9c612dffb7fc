"""What conversion does with classes that are odd as a whole: recursive, broken, abstract."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError
from rest_framework import serializers

from nova_drf import conversion_report, schema_from_serializer, serializer_from_schema
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.mapping.from_drf import describe
from nova_drf.mapping.rows import text
from nova_drf.migration.convert.conversion import conversion_for
from tests.convertapp import serializers as legacy
from tests.convertapp.models import City
from tests.oracle import outcome


def test_a_list_serializer_is_not_converted() -> None:
    with pytest.raises(SchemaDefinitionError, match="use many=True"):
        schema_from_serializer(legacy.LineList)
    report = conversion_report(legacy.LineList)
    assert report.extent == "not"
    assert str(report).splitlines()[1].endswith("use many=True or list[...].")


def test_a_bare_base_serializer_has_no_fields_and_validates_itself() -> None:
    schema = schema_from_serializer(legacy.Anything)
    assert schema.model_fields == {}
    ours = serializer_from_schema(schema)
    for sent in ("good", "bad", {"a": 1}):
        assert outcome(ours, sent) == outcome(legacy.Anything, sent)
    assert ours(5).data == legacy.Anything(5).data


class Wrapping(serializers.BaseSerializer[Any]):
    def __init__(self, page: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)


def test_a_bare_base_serializer_that_needs_arguments_is_not_converted() -> None:
    with pytest.raises(SchemaDefinitionError, match="its fields cannot be made"):
        schema_from_serializer(Wrapping)


class Left(serializers.Serializer[Any]):
    """Nests another class, which nests this one."""

    name = serializers.CharField(max_length=2)

    def get_fields(self) -> Any:
        return {**super().get_fields(), "right": Right(required=False)}


class Right(serializers.Serializer[Any]):
    """See :class:`Left`."""

    size = serializers.IntegerField()

    def get_fields(self) -> Any:
        return {**super().get_fields(), "lefts": Left(many=True, required=False)}


def test_classes_may_nest_each_other() -> None:
    left: Any = schema_from_serializer(Left)
    body = {"name": "a", "right": {"size": 1, "lefts": [{"name": "b"}]}}
    assert left.model_validate(body).right.lefts[0].name == "b"
    with pytest.raises(ValidationError):
        left.model_validate({"name": "a", "right": {"size": 1, "lefts": [{"name": "long"}]}})
    ours = serializer_from_schema(left)
    assert outcome(ours, body) == outcome(Left, body)


class Growing(serializers.Serializer[Any]):
    """Makes a class for what is nested in it whenever it is asked for its fields."""

    name = serializers.CharField(max_length=2)

    def get_fields(self) -> Any:
        inner: Any = type("Inner", (Growing,), {"__module__": __name__})
        return {**super().get_fields(), "inner": inner(required=False)}


def test_classes_that_nest_without_end_are_typed_to_a_depth() -> None:
    ours = serializer_from_schema(schema_from_serializer(Growing))
    body: dict[str, Any] = {"name": "end"}
    for depth in range(20):
        body = {"name": "ab", "inner": body}
        assert outcome(ours, body) == outcome(Growing, body), depth
    assert ours(body).data == Growing(body).data


class Broken(serializers.Serializer[Any]):
    """Nests a class that nests this one, and then cannot be made."""

    class Inner(serializers.Serializer[Any]):
        name = serializers.CharField()

        def get_fields(self) -> Any:
            return {**super().get_fields(), "outer": Broken(required=False)}

    inner = Inner()

    def get_fields(self) -> Any:
        return super().get_fields()


def test_a_failure_leaves_nothing_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from nova_drf.migration.convert import conversion

    make = conversion._model

    def fail(cls: Any, made: Any) -> Any:
        if cls is Broken:
            raise SchemaDefinitionError("Not now.")
        return make(cls, made)

    monkeypatch.setattr(conversion, "_model", fail)
    with pytest.raises(SchemaDefinitionError, match="Not now"):
        schema_from_serializer(Broken)
    monkeypatch.undo()
    inner = schema_from_serializer(Broken.Inner)
    assert inner.__pydantic_complete__
    assert inner.model_validate({"name": "a"}).name == "a"


class Needy(serializers.ModelSerializer[City]):
    """Only what made it knows its model."""

    def __init__(self, *args: Any, model: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.Meta = type("Meta", (), {"model": model, "fields": ["name"]})


class Nesting(serializers.Serializer[Any]):
    """Holds it."""

    one = Needy(model=City)
    many = Needy(many=True, model=City, required=False)
    numbers = serializers.ListSerializer(child=serializers.IntegerField(), required=False)


def test_a_nested_class_that_cannot_stand_alone_goes_on_running() -> None:
    lines = {line.name: line for line in conversion_report(Nesting).fields}
    assert (lines["one"].type, lines["many"].type) == ("Any", "list[Any]")
    assert "its fields cannot be made" in lines["one"].reasons[-1]
    assert lines["numbers"].type == "list[int]"
    ours = serializer_from_schema(schema_from_serializer(Nesting))
    for body in (
        {"one": {"name": "a"}, "many": [{"name": "b"}], "numbers": ["1"]},
        {"one": {"name": ""}, "many": [{}], "numbers": ["x"]},
        {},
    ):
        assert outcome(ours, body) == outcome(Nesting, body)


class Twice(serializers.ModelSerializer[City]):
    """Two fields for a column of a unique-together check: DRF refuses to make validators."""

    other = serializers.CharField(source="name")

    class Meta:
        model = City
        fields = ("country", "name", "other")


def test_validators_that_drf_cannot_make_do_not_stop_the_conversion() -> None:
    conversion = conversion_for(Twice)
    assert not conversion.is_exact
    (complaint,) = (hook for hook in conversion.hooks if hook.startswith("get_validators"))
    assert "Unable to create `UniqueTogetherValidator`" in complaint
    for cls in (Twice, serializer_from_schema(conversion.schema)):
        with pytest.raises(AssertionError, match="UniqueTogetherValidator"):
            cls().get_validators()


@pytest.mark.django_db
def test_conversion_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    class Fresh(legacy.PersonSerializer):
        pass

    with django_assert_num_queries(0):
        schema = schema_from_serializer(Fresh)
        serializer_from_schema(schema)
        conversion_report(Fresh)


def test_each_class_is_converted_once_whatever_the_threads() -> None:
    class Shared(Left):
        pass

    barrier = threading.Barrier(6)

    def convert(_turn: int) -> Any:
        barrier.wait()
        return schema_from_serializer(Shared)

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(convert, range(6)))
    assert len(made) == 1
    gc.collect()
    assert schema_from_serializer(Shared) in made


def test_a_payload_that_is_no_mapping_is_pydantics_business() -> None:
    schema: Any = schema_from_serializer(legacy.HookedLine)
    with pytest.raises(ValidationError) as refused:
        schema.model_validate([1])
    assert refused.value.errors()[0]["loc"] == ()


class Listing(serializers.Serializer[Any]):
    """Errors of every form: by index, by key, and of the whole."""

    numbers = serializers.ListField(child=serializers.IntegerField())
    nested = legacy.Line(many=True)
    merged = legacy.HookedLine(source="*", required=False)

    def validate(self, attrs: Any) -> Any:
        raise serializers.ValidationError([{"a": ["deep"]}, "flat"])


def test_errors_keep_their_places() -> None:
    schema: Any = schema_from_serializer(Listing)
    with pytest.raises(ValidationError) as refused:
        schema.model_validate({"numbers": ["x", 1], "nested": [{"product": "a"}, {}]})
    places = {error["loc"] for error in refused.value.errors()}
    assert places == {("numbers", 0), ("nested", 1, "product")}
    with pytest.raises(ValidationError) as refused:
        schema.model_validate({"numbers": [], "nested": [], "merged": {"product": "a"}})
    assert {error["msg"] for error in refused.value.errors()} >= {"flat"}


class Swapping(serializers.Serializer[Any]):
    """``validate`` may return what it likes, and a schema holds what it can."""

    name = serializers.CharField()
    merged = legacy.Line(source="*", required=False)

    def validate(self, attrs: Any) -> Any:
        return [attrs]


def test_a_hook_may_return_something_else_than_a_dictionary() -> None:
    schema: Any = schema_from_serializer(Swapping)
    made = schema.model_validate({"name": "a"})
    assert made.model_extra == {}
    merged = schema_from_serializer(legacy.Order).model_validate(
        {"lines": [], "merged": {"product": "a", "count": 2}}
    )
    assert merged.merged.count == 2


def test_a_report_reads_as_text() -> None:
    text = str(conversion_report(legacy.Hooks))
    assert text.startswith("tests.convertapp.serializers.Hooks: converts partly\n  name: type, str")
    assert "  length: typed field, int: get_length() makes it" in text
    assert "  validate_<field>: goes on running" in text
    assert "  Hooks.validate: goes on running" in text
    odd = str(conversion_report(legacy.OddNames))
    assert "  @type (attribute type_): type, str" in odd
    assert conversion_report(legacy.ProjectBase).extent == "not"
    assert "fields cannot be made" in str(conversion_report(legacy.ProjectBase))


def test_it_needs_no_optional_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "find_spec", lambda name: None)
    described = describe(serializers.EmailField(max_length=9))
    assert described is not None
    assert described.type is str
    assert any("email-validator" in reason for reason in described.left)
