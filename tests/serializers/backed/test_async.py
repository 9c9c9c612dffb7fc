"""A backed serializer in async code: its async methods do what DRF's do, in a worker thread."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rest_framework import serializers

from nova_drf import SchemaBackedMixin
from tests.testapp.models import Publisher


class ClassicPublisher(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ("id", "name")


class BackedPublisher(SchemaBackedMixin, ClassicPublisher):
    pass


pytestmark = pytest.mark.django_db(transaction=True)


async def test_writing() -> None:
    serializer = BackedPublisher(data={"name": "Ada"})
    assert await serializer.ais_valid()
    publisher = await serializer.asave()
    assert await Publisher.objects.aget() == publisher
    assert await serializer.adata == await sync_to_async(lambda: ClassicPublisher(publisher).data)()
    again = BackedPublisher(publisher, {"name": "Grace"}, partial=True)
    assert await again.ais_valid(raise_exception=True)
    await again.asave()
    assert (await Publisher.objects.aget()).name == "Grace"


async def test_refusing() -> None:
    ours, classic = BackedPublisher(data={}), ClassicPublisher(data={})
    assert not await ours.ais_valid()
    await sync_to_async(classic.is_valid)()
    assert ours.errors == classic.errors
    with pytest.raises(serializers.ValidationError):
        await ours.ais_valid(raise_exception=True)


async def test_lists() -> None:
    many = BackedPublisher(data=[{"name": "Ada"}, {"name": "Grace"}], many=True)
    assert await many.ais_valid()
    assert len(await many.asave()) == 2
    printed = await BackedPublisher(Publisher.objects.order_by("id"), many=True).adata
    assert [one["name"] for one in printed] == ["Ada", "Grace"]


async def test_a_class_may_write_async() -> None:
    class Own(BackedPublisher):
        async def acreate(self, validated_data: Any) -> Publisher:
            return await Publisher.objects.acreate(name=validated_data["name"].upper())

    one = Own(data={"name": "ada"})
    assert await one.ais_valid()
    assert (await one.asave()).name == "ADA"
    several = Own(data=[{"name": "b"}, {"name": "c"}], many=True)
    assert await several.ais_valid()
    assert [publisher.name for publisher in await several.asave()] == ["B", "C"]
