"""The bank, as far as the shop needs it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID


class Bank:
    """Stands for a payment provider's client; the real one talks HTTP, which is why it is async."""

    async def capture(self, order_id: UUID, amount: Decimal) -> str:
        """Take the money that was authorised for an order, once, however often it is asked.

        Args:
            order_id: Makes the call idempotent.
            amount: How much.

        Returns:
            The number of the receipt.
        """
        await asyncio.sleep(0)
        return f"{order_id.hex[:8]}-{amount}"
