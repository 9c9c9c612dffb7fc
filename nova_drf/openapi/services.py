"""Documents the actions that a viewset delegates to a service, from their signatures."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.types import PYTHON_TYPE_MAPPING, OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.serializers import ListSerializer

from nova_drf.openapi.hints import OptionalResult
from nova_drf.openapi.refusals import refusals
from nova_drf.views.services.actions import ServiceAction
from nova_drf.views.services.viewsets import ServiceViewSet


class ServiceViewSetExtension(OpenApiViewExtension):
    """Gives each delegated action the request, query, path and response of its method.

    What somebody says with ``@extend_schema`` wins: on a ``delegate()``, on the viewset, or with
    ``@extend_schema_view``.
    """

    target_class = ServiceViewSet
    match_subclasses = True

    def view_replacement(self) -> type[Any]:
        """Return the viewset with the schemas of its actions attached."""
        viewset: Any = self.target
        documented = {
            name: _documented(getattr(viewset, name), action)
            for name, action in viewset.service_actions.items()
        }
        # Warnings name the class as its author knows it.
        named = {name: getattr(viewset, name) for name in ("__module__", "__qualname__", "__doc__")}
        return type(viewset.__name__, (viewset,), {**named, **documented})


def _documented(method: Callable[..., object], action: ServiceAction) -> Callable[..., Any]:
    """Return a copy of an action's method with a schema of its own."""

    @wraps(method)
    def documented(self: object, *args: object, **kwargs: object) -> Any:
        return method(self, *args, **kwargs)

    said = dict(getattr(method, "kwargs", {}))
    schema = _schema_class(action)
    users = said.get("schema")
    if isinstance(users, type):
        schema = type("ServiceSchema", (users, schema), {})
    # Where drf-spectacular, as DRF's `@action`, keeps what is said of a method.
    documented.kwargs = {**said, "schema": schema}  # type: ignore[attr-defined]  # of a function
    return documented


class _Extended:
    """What drf-spectacular's decorator takes for a method.

    Args:
        schema: What the viewset, or the project, says of all actions; the decorator extends it.

    Attributes:
        kwargs: Where the decorator puts what it makes.
    """

    def __init__(self, schema: type) -> None:
        self.schema = schema
        self.kwargs: dict[str, Any] = {}

    def __call__(self) -> None:
        """Nobody calls it; it is what makes a method of it."""


def _schema_class(action: ServiceAction) -> Any:
    """Return what describes one action."""

    query: Any = action.query_serializer
    extend = extend_schema(
        request=action.request_serializer,
        responses={int(action.status): _response(action)} | refusals(action),
        parameters=[] if query is None else [query],
    )
    extended: Any = extend(_Extended(type(action.viewset.schema))).kwargs["schema"]

    class ServiceSchema(extended):  # type: ignore[misc]  # which class it is, the viewset says
        def get_override_parameters(self) -> Any:
            variables = re.findall(r"{(\w+)}", self.path)
            return [*super().get_override_parameters(), *_in_path(action, variables)]

    return ServiceSchema


def _in_path(action: ServiceAction, variables: list[str]) -> list[OpenApiParameter]:
    """Describe the variables of an URL by the types of the arguments that they become."""
    names = {name: name for name in action.path}
    others = [name for name in variables if name not in names]
    if action.lookup is not None and others:
        names[others[-1]] = action.lookup
    # Where the method does not say what its key is, drf-spectacular asks the model.
    names = {
        variable: argument
        for variable, argument in names.items()
        if action.contract.arguments.all[argument].annotation is not Any
    }
    return [
        OpenApiParameter(variable, _basic(action, names[variable]), OpenApiParameter.PATH)
        for variable in variables
        if variable in names
    ]


def _basic(action: ServiceAction, argument: str) -> Any:
    annotation = action.contract.arguments.all[argument].annotation
    return PYTHON_TYPE_MAPPING.get(annotation, OpenApiTypes.STR)


def _response(action: ServiceAction) -> Any:
    if action.is_empty:
        return None
    serializer_class: Any = action.response_serializer
    if serializer_class is None:
        return PYTHON_TYPE_MAPPING.get(action.result, OpenApiTypes.ANY)
    if action.has_nulls:
        item = OptionalResult(serializer_class())
        return ListSerializer[Any](child=item) if action.many else item
    return serializer_class(many=True) if action.many else serializer_class
