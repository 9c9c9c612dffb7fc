"""What delegating to a service costs, against the same code written by hand in an async view.

Both sides read the same body with the same schema, run the same two queries in one atomic unit in
a worker thread, and print the same result; they must answer alike before anything is timed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.test import AsyncRequestFactory
from pydantic import Field
from rest_framework.response import Response

from nova_drf import Schema, serializer_from_schema
from nova_drf.services import ModelService, NotFound, atomic
from nova_drf.views.base import AsyncAPIView
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.servicesapp.models import Item

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

ROUNDS = 15
CALLS = 60
MOST = 1.15
"""How much more than by hand a delegated action may cost."""


class Pricing(Schema):
    price: Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)]
    name: Annotated[str, Field(max_length=40)]


class Priced(Schema):
    id: int
    name: str
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]


class PriceService(ModelService[Item]):
    async def reprice(self, pk: int, data: Pricing) -> Priced:
        return await atomic.arun(self._reprice, pk, data)

    def _reprice(self, pk: int, data: Pricing) -> Priced:
        item = self.get_object(pk)
        item.name, item.price = data.name, data.price
        item.save(update_fields=["name", "price"])
        return Priced.model_construct(id=item.pk, name=item.name, price=item.price)


class PriceViewSet(ServiceViewSet[PriceService]):
    reprice = delegate(PriceService.reprice, detail=True)


PricingSerializer = serializer_from_schema(Pricing)
PricedSerializer = serializer_from_schema(Priced)


class ByHand(AsyncAPIView):
    async def post(self, request: Any, pk: str) -> Response:
        serializer = PricingSerializer(
            data=request.data, context={"request": request, "view": self}
        )
        await serializer.ais_valid(raise_exception=True)
        result = await sync_to_async(self._reprice)(int(pk), serializer.validated_schema)
        return Response(PricedSerializer(result, context={"request": request, "view": self}).data)

    def _reprice(self, pk: int, data: Any) -> Priced:
        with transaction.atomic():
            try:
                item = Item.objects.get(pk=pk)
            except Item.DoesNotExist as error:
                raise NotFound from error
            item.name, item.price = data.name, data.price
            item.save(update_fields=["name", "price"])
            return Priced.model_construct(id=item.pk, name=item.name, price=item.price)


def calls(view: Any, pk: int) -> Callable[[int], list[bytes]]:
    """Return what answers many requests one after the other, on one event loop."""
    factory = AsyncRequestFactory()
    body = json.dumps({"price": "9.50", "name": "Emma"})

    async def answer(times: int) -> list[bytes]:
        answers = []
        for _ in range(times):
            request = factory.post("/", body, content_type="application/json")
            response = await view(request, pk=str(pk))
            answers.append(response.rendered_content)
        return answers

    return lambda times: asyncio.run(answer(times))


def test_a_delegated_action(benchmark: BenchmarkFixture) -> None:
    item = Item.objects.create(code="a", name="A", price=1)
    delegated = calls(PriceViewSet.as_view({"post": "reprice"}), item.pk)
    by_hand = calls(ByHand.as_view(), item.pk)
    assert delegated(2) == by_hand(2)
    times: dict[str, list[float]] = {"delegated": [], "by hand": []}
    # Taken in turns, and only what this process itself spends, whatever else the machine does.
    for _ in range(ROUNDS):
        for name, call in (("by hand", by_hand), ("delegated", delegated)):
            start = time.process_time()
            call(CALLS)
            times[name].append((time.process_time() - start) / CALLS)
    ratio = min(times["delegated"]) / min(times["by hand"])
    benchmark.extra_info.update({name: min(found) for name, found in times.items()}, ratio=ratio)
    print(f"delegated / by hand: {ratio:.3f} ({min(times['by hand']) * 1e6:.0f} µs by hand)")
    benchmark.pedantic(delegated, args=(CALLS,), rounds=1)
    assert ratio <= MOST
