"""The order flow: create, reserve stock, capture the payment, complete. No HTTP in here."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from catalogue.models import Book
from django.db.models import F

from nova_drf.services import Conflict, Invalid, ModelService, ServiceContext, atomic
from orders.models import Line, Order, Stock
from orders.payments import Bank
from orders.schemas import Amount, NewOrder


class ShopContext(ServiceContext):
    """What the shop's services know about their caller."""

    warehouse: str = "main"


class OrderService(ModelService[Order, NewOrder, NewOrder, ShopContext]):
    """Brings an order from the basket to the parcel, one step at a time.

    Each step locks the order, so that two callers never take the same step twice.
    """

    queryset = Order.objects.prefetch_related("lines")
    bank = Bank()

    @atomic
    def create(self, data: NewOrder) -> Order:
        """Write an order and its lines, at today's prices."""
        books = self._books(line.book for line in data.lines)
        total = sum((books[line.book].price * line.copies for line in data.lines), Decimal(0))
        order = Order.objects.create(
            customer=data.customer, total=total, created=self.context.now()
        )
        Line.objects.bulk_create(
            Line(
                order=order, book=books[line.book], copies=line.copies, price=books[line.book].price
            )
            for line in data.lines
        )
        return order

    @atomic
    def reserve(self, order_id: UUID) -> Order:
        """Take an order's books out of the stock that others may buy.

        Raises:
            Invalid: Of some book there are too few.
            Conflict: The order is not new any more.
        """
        order = self._locked(order_id, Order.Status.CREATED)
        lacking: dict[str | int, str] = {}
        lines = order.lines.order_by("book_id")  # pyright: ignore  # Django makes it
        for index, line in enumerate(lines):
            enough = Stock.objects.filter(book=line.book_id, copies__gte=line.copies)
            if not enough.update(copies=F("copies") - line.copies):
                lacking[index] = "There are not enough copies."
        if lacking:
            raise Invalid({"lines": lacking}, code="sold_out")
        return self._moved(order, Order.Status.RESERVED)

    async def capture(self, order_id: UUID, amount: Amount) -> Order:
        """Take the money for a reserved order.

        Raises:
            Invalid: It is not what the order costs.
            Conflict: The order is not reserved.
        """
        order = await atomic.arun(self._payable, order_id, amount)
        receipt = await self.bank.capture(order.pk, amount)
        return await atomic.arun(self._paid, order_id, receipt)

    @atomic
    def complete(self, order_id: UUID) -> Order:
        """Close a paid order: it is on its way.

        Raises:
            Conflict: The order is not paid, or somebody else has completed it.
        """
        order = self._locked(order_id, Order.Status.PAID)
        order.completed = self.context.now()
        return self._moved(order, Order.Status.COMPLETED)

    # Parts of the steps

    def _books(self, keys: Iterable[int]) -> dict[int, Book]:
        wanted = list(keys)
        books = Book.objects.in_bulk(wanted)
        unknown = {
            index: "There is no such book." for index, key in enumerate(wanted) if key not in books
        }
        if unknown:
            raise Invalid(
                {"lines": {at: {"book": words} for at, words in unknown.items()}}, code="unknown"
            )
        return books

    def _locked(self, order_id: UUID, status: Order.Status) -> Order:
        order = self.get_object(order_id, lock=True)
        if order.status != status:
            raise Conflict(f"The order is {order.status}, not {status}.", code=f"not_{status}")
        return order

    def _moved(self, order: Order, status: Order.Status) -> Order:
        order.status = status
        order.save()
        return order

    def _payable(self, order_id: UUID, amount: Decimal) -> Order:
        order = self._locked(order_id, Order.Status.RESERVED)
        if amount != order.total:
            raise Invalid(f"The order costs {order.total}.", field="amount", code="amount")
        return order

    def _paid(self, order_id: UUID, receipt: str) -> Order:
        order = self._locked(order_id, Order.Status.RESERVED)
        order.receipt = receipt
        return self._moved(order, Order.Status.PAID)
