"""What type checkers see of services; ``make types`` runs mypy and pyright over this file too."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from nova_drf import Schema
from nova_drf.services import ModelService, Service, ServiceContext, service_action
from nova_drf.viewsets import ModelServiceViewSet
from tests.servicesapp.models import Topic


class TopicSchema(Schema):
    name: str


class ShopContext(ServiceContext):
    shop: str = "main"


class TillService(Service[ShopContext]):
    @service_action(strict=True)
    def pay(self, amount: Decimal) -> Decimal:
        return amount

    async def capture(self, amount: Decimal) -> str:
        return str(amount)

    async def apay(self, amount: Decimal) -> Decimal:
        return await sync_to_async(self.pay)(amount)

    def capture_now(self, amount: Decimal) -> str:
        return async_to_sync(self.capture)(amount)


class TopicService(ModelService[Topic, TopicSchema]):
    pass


class TopicViewSet(ModelServiceViewSet[TopicService]):
    def name_of(self, topic: Topic) -> str:
        assert_type(self.get_service(), TopicService)
        return topic.name


def test_methods_keep_their_types() -> None:
    till = TillService()
    assert_type(till.pay(Decimal(1)), Decimal)
    assert_type(till.context, ShopContext)
    assert_type(till.capture_now(Decimal(1)), str)


async def test_a_counterpart_is_awaited() -> None:
    paid = await TillService().apay(Decimal(1))
    assert_type(paid, Decimal)
    assert paid == 1


@pytest.mark.django_db
def test_a_model_service_has_its_models_types() -> None:
    topic = TopicService().create(TopicSchema(name="a"))
    assert_type(topic, Topic)
    assert topic.name == "a"
