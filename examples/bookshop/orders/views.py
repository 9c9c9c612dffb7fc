"""The order flow over HTTP: nothing but delegation."""

from __future__ import annotations

from nova_drf.viewsets import ModelServiceViewSet, delegate
from orders.schemas import OrderSchema
from orders.services import OrderService


class OrderViewSet(ModelServiceViewSet[OrderService]):
    """Orders, from the basket to the parcel."""

    http_method_names = ["get", "post", "head", "options"]
    response_schema = OrderSchema

    reserve = delegate(OrderService.reserve, detail=True)
    capture = delegate(OrderService.capture, detail=True)
    complete = delegate(OrderService.complete, detail=True)
