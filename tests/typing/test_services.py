"""What type checkers see of services; ``make types`` runs mypy and pyright over this file too."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import assert_type

import pytest

from nova_drf import Schema
from nova_drf.services import ModelService, Service, ServiceContext, service_action, twin
from nova_drf.viewsets import ModelServiceViewSet
from tests.servicesapp.models import Topic

MUST_FAIL = Path(__file__).with_name("must_fail_services.py")


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

    apay = twin(pay)
    capture_now = twin(capture)


class TopicService(ModelService[Topic, TopicSchema]):
    pass


class TopicViewSet(ModelServiceViewSet[TopicService]):
    def name_of(self, topic: Topic) -> str:
        assert_type(self.get_service(), TopicService)
        return topic.name


def test_both_colours_have_the_methods_types() -> None:
    till = TillService()
    assert_type(till.pay(Decimal(1)), Decimal)
    assert_type(till.context, ShopContext)
    assert_type(till.capture_now(Decimal(1)), str)


async def test_a_twin_is_awaited() -> None:
    paid = await TillService().apay(Decimal(1))
    assert_type(paid, Decimal)
    assert paid == 1


@pytest.mark.django_db
def test_a_model_service_has_its_models_types() -> None:
    topic = TopicService().create(TopicSchema(name="a"))
    assert_type(topic, Topic)
    assert topic.name == "a"


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_deliberate_mistakes_are_found(checker: str) -> None:
    """Each line marked ``# error`` must be refused, and no other."""
    pytest.importorskip(checker)
    environment = {"mypy": "--python-executable", "pyright": "--pythonpath"}[checker]
    done = subprocess.run(
        [sys.executable, "-m", checker, environment, sys.executable, str(MUST_FAIL)],
        capture_output=True,
        text=True,
        check=False,
        cwd=MUST_FAIL.parents[2],
    )
    lines = MUST_FAIL.read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    found = {int(at) for at in re.findall(rf"{MUST_FAIL.name}:(\d+).*error", done.stdout)}
    assert found == expected, done.stdout + done.stderr
