"""Two requests that both found a value free: the second one gets the error of the validator."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, connection, transaction
from pydantic import Field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.validators import UniqueValidator

from nova_drf import Schema, SchemaSerializer, Source
from nova_drf.serializers.backed import SchemaBackedMixin
from tests.constraintsapp.models import Capital, Country, Derived, Queue, Rules
from tests.servicesapp.models import Item, Shelf, Topic
from tests.views.services.test_errors import codes

pytestmark = pytest.mark.django_db


class TopicSchema(Schema):
    name: Annotated[str, Field(max_length=30)]


class TopicSerializer(SchemaSerializer[TopicSchema]):
    class Meta:
        model = Topic
        constraint_errors = True


class RenamedSchema(Schema):
    label: Annotated[str, Source("name"), Field(max_length=30)]


class RenamedSerializer(SchemaSerializer[RenamedSchema]):
    class Meta:
        model = Topic
        constraint_errors = True


class BackedTopicSerializer(SchemaBackedMixin, serializers.ModelSerializer[Topic]):
    name = serializers.CharField(validators=[UniqueValidator(Topic.objects.all(), message="Mine.")])

    class Meta:
        model = Topic
        fields = ["name"]
        constraint_errors = True


class BackedItemSerializer(SchemaBackedMixin, serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ["code", "name", "price", "shelf", "link", "topics"]
        constraint_errors = True


class BackedRulesSerializer(SchemaBackedMixin, serializers.ModelSerializer[Rules]):
    class Meta:
        model = Rules
        fields = "__all__"
        constraint_errors = True


class BackedDerivedSerializer(SchemaBackedMixin, serializers.ModelSerializer[Derived]):
    class Meta:
        model = Derived
        fields = "__all__"
        constraint_errors = True


ITEM = {"name": "A", "price": "1.00", "shelf": None}
RULES = {"plain": "p", "owner": "o", "title": "t", "slot": 8, "place": 9, "is_live": False}
RACES: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (TopicSerializer, {"name": "a"}, {"name": "a"}),
    (RenamedSerializer, {"label": "a"}, {"label": "a"}),
    (BackedTopicSerializer, {"name": "a"}, {"name": "a"}),
    (BackedItemSerializer, {**ITEM, "code": "a"}, {**ITEM, "code": "a", "name": "B"}),
    (BackedItemSerializer, {**ITEM, "code": "a"}, {**ITEM, "code": "b"}),
    (BackedRulesSerializer, RULES, {**RULES, "plain": "q", "title": "u"}),
    (
        BackedDerivedSerializer,
        {"code": "a", "label": "x", "kind": "k", "number": 0},
        {"code": "a", "label": "y", "kind": "x", "number": 0},
    ),
]


@pytest.mark.parametrize(("serializer_class", "first", "second"), RACES)
@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.django_db(transaction=True)
def test_the_second_of_two(
    serializer_class: Any, first: dict[str, Any], second: dict[str, Any], is_open: bool
) -> None:
    one, other = serializer_class(data=first), serializer_class(data=second)
    assert one.is_valid(), one.errors
    assert other.is_valid(), other.errors
    one.save()
    if is_open:
        with transaction.atomic():
            Shelf.objects.create(name="kept")
            with pytest.raises(ValidationError) as caught:
                other.save()
            Shelf.objects.create(name="also")
        assert Shelf.objects.count() == 2
    else:
        with pytest.raises(ValidationError) as caught:
            other.save()
    late = serializer_class(data=second)
    assert not late.is_valid()
    assert codes(caught.value.detail) == codes(late.errors)
    assert isinstance(caught.value.__cause__, IntegrityError)


def test_without_being_asked_it_is_drfs() -> None:
    class Silent(SchemaSerializer[TopicSchema]):
        class Meta:
            model = Topic

    Topic.objects.create(name="b")
    serializer = Silent(data={"name": "a"})
    assert serializer.is_valid()
    with pytest.raises(IntegrityError), transaction.atomic():
        serializer.save(name="b")


def test_the_setting_asks_for_all_but_those_that_refuse(settings: Any) -> None:
    settings.NOVA_DRF = {"CONSTRAINT_ERRORS": True}

    class Told(SchemaSerializer[TopicSchema]):
        class Meta:
            model = Topic

    class Silent(Told):
        class Meta(Told.Meta):
            constraint_errors = False

    Topic.objects.create(name="b")
    for serializer_class, kind in ((Told, ValidationError), (Silent, IntegrityError)):
        serializer = serializer_class(data={"name": "a"})
        assert serializer.is_valid()
        with pytest.raises(kind), transaction.atomic():
            serializer.save(name="b")


def test_an_update() -> None:
    Topic.objects.create(name="b")
    topic = Topic.objects.create(name="a")
    serializer = TopicSerializer(topic, data={"name": "c"})
    assert serializer.is_valid()
    with pytest.raises(ValidationError) as caught:
        serializer.save(name="b")
    assert list(caught.value.detail) == ["name"]
    topic.refresh_from_db()
    assert topic.name == "a"


@pytest.mark.parametrize("serializer_class", [TopicSerializer, BackedTopicSerializer])
def test_many(serializer_class: Any) -> None:
    data = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    serializer = serializer_class(data=data, many=True)
    assert serializer.is_valid()
    Topic.objects.create(name="b")
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    late = serializer_class(data=data, many=True)
    assert not late.is_valid()
    assert codes(caught.value.detail) == codes(late.errors)
    assert Topic.objects.count() == 1


def test_many_written_at_once() -> None:
    class BulkList(serializers.ListSerializer[Any]):
        def create(self, validated_data: Any) -> Any:
            return Topic.objects.bulk_create([Topic(**one) for one in validated_data])

    class Bulk(TopicSerializer):
        class Meta(TopicSerializer.Meta):
            list_serializer_class = BulkList

    serializer = Bulk(data=[{"name": "a"}, {"name": "b"}], many=True)
    assert serializer.is_valid()
    Topic.objects.create(name="b")
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    assert list(caught.value.detail) == ["non_field_errors"]


class ShelfSerializer(serializers.ModelSerializer[Shelf]):
    class Meta:
        model = Shelf
        fields = ["name"]


class PlainTopicSerializer(serializers.ModelSerializer[Topic]):
    class Meta:
        model = Topic
        fields = ["name"]


class NestedSerializer(SchemaBackedMixin, serializers.ModelSerializer[Item]):
    topic = PlainTopicSerializer(required=False)
    topics = PlainTopicSerializer(many=True)

    class Meta:
        model = Item
        fields = ["code", "name", "topic", "topics"]
        constraint_errors = True

    def create(self, validated_data: Any) -> Item:
        topics = validated_data.pop("topics")
        first = validated_data.pop("topic", None)
        item = Item.objects.create(**validated_data)
        for topic in (*topics, *([first] if first else ())):
            item.topics.add(Topic.objects.create(**topic))
        return item


class SingleSerializer(NestedSerializer):
    topics = None

    class Meta(NestedSerializer.Meta):
        fields = ["code", "name", "topic"]

    def create(self, validated_data: Any) -> Item:
        return super().create({"topics": [], **validated_data})


def test_nested() -> None:
    data = {"code": "a", "name": "A", "topics": [{"name": "t"}, {"name": "u"}]}
    serializer = NestedSerializer(data=data)
    assert serializer.is_valid(), serializer.errors
    single = SingleSerializer(data={"code": "a", "name": "A", "topic": {"name": "u"}})
    assert single.is_valid(), single.errors
    Topic.objects.create(name="u")
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    assert codes(caught.value.detail) == {
        "topics": {"non_field_errors": [("topic with this name already exists.", "unique")]}
    }
    assert not Item.objects.exists()
    with pytest.raises(ValidationError) as caught:
        single.save()
    late = SingleSerializer(data=single.initial_data)
    assert not late.is_valid()
    assert codes(caught.value.detail) == codes(late.errors)


def test_a_row_of_somebody_else_is_not_the_clients_fault() -> None:
    class Elsewhere(TopicSerializer):
        def create(self, validated_data: Any) -> Any:
            Item.objects.create(code="a", name="A")
            return Item.objects.create(code="a", name="B")

    serializer = Elsewhere(data={"name": "a"})
    assert serializer.is_valid()
    with pytest.raises(IntegrityError):
        serializer.save()


def test_a_serializer_without_the_model_or_its_validators() -> None:
    class Modelless(SchemaSerializer[RenamedSchema]):
        class Meta:
            constraint_errors = True

        def create(self, validated_data: Any) -> Any:
            return Topic.objects.create(**validated_data)

    class Unvalidated(SchemaBackedMixin, serializers.ModelSerializer[Topic]):
        label = serializers.CharField(source="name", validators=[])

        class Meta:
            model = Topic
            fields = ["label"]
            constraint_errors = True

    class Hidden(SchemaBackedMixin, serializers.ModelSerializer[Item]):
        class Meta:
            model = Item
            fields = ["name"]
            constraint_errors = True

    Topic.objects.create(name="a")
    Item.objects.create(code="a", name="A")
    late = RenamedSerializer(data={"label": "a"})
    assert not late.is_valid()
    for serializer_class in (Modelless, Unvalidated):
        serializer: Any = serializer_class(data={"label": "a"})
        assert serializer.is_valid()
        with pytest.raises(ValidationError) as caught:
            serializer.save()
        assert codes(caught.value.detail) == codes(late.errors)
    hidden = Hidden(data={"name": "B"})
    assert hidden.is_valid()
    with pytest.raises(ValidationError) as caught:
        hidden.save(code="a")
    assert list(caught.value.detail) == ["non_field_errors"]


def test_a_check_and_a_hidden_column() -> None:
    class Part(SchemaBackedMixin, serializers.ModelSerializer[Rules]):
        class Meta:
            model = Rules
            fields = ["low"]
            constraint_errors = True

    serializer = Part(data={"low": 11})
    assert serializer.is_valid()
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    assert codes(caught.value.detail) == {
        "non_field_errors": [("Low must not be above high.", "order")]
    }
    with pytest.raises(ValidationError) as caught:
        serializer.save(low=1, must=None)
    assert list(caught.value.detail) == ["non_field_errors"]


@pytest.mark.django_db(transaction=True)
def test_an_object_that_was_deleted_meanwhile() -> None:
    class CapitalSerializer(SchemaBackedMixin, serializers.ModelSerializer[Capital]):
        class Meta:
            model = Capital
            fields = ["country"]
            constraint_errors = True

    Country.objects.create(iso="fr")
    serializer = CapitalSerializer(data={"country": "fr"})
    assert serializer.is_valid()
    Country.objects.all().delete()
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    if connection.vendor != "sqlite":  # which does not say which key it is
        late = CapitalSerializer(data={"country": "fr"})
        assert not late.is_valid()
        assert codes(caught.value.detail) == codes(late.errors)
    assert not Capital.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL defers these.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("many", [False, True])
def test_a_deferred_constraint(many: bool) -> None:
    class QueueSerializer(SchemaBackedMixin, serializers.ModelSerializer[Queue]):
        class Meta:
            model = Queue
            fields = ["position", "lane"]
            constraint_errors = True

    data: Any = {"position": 1, "lane": 0}
    serializer = QueueSerializer(data=[data] if many else data, many=many)
    assert serializer.is_valid()
    Queue.objects.create(position=1)
    with pytest.raises(ValidationError) as caught:
        serializer.save()
    late = QueueSerializer(data=data)
    assert not late.is_valid()
    assert codes(caught.value.detail) == codes(late.errors)


class Awaited(TopicSerializer):
    async def acreate(self, validated_data: Any) -> Topic:
        return await Topic.objects.acreate(**validated_data)


class AwaitedHook(SchemaBackedMixin, serializers.ModelSerializer[Topic]):
    class Meta:
        model = Topic
        fields = ["name"]
        constraint_errors = True

    async def create(self, validated_data: Any) -> Topic:
        return await Topic.objects.acreate(**validated_data)


class OwnSave(TopicSerializer):
    def save(self, **kwargs: Any) -> Any:
        return super().save(**kwargs)


@pytest.mark.parametrize(
    "serializer_class", [TopicSerializer, BackedTopicSerializer, Awaited, AwaitedHook, OwnSave]
)
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.django_db(transaction=True)
async def test_the_second_of_two_awaited(serializer_class: Any, many: bool) -> None:
    data: Any = [{"name": "b"}, {"name": "a"}] if many else {"name": "a"}
    one, other = serializer_class(data={"name": "a"}), serializer_class(data=data, many=many)
    assert await one.ais_valid()
    assert await other.ais_valid()
    await one.asave()
    with pytest.raises(ValidationError) as caught:
        await other.asave()
    await Topic.objects.exclude(name="a").adelete()
    late = serializer_class(data=data, many=many)
    assert not await late.ais_valid()
    assert codes(caught.value.detail) == codes(late.errors)
    assert await sync_to_async(Topic.objects.count)() == 1
