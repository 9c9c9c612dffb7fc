"""``delegate``: says that an action of a viewset is a method of a service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

from pydantic import BaseModel

from nova_drf.core.overrides import SerializerClass
from nova_drf.services.base import AnyService
from nova_drf.services.signatures import Method

P = ParamSpec("P")
Body = TypeVar("Body", bound=BaseModel)
ServiceT = TypeVar("ServiceT", bound=AnyService)


@overload
def delegate(
    method: Callable[[ServiceT, Body], object],
    *,
    request: type[Body],
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: object,
) -> Delegation: ...


@overload
def delegate(
    method: Callable[[ServiceT, Any, Body], object],
    *,
    request: type[Body],
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: object,
) -> Delegation: ...


@overload
def delegate(
    method: Callable[Concatenate[ServiceT, P], object],
    *,
    request: SerializerClass | None = ...,
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: object,
) -> Delegation: ...


def delegate(
    method: Method,
    *,
    request: type | None = None,
    detail: bool = False,
    methods: Sequence[str] = ("post",),
    response: type | None = None,
    status: int | None = None,
    path: Sequence[str] = (),
    **options: object,
) -> Delegation:
    """Let a method of a service answer an action of a viewset.

    >>> class OrderViewSet(ServiceViewSet[OrderService]):
    ...     create = delegate(OrderService.create)
    ...     complete = delegate(OrderService.complete, detail=True)

    The signature says the rest. A parameter that is a schema is the body (for ``GET`` and
    ``DELETE`` the query string); other parameters are the query string where there is such a
    body, or no body at all, and else the keys of the body. With ``detail`` a parameter that is a
    model takes the object that the viewset's ``get_object()`` finds, filtered and checked by its
    permissions; without one, the first parameter that is no schema, or the one named like the
    URL's, takes the object's key. A ``QuerySet`` takes the rows that the client may see. What the
    method returns is printed by the schema that it is annotated with; ``None`` is a 204.

    Follows:
        ``rest_framework.decorators.action``.

    Args:
        method: The action of a service, ``OrderService.complete``.
        request: A schema or serializer class to read the body with instead.
        detail: Whether the action is about one object. DRF's six actions know by themselves.
        methods: The HTTP methods of an action that is not one of DRF's six.
        response: A schema or serializer class to print the result with.
        status: The status code of success.
        path: Further parameters that come from the URL, as with nested routers.
        options: Attributes of the viewset that differ for this action, and ``url_path`` and
            ``url_name``: what DRF's ``@action`` takes.
    """
    return Delegation(
        method=method,
        request=request,
        detail=detail,
        methods=[name.lower() for name in methods],
        response=response,
        status=status,
        path=tuple(path),
        options=options,
    )


@dataclass(frozen=True, eq=False)
class Delegation:
    """What :func:`delegate` was told, until the viewset class is made.

    Attributes:
        kwargs: Where decorators of a viewset's methods keep what they say, as in those that
            DRF's ``@action`` decorates. It is handed on to the method.
    """

    method: Method
    request: type | None
    detail: bool
    methods: list[str]
    response: type | None
    status: int | None
    path: tuple[str, ...]
    options: dict[str, Any]
    kwargs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Refuse to be called; decorators take it for a method, and only class bodies hold it."""
        raise TypeError(
            f"{self.method.__qualname__} is delegated to, and has no viewset yet. Assign the "
            "result of delegate() in the body of a ServiceViewSet."
        )
