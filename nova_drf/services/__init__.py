"""Services: typed business logic that knows nothing of HTTP.

>>> from nova_drf.services import Service, atomic
>>> class OrderService(Service):
...     @atomic
...     def complete(self, order_id: UUID) -> Order: ...

The same method serves a viewset, a command, a background job and a test, with the same
validation. Nothing in this package imports Django REST Framework.
"""

from __future__ import annotations

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
