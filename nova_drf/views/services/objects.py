"""The rows and objects that a delegated action may touch: those that its client may see.

DRF guards an object where a view looks it up: ``get_queryset()``, ``filter_queryset()``,
``get_object()`` and the object permissions that the latter checks. A service must not come past
them, whichever of these a project has written and wherever it has put them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.permissions import (
    AND,
    NOT,
    OR,
    BasePermission,
    OperandHolder,
    SingleOperandHolder,
)

from nova_drf.core.concurrency import settled
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.steps import is_adapter
from nova_drf.services import ModelService, ServiceDefinitionError

_WITHOUT_KEY = (DataError, OverflowError, UnicodeEncodeError)
"""What databases raise of a text that can be the key of no row: with a NUL, too long, ..."""


# What of a viewset is the project's


def overrides(viewset: Any, name: str) -> bool:
    """Whether the project, rather than Django, DRF or we, defines an attribute of a viewset.

    Args:
        viewset: The class.
        name: A hook of DRF's, such as ``"get_queryset"``.
    """
    return _is_projects(viewset, name)


@cache
def _is_projects(viewset: Any, name: str) -> bool:
    for base in viewset.__mro__[:-1]:  # but object
        if name in vars(base) and not is_adapter(base):
            return is_users(base) and owner_of(base) is not Owner.DJANGO
    return False


def has_own(view: Any, name: str) -> bool:
    """Whether the project defines an attribute of a view: in its class, or on the object itself.

    Args:
        view: The view of one request.
        name: A hook of DRF's, such as ``"get_queryset"``.
    """
    return name in vars(view) or overrides(type(view), name)


def has_own_rows(view: Any) -> bool:
    """Whether a view says itself which rows there are, rather than leave it to its service."""
    return view.queryset is not None or has_own(view, "get_queryset")


def finds_objects(view: Any) -> bool:
    """Whether the ``get_object()`` of a view can find anything."""
    of_service = issubclass(view.service_class, ModelService)
    return of_service or has_own_rows(view) or has_own(view, "get_object")


# Objects


def found_object(view: Any, where: str) -> Any:
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


def refuse_unchecked(where: str, permissions: Iterable[Any], checks_itself: bool) -> None:
    """Refuse an action about an object that nobody can look up, where permissions guard objects.

    Args:
        where: How messages name the action.
        permissions: Permission classes, or objects of these.
        checks_itself: Whether the view has a ``check_object_permissions()`` of its own.

    Raises:
        ServiceDefinitionError: A permission would never be asked.
    """
    names = [_name(one) for one in permissions if guards_objects(one)]
    if checks_itself:
        names.append("check_object_permissions()")
    if names:
        raise ServiceDefinitionError(
            f"{where}: {', '.join(names)} would never be asked about an object, for nothing says "
            "which objects there are. Set `queryset`, or write get_queryset() or get_object()."
        )


def guards_objects(permission: Any) -> bool:
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
    cls: Any = permission if isinstance(permission, type) else type(permission)
    check = getattr(cls, "has_object_permission", None)
    return check is not None and check is not BasePermission.has_object_permission


def _name(permission: Any) -> str:
    cls = permission if isinstance(permission, type) else type(permission)
    return cls.__qualname__


def key_of(view: Any, instance: Any, argument: str, annotation: Any) -> Any:
    """Return the key with which a service may look the object of a request up again.

    That is what the URL says, unless ``get_object()`` found another object by it, as one does that
    knows what ``/users/me/`` means.

    Args:
        view: The view of a request for one object.
        instance: What ``get_object()`` found, or ``None``.
        argument: The name of the argument that takes the key.
        annotation: Its type.
    """
    kwargs: Mapping[str, Any] = view.kwargs
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


def _followed(instance: Any, lookup: str, default: Any) -> Any:
    """Return the value at the end of a lookup, such as ``author__slug``."""
    found = instance
    for name in lookup.split("__"):
        if not hasattr(found, name):
            return default
        found = getattr(found, name)
    return found


# Rows


def visible_queryset(view: Any) -> QuerySet[Any]:
    """Return the rows that a client may see: ``filter_queryset(get_queryset())`` of the view."""
    rows: QuerySet[Any] = settled(view.filter_queryset(settled(view.get_queryset())))
    return rows


def visible(view: Any, found: Any, *, all_of_model: bool = False) -> Any:
    """Return those of the rows that a service found which the view lets the client see.

    Args:
        view: The view of a request for several objects.
        found: A queryset, objects of a model, or something else, which comes back as it is.
        all_of_model: Whether ``found`` is nothing but all rows of the model, so that the view's own
            queryset says all.
    """
    if isinstance(found, QuerySet):
        return settled(view.filter_queryset(_own_rows(view, found, all_of_model)))
    if not (has_own_rows(view) or view.filter_backends or has_own(view, "filter_queryset")):
        return found
    items = list(found)
    models = {type(one) for one in items}
    if len(models) != 1 or not issubclass(model := models.pop(), Model):
        return items
    # All rows there are, for a service may have found some that the default manager leaves out.
    rows = _own_rows(view, model._base_manager.all(), all_of_model=True)
    if not _is_about(model, rows):
        return items
    keys = [one.pk for one in items]
    seen = set(settled(view.filter_queryset(rows)).filter(pk__in=keys).values_list("pk", flat=True))
    return [one for one in items if one.pk is None or one.pk in seen]  # unsaved ones are no rows


def _own_rows(view: Any, rows: QuerySet[Any], all_of_model: bool) -> QuerySet[Any]:
    """Return rows without those that the view's own queryset leaves out, if it is about such."""
    if not has_own_rows(view):
        return rows
    own = settled(view.get_queryset())
    if not isinstance(own, QuerySet):
        return rows.filter(pk__in=[one.pk for one in own])  # DRF takes any sequence of objects
    if not _is_about(rows.model, own):
        return rows
    if all_of_model:
        return own
    return rows if shows_all(own) else rows.filter(pk__in=own.values("pk"))


def _is_about(model: Any, own: QuerySet[Any]) -> bool:
    """Whether rows of a model can be among those of a queryset: keys are shared with parents."""
    mine, theirs = own.model._meta.concrete_model, model._meta.concrete_model
    return issubclass(mine, theirs) or issubclass(theirs, mine)


def shows_all(rows: QuerySet[Any]) -> bool:
    """Whether nothing narrows a queryset.

    Args:
        rows: The queryset; it is not evaluated.
    """
    query = rows.query
    return not (query.where or query.is_sliced or query.combinator or query.distinct)
