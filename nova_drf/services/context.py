"""On whose behalf, when and where a service works, without an HTTP request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    User = AbstractBaseUser | AnonymousUser | None
else:
    User = Any
    """Django's user classes cannot be imported before the applications are ready."""


class ServiceContext(BaseModel):
    """What a service knows about its caller. Subclass it to add typed fields of your own:

    >>> class ShopContext(ServiceContext):
    ...     warehouse: str = "main"
    >>> class OrderService(Service[ShopContext]): ...

    A background job gets the context that it was enqueued with: each field travels as JSON of its
    type, the user as its primary key; the clock stays behind.

    Attributes:
        user: Who asks; ``None`` for the system itself.
        tenant: For whom, in a database that several customers share. Give it a type in a
            subclass if it is more than a string or a number.
        locale: The language of messages, as ``django.utils.translation`` names it; ``None`` for
            the one that is active.
        clock: Returns the current time, aware if ``USE_TZ`` is on. Tests pass their own.
        request_id: What log lines of one request, and of the jobs it started, have in common.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    user: User = None
    tenant: Any = None
    locale: str | None = None
    clock: Callable[[], datetime] = timezone.now
    request_id: str | None = None

    def now(self) -> datetime:
        """Return the current time by this context's clock."""
        return self.clock()
