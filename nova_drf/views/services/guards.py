"""What a delegated action must have, so that it refuses whom the viewset refuses.

All of it is an error when the viewset class is made, not when the wrong client asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from inspect import getattr_static
from typing import Any, get_origin

from django.db.models import QuerySet

from nova_drf.services import ModelService, ServiceDefinitionError
from nova_drf.services.signatures import UnresolvedAnnotation
from nova_drf.views.services.hooks import HOOKS, NO_BODY, NO_OBJECT
from nova_drf.views.services.objects import overrides, refuse_unchecked, shows_all
from nova_drf.views.services.serializers import ActionSerializers
from nova_drf.views.services.signatures import STANDARD, schema_in

_BEFORE_HANDLER = (
    *("__init__", "setup", "dispatch", "initialize_request", "initial", "determine_version"),
    *("perform_authentication", "check_permissions", "check_throttles", "get_permissions"),
    *("get_authenticators", "get_throttles", "get_service", "__getattr__", "__getattribute__"),
)
"""Where a project can give one view object a ``queryset``, or other permissions, before it acts."""


class GuardedSignature(ActionSerializers):
    """The signature of a delegated method, which is refused where a guard would not hold."""

    def compile(self) -> None:
        super().compile()
        self.check_guards()

    def check_guards(self) -> None:
        """Refuse what cannot be guarded, once; later calls do nothing.

        Raises:
            ServiceDefinitionError: A guard of the viewset would not hold. The message says what to
                write.
        """
        _ = self._is_guarded

    def check_guards_if_read(self) -> None:
        """Refuse what cannot be guarded, unless an annotation names a class that is yet to come.

        In that case the first request does, and ``manage.py check``.

        Raises:
            ServiceDefinitionError: See :meth:`check_guards`.
        """
        try:
            self.check_guards()
        except UnresolvedAnnotation:
            return

    @cached_property
    def _is_guarded(self) -> bool:
        self._refuse_options_that_nobody_reads()
        self._refuse_objects_that_nobody_finds()
        self._refuse_bodies_without_schema()
        self._refuse_lists_that_cannot_be_narrowed()
        self._refuse_hooks_without_work()
        return True

    def _attribute(self, name: str) -> object:
        """Return an attribute of the viewset as the action has it."""
        return self.options.get(name, getattr_static(self.viewset, name, None))

    def _refuse_options_that_nobody_reads(self) -> None:
        """DRF's routers pass options on to extra actions only."""
        if self.name in STANDARD and self.options:
            raise ServiceDefinitionError(
                f"{self.where}: DRF's routers take no options for {self.name!r}, so "
                f"{', '.join(sorted(self.options))} would have no effect. Set them on the viewset, "
                "or write get_permissions() and the like."
            )

    def _refuse_objects_that_nobody_finds(self) -> None:
        if self.object_argument is not None and not self.detail:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() takes an object ({self.object_argument}), "
                "but the action is not about one. Pass delegate(..., detail=True)."
            )
        if not self.detail or self._may_find_objects:
            return
        if self.object_argument is not None:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() takes the object ({self.object_argument}), "
                "but nothing says which objects there are. Set `queryset`, or write "
                "get_queryset() or get_object()."
            )
        permissions = self._attribute("permission_classes") or ()
        if isinstance(permissions, (list, tuple)):
            checks_itself = overrides(self.viewset, "check_object_permissions")
            refuse_unchecked(self.where, permissions, checks_itself)

    @property
    def _may_find_objects(self) -> bool:
        """Whether the class, or some view made of it, may know where the objects are."""
        if "queryset" in self.options:
            return self.options["queryset"] is not None
        if self._attribute("queryset") is not None:
            return True
        if issubclass(self.viewset.service_class, ModelService):
            return True
        hooks = ("get_queryset", "get_object", *_BEFORE_HANDLER)
        return any(overrides(self.viewset, name) for name in hooks)

    # Mass assignment

    def _refuse_bodies_without_schema(self) -> None:
        """Only what a schema or a serializer names may be written."""
        if not self.has_body or not self._is_routed or self.reads_by_serializer:
            return
        for name, argument in self._arguments.items():
            if name in self._from_view or not self._is_open(argument.annotation):
                continue
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() does not say what {name!r} is, so clients "
                "could write anything. Annotate it with a schema"
                + (
                    f", write ModelService[{self.contract.owner.model.__name__}, YourSchema]"
                    if self.writes_columns
                    else ""
                )
                + ", set serializer_class, pass delegate(..., request=YourSchema), or leave "
                f"{', '.join(map(repr, self.methods))} out of http_method_names."
            )

    def _is_open(self, annotation: object) -> bool:
        """Whether a body of this type may have any keys, with any values."""
        if annotation is Any or annotation is object:
            return True
        if not self.writes_columns:
            return False
        origin = get_origin(annotation) or annotation
        return isinstance(origin, type) and issubclass(origin, Mapping)

    @property
    def writes_columns(self) -> bool:
        """Whether what arrives is written to the columns of a model by its name."""
        return issubclass(self.contract.owner, ModelService) and self.name in HOOKS

    @property
    def _is_routed(self) -> bool:
        """Whether the viewset answers the HTTP method of the action at all."""
        return any(method in self.viewset.http_method_names for method in self.methods)

    # Lists

    @property
    def _narrowing(self) -> Iterator[str]:
        """Name what of the viewset's own hides objects from some clients."""
        for name in ("get_queryset", "filter_queryset"):
            if overrides(self.viewset, name):
                yield f"{name}()"
        queryset = self._attribute("queryset")
        narrows = isinstance(queryset, QuerySet) and not shows_all(queryset)
        if isinstance(queryset, property) or narrows:
            yield "queryset"
        if overrides(self.viewset, "filter_backends") and self._attribute("filter_backends"):
            yield "filter_backends"

    def _refuse_lists_that_cannot_be_narrowed(self) -> None:
        """A list shows what ``retrieve`` finds."""
        narrowing = list(self._narrowing)
        if self.name != "list" or not narrowing or self.queryset_argument is not None:
            return
        if self.many and schema_in(self.item) is None:
            return
        raise ServiceDefinitionError(
            f"{self.where}: {self.contract.where}() returns no rows that the viewset's "
            f"{' or '.join(narrowing)} could narrow, so clients would see what they may not. "
            "Return a QuerySet, or give the method a parameter `queryset: QuerySet[...]`, which "
            "takes the rows that the client may see."
        )

    # DRF's hooks around writing

    def _refuse_hooks_without_work(self) -> None:
        """``perform_create()`` and the like take a serializer, or an object."""
        hook = HOOKS.get(self.name)
        if hook is None or not overrides(self.viewset, hook):
            return
        if hook == "perform_destroy":
            if not self._may_find_objects:
                raise ServiceDefinitionError(f"{self.where}: {NO_OBJECT}")
        elif not (self.data_argument or self._other_arguments or self.reads_by_serializer):
            raise ServiceDefinitionError(f"{self.where}: {NO_BODY.format(hook=hook)}")
