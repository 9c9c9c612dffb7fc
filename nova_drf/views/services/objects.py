"""The objects that a delegated action may reach: those that its client may see.

DRF guards an object where a view looks it up: ``get_queryset()``, ``filter_queryset()``,
``get_object()`` and the object permissions that the latter checks. A service must not come past
them, whichever of these a project has written and wherever it has put them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller
from typing import Any, Protocol

from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import (
    AND,
    NOT,
    OR,
    BasePermission,
    OperandHolder,
    SingleOperandHolder,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from nova_drf.core.class_caches import kept_with_class
from nova_drf.core.concurrency import settled
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, definer_in, home_of, owner_of
from nova_drf.core.steps import is_adapter
from nova_drf.services import ModelService, ServiceDefinitionError
from nova_drf.services.base import AnyService


class ServiceView(Protocol):
    """What delegated actions ask of the view of one request: a ``ServiceViewSet``."""

    request: Request
    kwargs: Mapping[str, Any]
    queryset: QuerySet[Model] | None
    filter_backends: Sequence[type[BaseFilterBackend]]
    lookup_field: str
    lookup_url_kwarg: str | None
    service_class: type[AnyService]
    service_actions: Mapping[str, Any]
    service_call: object
    prints_result: bool

    def get_service(self) -> AnyService: ...
    def get_permissions(self) -> Sequence[object]: ...
    def get_object(self) -> object: ...
    def get_queryset(self) -> QuerySet[Model]: ...
    def filter_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]: ...
    def paginate_queryset(self, queryset: object) -> list[object] | None: ...
    def get_paginated_response(self, data: object) -> Response: ...
    def get_serializer(self, *args: object, **kwargs: object) -> BaseSerializer[Any]: ...
    def get_serializer_context(self) -> dict[str, Any]: ...
    def get_success_headers(self, data: object) -> dict[str, str]: ...
    def perform_destroy(self, instance: object) -> object: ...


_WITHOUT_KEY = (DataError, OverflowError, UnicodeEncodeError)
"""What databases raise of a text that can be no key: with a NUL, too long, ..."""


# What of a viewset is the project's


def overrides(viewset: type, name: str) -> bool:
    """Whether the project, rather than Django, DRF or we, defines an attribute of a viewset.

    Args:
        viewset: The class.
        name: A hook of DRF's, such as ``"get_queryset"``.
    """
    if name in vars(viewset) and is_users(viewset):
        return True
    return _inherited(viewset, name).is_projects()


class _Inherited:
    """Where the bases of a viewset define one of its attributes.

    Args:
        viewset: The viewset class.
        name: The attribute.
        behind: A class in the order of the viewset, if only those after it count.
    """

    def __init__(self, viewset: type, name: str, behind: type | None = None) -> None:
        order = viewset.__mro__
        after = 1 if behind is None else order.index(behind) + 1
        self._name = name
        self._order = [base for base in order[after:] if not _passes_on(base, name)]
        self._value_in = methodcaller("get", name)
        self._bodies = [*map(vars, self._order)]
        self._values: list[object] | None = None
        self._is_projects = False

    def is_projects(self) -> bool:
        """Whether it is the project's now; a test may give a class another."""
        values = [*map(self._value_in, self._bodies)]
        if values != self._values:
            self._is_projects = self._look()
            self._values = values
        return self._is_projects

    def _look(self) -> bool:
        definer = definer_in(self._order, self._name)
        if definer is None or owner_of(definer) is Owner.DJANGO:
            return False
        # Somebody may have put another function in the place of DRF's.
        return is_users(definer) or owner_of(vars(definer)[self._name]) is Owner.PROJECT


_inherited = kept_with_class(_Inherited)


def _passes_on(base: type, name: str) -> bool:
    """Whether a class only calls what the next one in the order has under a name."""
    return is_adapter(base) or (home_of(base) is Owner.NOVA and name not in _ANSWERED_HERE)


_ANSWERED_HERE = ("perform_create", "perform_update", "perform_destroy")
"""What our viewsets do themselves, as DRF's mixins do, which stand in front of a base as well."""


def overrides_behind(viewset: type, cls: type, name: str) -> bool:
    """Whether the project defines an attribute of a viewset in a base behind a class of ours.

    Args:
        viewset: The viewset class.
        cls: The class of ours, one of its bases.
        name: A hook of DRF's, such as ``"get_queryset"``.
    """
    return _inherited(viewset, name, cls).is_projects()


def has_own(view: ServiceView, name: str) -> bool:
    """Whether the project defines an attribute of a view: in its class, or on the object itself.

    Args:
        view: The view of one request.
        name: A hook of DRF's, such as ``"get_queryset"``.
    """
    return name in vars(view) or overrides(type(view), name)


def has_own_queryset(view: ServiceView) -> bool:
    """Whether a view says itself which objects there are, rather than leave it to its service."""
    return view.queryset is not None or has_own(view, "get_queryset")


def finds_objects(view: ServiceView) -> bool:
    """Whether the ``get_object()`` of a view can find anything."""
    of_service = issubclass(view.service_class, ModelService)
    return of_service or has_own_queryset(view) or has_own(view, "get_object")


# Objects


def object_of(view: ServiceView, where: str) -> object:
    """Return the object that a request is about, as DRF would: looked up, filtered and checked.

    Args:
        view: The view of a request for one object.
        where: How messages name the action.

    Returns:
        The object; ``None`` where neither the view nor its service says which objects there are.

    Raises:
        Http404: There is none, or not for this client.
        ServiceDefinitionError: No object can be found, but object permissions ask for one.
    """
    if not finds_objects(view):
        refuse_unchecked(where, view.get_permissions(), has_own(view, "check_object_permissions"))
        return None
    try:
        return settled(view.get_object())
    except _WITHOUT_KEY as error:
        raise Http404 from error


def refuse_unchecked(where: str, permissions: Iterable[object], checks_itself: bool) -> None:
    """Refuse an action about an object that nobody can look up, where permissions guard objects.

    Args:
        where: How messages name the action.
        permissions: Permission classes, or objects of these.
        checks_itself: Whether the view has a ``check_object_permissions()`` of its own.

    Raises:
        ServiceDefinitionError: A permission would never be asked.
    """
    names = [_name(permission) for permission in permissions if guards_objects(permission)]
    if checks_itself:
        names.append("check_object_permissions()")
    if names:
        raise ServiceDefinitionError(
            f"{where}: {', '.join(names)} would never be asked about an object, because nothing "
            "says which objects there are. Set `queryset`, or write get_queryset() or get_object()."
        )


def guards_objects(permission: object) -> bool:
    """Whether a permission has a say about single objects.

    Args:
        permission: A permission class, an object of one, or either of them composed with ``&``,
            ``|`` and ``~``.
    """
    if isinstance(permission, (SingleOperandHolder, NOT)):
        # The opposite of DRF's own "yes, to any object" is "no, to none".
        return True
    if isinstance(permission, OperandHolder):
        return guards_objects(permission.op1_class) or guards_objects(permission.op2_class)
    if isinstance(permission, (AND, OR)):
        return any(map(guards_objects, vars(permission).values()))
    if "has_object_permission" in vars(permission):
        return True
    cls: type = permission if isinstance(permission, type) else type(permission)
    check = getattr(cls, "has_object_permission", None)
    return check is not None and check is not BasePermission.has_object_permission


def _name(permission: object) -> str:
    cls = permission if isinstance(permission, type) else type(permission)
    return cls.__qualname__


def key_of(view: ServiceView, instance: object, argument: str, annotation: object) -> object:
    """Return the key with which a service may look the object of a request up again.

    That is what the URL says, unless ``get_object()`` found another object by it, as one does that
    knows what ``/users/me/`` means.

    Args:
        view: The view of a request for one object.
        instance: What ``get_object()`` found, or ``None``.
        argument: The name of the argument that takes the key.
        annotation: Its type.
    """
    kwargs: Mapping[str, object] = view.kwargs
    variable = view.lookup_url_kwarg or view.lookup_field
    if argument in kwargs and argument != variable:
        return kwargs[argument]  # the URL names it as well
    sent = kwargs.get(variable)
    if instance is None:
        return sent
    column = "pk" if argument in ("pk", "id") else view.lookup_field
    value = _followed(instance, column, sent)
    if sent is not None and str(value) == str(sent):
        return sent
    return str(value) if annotation is str else value


def _followed(instance: object, lookup: str, default: object) -> object:
    """Return the value at the end of a lookup, such as ``author__slug``."""
    value = instance
    for name in lookup.split("__"):
        if not hasattr(value, name):
            return default
        value = getattr(value, name)
    return value


# Several objects


def visible_queryset(view: ServiceView) -> QuerySet[Model]:
    """Return the objects that a client may see: ``filter_queryset(get_queryset())`` of the view."""
    queryset: QuerySet[Model] = settled(view.filter_queryset(settled(view.get_queryset())))
    return queryset


def visible_objects(view: ServiceView, result: Any, *, all_of_model: bool = False) -> Any:
    """Return those of the objects that a service returned which the view lets the client see.

    Args:
        view: The view of a request for several objects.
        result: A queryset, objects of a model, or something else, which comes back as it is.
        all_of_model: Whether ``result`` is nothing but all objects of the model, so that the
            view's own queryset says all.
    """
    if isinstance(result, QuerySet):
        return settled(view.filter_queryset(_in_own_queryset(view, result, all_of_model)))
    if not (has_own_queryset(view) or view.filter_backends or has_own(view, "filter_queryset")):
        return result
    items: list[Any] = list(result)
    models = {type(item) for item in items}
    if len(models) != 1 or not issubclass(model := models.pop(), Model):
        return items
    # All there are, for a service may have found some that the default manager leaves out.
    queryset = _in_own_queryset(view, model._base_manager.all(), all_of_model=True)
    if not _is_about(model, queryset):
        return items
    keys = [item.pk for item in items]
    filtered = settled(view.filter_queryset(queryset)).filter(pk__in=keys)
    visible = set(filtered.values_list("pk", flat=True))
    return [item for item in items if item.pk is None or item.pk in visible]  # unsaved ones stay


def _in_own_queryset(
    view: ServiceView, queryset: QuerySet[Model], all_of_model: bool
) -> QuerySet[Model]:
    """Return a queryset without what the view's own queryset leaves out, if it is about such."""
    if not has_own_queryset(view):
        return queryset
    own: Any = settled(view.get_queryset())
    if not isinstance(own, QuerySet):
        # DRF takes any sequence of objects.
        return queryset.filter(pk__in=[item.pk for item in own])
    if not _is_about(queryset.model, own):
        return queryset
    if all_of_model:
        return own
    return queryset if shows_all(own) else queryset.filter(pk__in=own.values("pk"))


def _is_about(model: type[Model], own: QuerySet[Model]) -> bool:
    """Whether objects of a model can be among those of a queryset: keys are shared with parents."""
    mine: Any = own.model._meta.concrete_model
    theirs: Any = model._meta.concrete_model
    return issubclass(mine, theirs) or issubclass(theirs, mine)


def shows_all(queryset: QuerySet[Model]) -> bool:
    """Whether nothing narrows a queryset.

    Args:
        queryset: The queryset; it is not evaluated.
    """
    query = queryset.query
    return not (query.where or query.is_sliced or query.combinator or query.distinct)
