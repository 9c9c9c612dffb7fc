"""Takes one step of the order flow from a terminal, with the checks that the API makes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError

from nova_drf.services import ServiceError
from orders.services import OrderService


class Command(BaseCommand):
    """``manage.py order complete 4f0c…``."""

    help = "Take one step of the order flow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", choices=["reserve", "capture", "complete"])
        parser.add_argument("order", help="the key of the order")
        parser.add_argument("--amount", default="", help="for capture: how much")

    def handle(self, *args: Any, **options: Any) -> None:
        orders = OrderService()
        try:
            if options["step"] == "capture":
                order = async_to_sync(orders.capture)(options["order"], options["amount"])
            else:
                order = getattr(orders, options["step"])(options["order"])
        except ServiceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{order.pk}: {order.status}")
