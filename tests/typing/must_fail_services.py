"""Mistakes with services that a type checker must find; ``test_services.py`` counts them."""

from __future__ import annotations

from decimal import Decimal

from asgiref.sync import async_to_sync, sync_to_async

from nova_drf import Schema
from nova_drf.services import Service, ServiceContext, service_task
from nova_drf.viewsets import ServiceViewSet, delegate


class Payment(Schema):
    amount: Decimal


class Other(Schema):
    amount: int


class ShopContext(ServiceContext):
    shop: str = ""


class PaymentService(Service[ShopContext]):
    def pay(self, data: Payment) -> Decimal:
        return data.amount

    def refund(self, pk: int, data: Payment) -> Decimal:
        return data.amount

    async def capture(self, amount: Decimal) -> str:
        return str(amount)

    async def apay(self, data: Payment) -> Decimal:
        return await sync_to_async(self.pay)(data)


payments = PaymentService(ShopContext())
payments.pay(Other(amount=1))  # error
payments.pay()  # error
wrong: str = payments.pay(Payment(amount=Decimal(1)))  # error
PaymentService(ServiceContext())  # error
print(payments.context.nothing)  # error
payments.apay(Other(amount=1))  # error
late: str = async_to_sync(payments.capture)("1")  # error
payments.context.user.pk  # error
capture_payment = service_task(PaymentService.capture)


async def without_await() -> None:
    payments.apay(Payment(amount=Decimal(1)))  # error
    paid: Decimal = payments.apay(Payment(amount=Decimal(1)))  # error
    print(paid)


capture_payment.enqueue("1")  # error
capture_payment.enqueue_on_commit(amonut=Decimal(1))  # error


class PaymentViewSet(ServiceViewSet[PaymentService]):
    pay = delegate(PaymentService.pay, request=Other)  # error
    refund = delegate(PaymentService.refund, request=Other, detail=True)  # error
    fits = delegate(PaymentService.refund, request=Payment, detail=True)
    inferred = delegate(PaymentService.capture)
    nothing = delegate(PaymentService.nothing)  # error
    late = delegate(PaymentService.pay, status="201")  # error


class NoService(ServiceViewSet[Payment]):  # error
    pass
