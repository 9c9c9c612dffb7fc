"""Services: typed business logic that knows nothing of HTTP.

>>> from nova_drf.services import Service, atomic
>>> class OrderService(Service):
...     @atomic
...     def complete(self, order_id: UUID) -> Order: ...

The same method serves a viewset, a command, a background job and a test, with the same
validation. Nothing in this package imports Django REST Framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use

if TYPE_CHECKING:
    from nova_drf.services.base import Service, contract_of, service_action, service_classes
    from nova_drf.services.context import ServiceContext
    from nova_drf.services.contracts import Contract
    from nova_drf.services.errors import (
        AlreadyExists,
        Conflict,
        ConstraintViolated,
        ContractError,
        ContractMismatch,
        Invalid,
        InvalidArguments,
        NotFound,
        PermissionDenied,
        Problem,
        ServiceDefinitionError,
        ServiceError,
        StillReferenced,
        Unavailable,
    )
    from nova_drf.services.model_service import ModelService
    from nova_drf.services.tasks import ServiceTask, service_task
    from nova_drf.services.transactions import Atomic, atomic

__all__ = [
    "AlreadyExists",
    "Atomic",
    "Conflict",
    "ConstraintViolated",
    "Contract",
    "ContractError",
    "ContractMismatch",
    "Invalid",
    "InvalidArguments",
    "ModelService",
    "NotFound",
    "PermissionDenied",
    "Problem",
    "Service",
    "ServiceContext",
    "ServiceDefinitionError",
    "ServiceError",
    "ServiceTask",
    "StillReferenced",
    "Unavailable",
    "atomic",
    "contract_of",
    "service_action",
    "service_classes",
    "service_task",
]

__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.services.base": ("Service", "contract_of", "service_action", "service_classes"),
        "nova_drf.services.context": ("ServiceContext",),
        "nova_drf.services.contracts": ("Contract",),
        "nova_drf.services.errors": (
            "AlreadyExists",
            "Conflict",
            "ConstraintViolated",
            "ContractError",
            "ContractMismatch",
            "Invalid",
            "InvalidArguments",
            "NotFound",
            "PermissionDenied",
            "Problem",
            "ServiceDefinitionError",
            "ServiceError",
            "StillReferenced",
            "Unavailable",
        ),
        "nova_drf.services.model_service": ("ModelService",),
        "nova_drf.services.tasks": ("ServiceTask", "service_task"),
        "nova_drf.services.transactions": ("Atomic", "atomic"),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
