"""``perform_create()``, ``perform_update()`` and ``perform_destroy()`` of a viewset with a service.

They are DRF's hooks between a valid request and what is written. A viewset without hooks of its own
calls its service straight away. Where a project has written one, it is asked as DRF would: what it
refuses is refused, and the service is called by ``serializer.save()``, or by
``super().perform_destroy(instance)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django.db.models import Model, QuerySet
from pydantic import BaseModel
from rest_framework.response import Response

from nova_drf.core.concurrency import settled
from nova_drf.services import ModelService, ServiceDefinitionError
from nova_drf.services.base import AnyService
from nova_drf.views.services.inputs import by_field, declared_data, extra_keys
from nova_drf.views.services.objects import ServiceView, has_own

NOTHING: Final[Any] = object()
"""Sentinel: the caller passes no value of its own."""

HOOKS: Mapping[str, str] = {
    "create": "perform_create",
    "update": "perform_update",
    "partial_update": "perform_update",
    "destroy": "perform_destroy",
}
"""The hook that DRF's mixins call in each of the actions that write."""


NO_BODY = (
    "{hook}() takes the serializer of the request, but the action reads no body. Give the method a "
    "schema as a parameter."
)
NO_OBJECT = (
    "perform_destroy() takes the object, but nothing says which objects there are. Set `queryset`, "
    "or write get_queryset() or get_object()."
)


class Action(Protocol):
    """What a hook has to know of the delegated action that it belongs to."""

    name: str

    @property
    def where(self) -> str:
        """How messages name the action."""
        ...

    @property
    def data_argument(self) -> object:  # to pyright a cached_property is no property of its type
        """The argument that is the whole body."""
        ...

    @property
    def status(self) -> int:
        """The status code of success."""
        ...

    def arguments_for(
        self, view: ServiceView, prepared: Prepared, data: object = ..., instance: object = ...
    ) -> dict[str, Any]:
        """Return the validated arguments of the service's method."""
        ...

    def body_of(self, prepared: Prepared) -> object:
        """Return what a valid body becomes as one argument of the method."""
        ...

    def run(self, prepared: Prepared, arguments: dict[str, Any]) -> Any:
        """Call the service's method in a thread, and return its result."""
        ...

    def respond(self, view: ServiceView, result: object) -> Response:
        """Return the response that prints a result."""
        ...


@dataclass(frozen=True)
class Prepared:
    """What is known of a request before its service is called.

    Attributes:
        service: The service.
        instance: The object that the request is about, looked up and checked; or ``None``.
        queryset: The objects that the client may see, where the method takes them.
        inputs: What reads the ``"body"`` and the ``"query"`` string, by these names.
        added: What is to be written beside the body, by attribute of the model.
    """

    service: AnyService
    instance: object
    queryset: QuerySet[Model] | None
    inputs: dict[str, Any]
    added: dict[str, Any] = field(default_factory=dict)

    def divided(self, schema: type[BaseModel], values: Mapping[str, object]) -> dict[str, object]:
        """Return what a schema has fields for, by field, and note the rest in :attr:`added`.

        Args:
            schema: The schema that the service's method takes.
            values: By attribute of the model.
        """
        named, beside = by_field(schema, values)
        if not isinstance(self.service, ModelService):
            # It gets what the schema holds, read-only or not.
            beside = {
                key: value for key, value in beside.items() if not by_field(schema, {key: value})[0]
            }
        self.added.update(beside)
        return named

    def adding(self, where: str) -> AbstractContextManager[None]:
        """Let the service write :attr:`added`, too, while a block runs.

        Args:
            where: How messages name the action.

        Raises:
            ServiceDefinitionError: The service knows no columns that it could write.
        """
        if not self.added:
            return nullcontext()
        if not isinstance(self.service, ModelService):
            raise ServiceDefinitionError(
                f"{where}: {', '.join(self.added)} would be lost: the method's schema does not "
                "name it, and only a ModelService writes columns by itself. Add it to the schema, "
                "or let the service take it from its context."
            )
        return self.service.adding(**self.added)


def overridden_hook(view: ServiceView, name: str) -> str | None:
    """Return the hook of the project through which an action goes, if there is one.

    Args:
        view: The view of one request.
        name: The action.
    """
    hook = HOOKS.get(name)
    return hook if hook is not None and has_own(view, hook) else None


class HookedCall:
    """The call of a service that a hook of the project makes in its own time.

    Args:
        action: The delegated action.
        view: The view of the request.
        prepared: What is known of the request; its inputs are valid.
    """

    def __init__(self, action: Action, view: ServiceView, prepared: Prepared) -> None:
        self._action = action
        self._view = view
        self._prepared = prepared
        self._sent: Mapping[str, Any] = {}
        self._result: Any = NOTHING

    def respond(self, hook: str) -> Response:
        """Call a hook, and return the response that DRF's mixin would.

        Args:
            hook: Its name.

        Raises:
            ServiceDefinitionError: The action has nothing to pass to the hook.
        """
        self._view.service_call = self
        if hook == "perform_destroy":
            return self._respond_to_destroy()
        serializer = self._prepared.inputs.get("body")
        if serializer is None:
            raise ServiceDefinitionError(f"{self._action.where}: {NO_BODY.format(hook=hook)}")
        self._sent = dict(declared_data(serializer))
        # On the one serializer of this request, so that its save() calls the service.
        serializer.create, serializer.update = self._create, self._update
        settled(getattr(self._view, hook)(serializer))
        if serializer.instance is None:
            return Response(serializer.data, status=self._action.status)
        return self._action.respond(self._view, serializer.instance)

    def _respond_to_destroy(self) -> Response:
        instance = self._prepared.instance
        if instance is None:
            raise ServiceDefinitionError(f"{self._action.where}: {NO_OBJECT}")
        settled(self._view.perform_destroy(instance))
        result = None if self._result is NOTHING else self._result
        if result is None:
            return Response(status=204)
        return self._action.respond(self._view, result)

    def destroy(self, instance: object) -> None:
        """Let the service delete an object: DRF's ``perform_destroy``.

        Args:
            instance: The object.
        """
        self._call(self._action.arguments_for(self._view, self._prepared, instance=instance))

    def _create(self, validated_data: dict[str, object]) -> object:
        """Let the service write: DRF's ``serializer.create``."""
        data = self._written(validated_data)
        return self._call(self._action.arguments_for(self._view, self._prepared, data))

    def _update(self, instance: object, validated_data: dict[str, object]) -> object:
        """Let the service write: DRF's ``serializer.update``."""
        return self._create(validated_data)

    def _written(self, data: dict[str, object]) -> object:
        """Return the body as an argument, with what the hook has put in or taken out."""
        undeclared = extra_keys(self._prepared.inputs["body"]) - self._sent.keys()
        data = {name: value for name, value in data.items() if name not in undeclared}
        body = self._action.body_of(self._prepared)
        if self._action.data_argument is None or not isinstance(body, BaseModel):
            return data
        taken = sorted(self._sent.keys() - data.keys())
        if taken:
            raise ServiceDefinitionError(
                f"{self._action.where}: {HOOKS[self._action.name]}() takes {', '.join(taken)} out "
                "of the validated data, which the service's schema names. Leave it to the service."
            )
        changed = {
            name: value
            for name, value in data.items()
            if name not in self._sent or self._sent[name] is not value
        }
        return body.model_copy(update=self._prepared.divided(type(body), changed))

    def _call(self, arguments: dict[str, object]) -> object:
        self._result = self._action.run(self._prepared, arguments)
        return self._result
