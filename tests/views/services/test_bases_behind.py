"""A project's base that stands behind a viewset with a service guards what the service reaches."""

from __future__ import annotations

from collections.abc import Mapping
from types import new_class
from typing import Annotated, Any

import pytest
from django.db.models import QuerySet
from pydantic import Field
from rest_framework import serializers, viewsets
from rest_framework.exceptions import PermissionDenied

from nova_drf import Schema
from nova_drf.services import ModelService, ServiceDefinitionError
from nova_drf.viewsets import ModelServiceViewSet
from tests.testapp.models import Publisher
from tests.views.sending import send

pytestmark = pytest.mark.django_db


class PublisherSchema(Schema):
    name: Annotated[str, Field(max_length=80)]
    city: Annotated[str, Field(min_length=0, max_length=80)] = ""


class PublisherService(ModelService[Publisher, PublisherSchema]):
    queryset = Publisher.objects.order_by("pk")


class AsyncPublisherService(PublisherService):
    async def alist(self) -> QuerySet[Publisher]:
        return await super().alist()

    async def aretrieve(self, pk: Any) -> Publisher:
        return await super().aretrieve(pk)

    async def aupdate(self, pk: Any, data: PublisherSchema) -> Publisher:
        return await super().aupdate(pk, data)

    async def adelete(self, pk: Any) -> None:
        await super().adelete(pk)


class ListingService(PublisherService):
    async def alist(self) -> Any:
        return [publisher async for publisher in Publisher.objects.all()]


class ClassicSerializer(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ["name", "city"]


def refuse(*_args: object, **_kwargs: object) -> Any:
    raise PermissionDenied


HOOKS: dict[str, Any] = {
    "get_queryset": lambda self: Publisher.objects.filter(city="here").order_by("pk"),
    "filter_queryset": lambda self, queryset: queryset.filter(city="here"),
    "get_object": refuse,
    "get_serializer": refuse,
    "get_serializer_class": refuse,
    "check_object_permissions": refuse,
    "paginate_queryset": lambda self, objects: refuse(),
}


def viewset(base: Any, hook: str, **attributes: Any) -> Any:
    behind = type("Behind", (viewsets.GenericViewSet,), {hook: HOOKS[hook]})

    def body(namespace: dict[str, Any]) -> None:
        namespace.update(attributes)

    return new_class("PublisherViewSet", (base, behind), {}, body)


def answers(view_class: Any, pk: int) -> list[tuple[int, bytes]]:
    """Return what a client gets who tries to list, read, change and delete."""
    detail: Mapping[str, Any] = {"pk": pk}
    results = []
    for method, actions, kwargs, data in (
        ("get", {"get": "list"}, {}, None),
        ("get", {"get": "retrieve"}, detail, None),
        ("patch", {"patch": "partial_update"}, detail, {"name": "changed"}),
        ("delete", {"delete": "destroy"}, detail, None),
    ):
        response = send(view_class.as_view(actions), method, data=data, **kwargs)
        results.append((response.status_code, response.content))
    return results


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("service", [PublisherService, AsyncPublisherService])
def test_a_base_behind_guards(service: Any, hook: str) -> None:
    here = Publisher.objects.create(name="a", city="here")
    there = Publisher.objects.create(name="b", city="there")
    classic = viewset(
        viewsets.ModelViewSet,
        hook,
        serializer_class=ClassicSerializer,
        **({} if hook == "get_queryset" else {"queryset": Publisher.objects.order_by("pk")}),
    )
    expected = answers(classic, there.pk)
    for publisher in (here, there):
        publisher.save()
    base: Any = ModelServiceViewSet
    assert answers(viewset(base[service], hook), there.pk) == expected


@pytest.mark.parametrize("hook", ["get_queryset", "filter_queryset"])
def test_a_list_that_a_base_behind_cannot_narrow_is_refused(hook: str) -> None:
    with pytest.raises(ServiceDefinitionError, match="could narrow"):
        viewset(ModelServiceViewSet[ListingService], hook)
