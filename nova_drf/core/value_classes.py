"""Classes of simple values: immutable, with nothing inside, and reading them runs no code."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Final
from uuid import UUID

JSON_CLASSES: Final = frozenset((NoneType, str, bool, int, float))
"""What JSON has of them."""

VALUE_CLASSES: Final = JSON_CLASSES | {bytes, Decimal, UUID, date, datetime, time, timedelta}
"""Values that every payload may share, and that a model's column takes as they are."""
