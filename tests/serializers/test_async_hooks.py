"""Hooks of serializers as ``async def``: the same answers from a thread and from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from types import new_class
from typing import Annotated, Any, Generic, TypeVar

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import transaction
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ModelViewSet

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    UseField,
    conversion_report,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.core.overrides import all_overrides
from nova_drf.serializers.async_hooks import has_async_hooks
from nova_drf.serializers.async_methods import AsyncSerializerMixin
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.viewsets import AsyncModelViewSet
from tests.testapp.models import Publisher

ROW = {"name": "x"}


class Named(Schema):
    name: str


class Labelled(Schema):
    name: str
    label: Annotated[str, UseField(serializers.SerializerMethodField())]


class ClassicNamed(serializers.Serializer[Any]):
    name = serializers.CharField()


class ClassicLabelled(ClassicNamed):
    label = serializers.SerializerMethodField()


class Hooks:
    """One of each hook."""

    async def get_label(self, obj: Any) -> str:
        await asyncio.sleep(0)
        return f"<{obj['name']}>"

    async def validate_name(self, value: str) -> str:
        await asyncio.sleep(0)
        if value == "bad":
            raise serializers.ValidationError("Not this.", code="never")
        return value.upper()

    async def validate(self, attrs: Any) -> Any:
        checked = await super().validate(attrs)
        if checked["name"] == "WORSE":
            raise serializers.ValidationError("Nor this.", code="worse")
        return {**checked, "checked": True}

    async def to_internal_value(self, data: Any) -> Any:
        return {**await super().to_internal_value(data), "internal": True}

    async def to_representation(self, instance: Any) -> Any:
        return {**await super().to_representation(instance), "shown": True}

    async def create(self, validated_data: Any) -> Any:
        await asyncio.sleep(0)
        return {"made": 1, **validated_data}

    async def update(self, instance: Any, validated_data: Any) -> Any:
        return {**instance, **await self.create(validated_data)}


class OfSchema(SchemaSerializer[Labelled]):
    get_label = Hooks.get_label
    validate_name = Hooks.validate_name

    async def validate(self, attrs: Any) -> Any:
        checked = await super().validate(attrs)
        if checked["name"] == "WORSE":
            raise serializers.ValidationError("Nor this.", code="worse")
        return {**checked, "checked": True}

    async def to_internal_value(self, data: Any) -> Any:
        return {**await super().to_internal_value(data), "internal": True}

    async def to_representation(self, instance: Any) -> Any:
        return {**await super().to_representation(instance), "shown": True}

    create = Hooks.create
    update = Hooks.update


class OfMixin(Hooks, SchemaSerializer[Labelled]):
    pass


class Backed(SchemaBackedMixin, Hooks, ClassicLabelled):
    pass


class BackedBehind(Hooks, ClassicLabelled, SchemaBackedMixin):
    pass


class ClassicWithHooks(Hooks, ClassicLabelled):
    pass


class BackedAsItIs(SchemaBackedMixin, ClassicWithHooks):
    pass


class WithTwins(Hooks, AsyncSerializerMixin, ClassicLabelled):
    pass


class Inherited(OfSchema):
    pass


class Plain(Inherited):
    """A ``def`` around what is ``async def``."""

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance)

    def create(self, validated_data: Any) -> Any:
        return super().create(validated_data)


class Around(Plain):
    """And an ``async def`` around that one."""

    async def to_representation(self, instance: Any) -> Any:
        return await super().to_representation(instance)

    async def create(self, validated_data: Any) -> Any:
        return await super().create(validated_data)


ALL = [
    OfSchema,
    OfMixin,
    Backed,
    BackedBehind,
    BackedAsItIs,
    WithTwins,
    Inherited,
    Plain,
    Around,
]
EACH = pytest.mark.parametrize("cls", ALL)
PRINTED = {"name": "x", "label": "<x>", "shown": True}
VALID = {"name": "X", "internal": True, "checked": True}


@EACH
async def test_hooks_are_awaited_by_the_twins(cls: Any) -> None:
    serializer = cls(data=ROW)
    assert await serializer.ais_valid(), serializer.errors
    assert serializer.validated_data == VALID
    assert await serializer.asave() == {"made": 1, **VALID}
    assert await serializer.adata == {"name": "X", "label": "<X>", "shown": True}
    again = cls({"name": "old", "kept": 1}, data=ROW)
    assert await again.ais_valid(raise_exception=True)
    assert await again.asave(more=2) == {"kept": 1, "made": 1, "more": 2, **VALID}


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls is not WithTwins])
async def test_lists_await_the_hooks_of_their_items(cls: Any) -> None:
    assert await cls([ROW, ROW], many=True).adata == [PRINTED, PRINTED]
    serializer = cls(data=[ROW, ROW], many=True)
    assert await serializer.ais_valid()
    assert await serializer.asave() == [{"made": 1, **VALID}] * 2


@EACH
def test_a_thread_gets_their_values(cls: Any) -> None:
    serializer = cls(data=ROW)
    assert serializer.is_valid()
    assert serializer.validated_data == VALID
    assert serializer.save() == {"made": 1, **VALID}
    assert cls(ROW).data == PRINTED
    assert cls([ROW], many=True).data == [PRINTED]


@EACH
@pytest.mark.parametrize(("name", "code"), [("bad", "never"), ("worse", "worse")])
async def test_their_refusals_are_errors_as_ever(cls: Any, name: str, code: str) -> None:
    class Sync(ClassicNamed):
        def validate_name(self, value: str) -> str:
            if value == "bad":
                raise serializers.ValidationError("Not this.", code="never")
            return value.upper()

        def validate(self, attrs: Any) -> Any:
            raise serializers.ValidationError("Nor this.", code="worse")

    serializer, expected = cls(data={"name": name}), Sync(data={"name": name})
    assert not await serializer.ais_valid()
    assert not expected.is_valid()
    assert serializer.errors == expected.errors
    assert next(iter(serializer.errors.values()))[0].code == code


@EACH
async def test_nested_in_a_classic_serializer(cls: Any) -> None:
    class Outer(serializers.Serializer[Any]):
        one = cls()
        all = cls(many=True)

    def read() -> Any:
        return Outer({"one": ROW, "all": [ROW]}).data

    def check() -> Any:
        serializer = Outer(data={"one": ROW, "all": [ROW]})
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    assert await sync_to_async(read)() == {"one": PRINTED, "all": [PRINTED]}
    assert await sync_to_async(check)() == {"one": VALID, "all": [VALID]}


# What the event loop must not do


class AsyncGetter(SchemaSerializer[Labelled]):
    get_label = Hooks.get_label


class AsyncValidate(SchemaSerializer[Named]):
    validate_name = Hooks.validate_name


@pytest.mark.parametrize("cls", [AsyncGetter, OfSchema, Backed])
async def test_sync_reading_on_the_loop_says_what_to_write(cls: Any) -> None:
    class Outer(serializers.Serializer[Any]):
        one = AsyncGetter()

    for serializer in (cls(ROW), cls([ROW], many=True), Outer({"one": ROW})):
        with pytest.raises(SynchronousOnlyOperation, match=r"`await serializer\.adata`"):
            serializer.data


@pytest.mark.parametrize("cls", [AsyncValidate, OfSchema, Backed])
async def test_sync_validation_on_the_loop_says_what_to_write(cls: Any) -> None:
    class Outer(serializers.Serializer[Any]):
        one = AsyncValidate()

    for serializer in (cls(data=ROW), cls(data=[ROW], many=True), Outer(data={"one": ROW})):
        with pytest.raises(SynchronousOnlyOperation, match=r"`await serializer\.ais_valid\(\)`"):
            serializer.is_valid()


async def test_sync_saving_on_the_loop_says_what_to_write() -> None:
    serializer = OfSchema(data=ROW)
    await serializer.ais_valid()
    with pytest.raises(SynchronousOnlyOperation, match=r"`await serializer\.asave\(\)`"):
        serializer.save()


async def test_only_what_runs_async_hooks_is_refused() -> None:
    serializer = AsyncGetter(data=ROW)
    assert serializer.is_valid()
    checked = AsyncValidate(ROW)
    assert checked.data == ROW
    assert [has_async_hooks(AsyncGetter, name) for name in ("data", "is_valid", "save")] == [
        True,
        False,
        False,
    ]


def test_a_class_without_async_hooks_stays_as_it_is() -> None:
    class Sync(SchemaSerializer[Named]):
        def validate_name(self, value: str) -> str:
            return value

        async def helper(self) -> int:
            return 1

    assert Sync.__bases__ == serializer_from_schema(Named).__bases__
    assert asyncio.run(Sync().helper()) == 1


@pytest.mark.parametrize("bases", [(SchemaSerializer[Named],), (SchemaBackedMixin, ClassicNamed)])
def test_data_that_is_named_like_a_hook_stays_data(bases: Any) -> None:
    class Flags:
        validate_all = False

    class Flagged(Flags, *bases):
        validate_twice = 0

    serializer: Any = Flagged(data=ROW)
    assert serializer.is_valid()
    assert (serializer.validate_all, serializer.validate_twice) == (False, 0)


# Further ways to write them


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that knows nothing of async."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


async def test_decorated_hooks_and_method_names() -> None:
    class Counted(SchemaSerializer[Named]):
        count = serializers.SerializerMethodField(method_name="counted")

        @logged
        async def counted(self, obj: Any) -> int:
            return len(obj["name"])

    assert await Counted(ROW).adata == {"name": "x", "count": 1}
    assert await sync_to_async(lambda: Counted(ROW).data)() == {"name": "x", "count": 1}


T = TypeVar("T")


class Slotted:
    __slots__ = ()

    async def to_representation(self, instance: Any) -> Any:
        return {**await super().to_representation(instance), "shown": True}


class OfType(Generic[T]):
    async def to_representation(self, instance: Any) -> Any:
        return {**await super().to_representation(instance), "shown": True}


@pytest.mark.parametrize("mixin", [Slotted, OfType[int]])
@pytest.mark.parametrize(
    "bases",
    [(SchemaSerializer[Named],), (SchemaBackedMixin, ClassicNamed)],
    ids=["schema", "mixin"],
)
async def test_mixins_of_any_kind(mixin: Any, bases: Any) -> None:
    cls: Any = new_class("Mixed", (mixin, *bases))
    assert await cls(ROW).adata == {"name": "x", "shown": True}


async def test_saving_and_validating_as_a_whole() -> None:
    class Whole(SchemaSerializer[Named]):
        async def is_valid(self, *, raise_exception: bool = False) -> bool:
            return await super().is_valid(raise_exception=raise_exception)

        async def save(self, **kwargs: Any) -> Any:
            return {**await super().save(by="me", **kwargs), "saved": True}

        async def create(self, validated_data: Any) -> Any:
            return validated_data

    expected = {"name": "x", "by": "me", "saved": True}
    serializer: Any = Whole(data=ROW)
    assert await serializer.ais_valid()
    assert await serializer.asave() == expected
    named: Any = Whole(data=ROW)
    assert await named.is_valid()
    assert await named.save() == expected

    def in_a_thread() -> Any:
        serializer: Any = Whole(data=ROW)
        assert serializer.is_valid() is True
        return serializer.save()

    assert await sync_to_async(in_a_thread)() == expected


class Bulk(serializers.ListSerializer[Any]):
    """A list whose own hooks are async."""

    async def create(self, validated_data: Any) -> Any:
        return [*await super().create(validated_data), "more"]

    async def validate(self, attrs: Any) -> Any:
        return attrs[:1]

    async def to_representation(self, data: Any) -> Any:
        return [*await super().to_representation(data), "end"]


@pytest.mark.parametrize("bases", [(SchemaSerializer[Named],), (SchemaBackedMixin, ClassicNamed)])
async def test_lists_have_async_hooks_of_their_own(bases: Any) -> None:
    class Writer(*bases):
        class Meta:
            list_serializer_class = Bulk

        async def create(self, validated_data: Any) -> Any:
            return dict(validated_data)

    serializer: Any = Writer(data=[ROW, ROW], many=True)
    assert isinstance(serializer, Bulk)
    assert await serializer.ais_valid()
    assert await serializer.asave() == [ROW, "more"]
    assert await Writer([ROW], many=True).adata == [ROW, "end"]


def test_reports_name_what_the_user_wrote() -> None:
    assert {str(one) for one in all_overrides(OfSchema)} == {
        f"OfSchema.{name}"
        for name in ("to_internal_value", "to_representation", "validate", "create", "update")
    }


def test_a_converted_serializer_keeps_its_async_hooks() -> None:
    class Classic(ClassicLabelled):
        get_label = Hooks.get_label
        validate_name = Hooks.validate_name

    schema = schema_from_serializer(Classic)
    assert "label" in str(conversion_report(Classic))
    cls = serializer_from_schema(schema)
    assert cls(ROW).data == {"name": "x", "label": "<x>"}
    assert schema.model_validate(ROW).name == "X"


# With the database


class PublisherSchema(Schema):
    name: str
    count: Annotated[int, UseField(serializers.SerializerMethodField())]


class PublisherSerializer(SchemaSerializer[PublisherSchema]):
    class Meta:
        model = Publisher

    async def get_count(self, publisher: Publisher) -> int:
        return await Publisher.objects.acount()

    async def validate_name(self, value: str) -> str:
        if value == "b" and await Publisher.objects.aexists():
            raise serializers.ValidationError("Taken.", code="taken")
        return value

    async def create(self, validated_data: Any) -> Publisher:
        made: Publisher = await super().create(validated_data)
        made.city = "made"
        await made.asave()
        return made


class PublisherViewSet(AsyncModelViewSet[Any]):
    queryset = Publisher.objects.order_by("id")
    serializer_class = PublisherSerializer


class AsyncPublisherViewSet(PublisherViewSet):
    async def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        await serializer.ais_valid(raise_exception=True)
        await serializer.asave()
        return Response(await serializer.adata, status=201)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewset", [PublisherViewSet, AsyncPublisherViewSet])
async def test_sync_and_async_views(viewset: Any) -> None:
    view = viewset.as_view({"post": "create", "get": "list"})
    factory = AsyncAPIRequestFactory()

    async def call(request: Any) -> Any:
        called = view(request) if viewset is AsyncPublisherViewSet else sync_to_async(view)(request)
        return await called

    made = await call(factory.post("/", {"name": "a"}, format="json"))
    assert (made.status_code, made.data) == (201, {"name": "a", "count": 1})
    taken = await call(factory.post("/", {"name": "b"}, format="json"))
    assert (taken.status_code, taken.data["name"][0].code) == (400, "taken")
    assert (await call(factory.get("/"))).data == [{"name": "a", "count": 1}]
    assert await Publisher.objects.filter(city="made").acount() == 1


class City(serializers.Serializer[Any]):
    name = serializers.CharField()

    def create(self, validated_data: Any) -> Any:
        return validated_data

    def to_representation(self, instance: Any) -> Any:
        return {"city": instance["name"]}


class Place(serializers.BaseSerializer[Any]):
    """Becomes a serializer of another class by what it is sent, as those of libraries do."""

    def to_internal_value(self, data: Any) -> Any:
        self.__class__ = City
        return City(context=self.context).to_internal_value(data)

    def to_representation(self, instance: Any) -> Any:
        return {"place": instance["name"]}

    @staticmethod
    def create(validated_data: Any) -> Any:
        raise NotImplementedError

    def validate_name(self, value: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("base", [ModelViewSet, AsyncModelViewSet])
def test_hooks_are_those_of_the_class_that_a_serializer_has_by_then(base: Any) -> None:
    viewset = type("Places", (base,), {"serializer_class": Place, "queryset": []})
    view = viewset.as_view({"post": "create"})
    made = view(APIRequestFactory().post("/", {"name": "a"}, format="json"))
    assert (made.status_code, made.data) == (201, {"city": "a"})
    serializer = viewset(request=None, format_kwarg=None).get_serializer({"name": "a"})
    assert serializer.data == {"place": "a"}


@pytest.mark.django_db(transaction=True)
async def test_hooks_share_the_transaction_of_the_thread() -> None:
    @transaction.atomic
    def write() -> None:
        serializer = PublisherSerializer(data={"name": "a"})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        assert serializer.data["count"] == 1
        transaction.set_rollback(True)

    await sync_to_async(write)()
    assert not await Publisher.objects.aexists()


@pytest.mark.parametrize("make", [SchemaSerializer, SchemaBackedMixin])
async def test_super_leads_to_a_hook_within_a_decorator_that_knows_nothing_of_async(
    make: Any,
) -> None:
    def passing_on(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return call

    class Shouting:
        @passing_on
        async def validate(self, attrs: Any) -> Any:
            await asyncio.sleep(0)
            return {**attrs, "name": attrs["name"].upper()}

    async def validate(self: Any, attrs: Any) -> Any:
        return await super(made, self).validate(attrs)

    bases: Any = (SchemaSerializer[Named],) if make is SchemaSerializer else (make, ClassicNamed)
    body = {"validate": validate, "__module__": __name__}
    made: Any = new_class("Made", (Shouting, *bases), exec_body=lambda space: space.update(body))
    serializer = made(data=ROW)
    assert await serializer.ais_valid()
    assert serializer.validated_data == {"name": "X"}
    in_thread = made(data=ROW)
    assert await sync_to_async(in_thread.is_valid)()
    assert in_thread.validated_data == {"name": "X"}
