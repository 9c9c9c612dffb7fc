"""``ModelService``: list, retrieve, create, update and delete over a queryset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar, Generic, ParamSpec

from asgiref.sync import sync_to_async
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, connections
from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from typing_extensions import TypeVar

from nova_drf.core.concurrency import awaited, is_awaited
from nova_drf.queries import quick_instances
from nova_drf.services.attributes import attributes_of, may_be_stored, schemas_in, values_of
from nova_drf.services.base import AnyService, C, Service, contract_of
from nova_drf.services.errors import NotFound, ServiceDefinitionError
from nova_drf.services.saving import remember, save
from nova_drf.services.signatures import Method, substituted, type_arguments
from nova_drf.services.transactions import atomic

M = TypeVar("M", bound=Model)
CreateData = TypeVar("CreateData", default=Any)
UpdateData = TypeVar("UpdateData", default=CreateData)
P = ParamSpec("P")
R = TypeVar("R")
_MODEL: Any = M
"""The variable itself: to a type checker a type variable is only a type."""

_OPERATIONS = ("list", "retrieve", "create", "update", "delete")


class ModelService(Service[C], Generic[M, CreateData, UpdateData, C]):
    """The everyday operations over one model's objects.

    >>> class BookService(ModelService[Book, NewBook, BookChanges]):
    ...     queryset = Book.objects.select_related("author")
    >>> books = BookService(context)
    >>> book = books.create(NewBook(title="Emma", price=Decimal("9.90")))
    >>> await books.aupdate(book.pk, BookChanges(price=Decimal("8.90")))

    The type arguments are the model, what ``create`` takes, what ``update`` takes (the same, when
    left out) and the context. Each operation may be replaced. The awaitable ones run the others in
    Django's thread, so that ``acreate`` follows a ``create`` of your own, and not the other way
    round. A viewset calls whichever of the two your class has written itself.

    Follows:
        ``rest_framework.mixins``, the five operations.

    Attributes:
        model: The model; it follows from the type argument or from ``queryset``.
        queryset: Which objects there are; all of the model's when left out.
    """

    model: ClassVar[type[Any]]
    queryset: ClassVar[QuerySet[Any] | None] = None
    _hooks = Service._hooks | {"get_queryset", "get_object", "get_values", "save", "adding"}
    _async_operations: ClassVar[frozenset[str]] = frozenset(f"a{name}" for name in _OPERATIONS)
    """No actions: the operations that they call validate."""
    _added: Mapping[str, object] = {}
    """What :meth:`adding` adds to the next object that is written."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in cls.__dict__:
            return
        model = substituted(_MODEL, type_arguments(cls))
        if isinstance(model, type) and issubclass(model, Model):
            cls.model = model
        elif cls.queryset is not None:
            cls.model = cls.queryset.model

    # What subclasses adapt

    def get_queryset(self) -> QuerySet[M]:
        """Return the objects that this caller may see.

        Raises:
            ServiceDefinitionError: The class says neither ``model`` nor ``queryset``.
        """
        if self.queryset is not None:
            return self.queryset.all()
        if not hasattr(self, "model"):
            raise ServiceDefinitionError(
                f"{type(self).__qualname__}: no model. Write ModelService[YourModel], or set "
                "queryset."
            )
        return self.model._default_manager.all()  # type: ignore[no-any-return]  # of the model that `M` stands for

    def get_object(self, pk: Any, *, lock: bool = False) -> M:
        """Return one object that this caller may see.

        Args:
            pk: Its primary key; or the object itself, which comes back as it is: whoever has it has
                looked it up already, as the ``get_object()`` of a viewset does.
            lock: Whether to lock its row until the transaction ends (``SELECT ... FOR UPDATE``);
                the object is read anew then.

        Raises:
            NotFound: There is none, or ``pk`` cannot be a key of this model.
        """
        if isinstance(pk, Model):
            if not lock:
                return remember(pk)  # type: ignore[return-value]  # an object of this model
            pk = pk.pk
        queryset = quick_instances(self.get_queryset())
        if lock:
            queryset = queryset.select_for_update(of=_lockable(queryset))
        if not may_be_stored(pk):
            raise NotFound()
        try:
            return remember(queryset.get(pk=pk))
        except ObjectDoesNotExist as error:
            # Django's own sentence, as ``get_object_or_404`` has it.
            name = queryset.model._meta.object_name
            raise NotFound(gettext("No %s matches the given query.") % name) from error
        except (ValidationError, TypeError, ValueError, OverflowError, DataError) as error:
            raise NotFound() from error

    def get_values(self, data: Any, *, only_given: bool) -> dict[str, Any]:
        """Return the attributes to write.

        Args:
            data: What ``create`` or ``update`` got.
            only_given: Whether defaults stay out: true for an update.
        """
        declared = _declared(type(self), "update" if only_given else "create")
        values = values_of(data, only_given=only_given, declared=declared)
        if not isinstance(data, Mapping):
            return SchemaValues(values)
        return values

    def save(self, instance: M, values: dict[str, Any]) -> M:
        """Set and check the attributes, and write the object and its many-to-many relations.

        Of an object that exists, only these columns are written and checked, and those that have
        changed since :meth:`get_object` read it: by a property, a signal, or the model's own
        ``clean()`` and ``save()``; and columns with ``auto_now``.

        Args:
            instance: New, or from :meth:`get_object`.
            values: By attribute. What the data types of ``create`` and ``update`` do not name
                must be columns, and not the primary key.

        Raises:
            django.core.exceptions.ValidationError: The model's own rules refuse a value.
            NotFound: The object has been deleted meanwhile.
            ServiceDefinitionError: An attribute is no column, and no schema names it.
        """
        named = _named(type(self))  # type: ignore[arg-type]  # mypy takes a class for its instances
        if isinstance(values, SchemaValues):
            named = named.union(values)
        return save(instance, values, named=named)

    @contextmanager
    def adding(self, **values: object) -> Iterator[None]:
        """Let what is written in a block get values of the program's own beside the caller's data.

        >>> with orders.adding(owner=request.user):
        ...     order = orders.create(data)

        Args:
            values: By attribute of the model. They win over what the data says.

        Raises:
            ServiceDefinitionError: Nothing in the block wrote them.
        """
        self._added = values
        try:
            yield
            if self._added:
                raise ServiceDefinitionError(
                    f"{type(self).__qualname__}: {', '.join(values)} were to be written as well, "
                    "but neither ModelService.create() nor update() was called. Call super()."
                )
        finally:
            self._added = {}

    def _values(self, data: object, *, only_given: bool) -> dict[str, Any]:
        values = self.get_values(data, only_given=only_given)
        values.update(self._added)
        self._added = {}
        return values

    # The operations

    def list(self) -> QuerySet[M]:
        """Return the objects that this caller may see; lazily, so that callers filter and page."""
        return quick_instances(self.get_queryset())

    async def alist(self) -> QuerySet[M]:
        """Do the same from async code."""
        return await _awaited(self.list)

    def retrieve(self, pk: Any) -> M:
        """Return one object.

        Raises:
            NotFound: There is none.
        """
        return self.get_object(pk)

    async def aretrieve(self, pk: Any) -> M:
        """Do the same from async code."""
        return await _awaited(self.retrieve, pk)

    @atomic
    def create(self, data: CreateData) -> M:
        """Write a new object and return it.

        Raises:
            AlreadyExists: A unique column has this value already.
            django.core.exceptions.ValidationError: The model's own rules refuse a value.
        """
        return self.save(remember(self.model()), self._values(data, only_given=False))

    async def acreate(self, data: CreateData) -> M:
        """Do the same from async code."""
        return await _awaited(self.create, data)

    @atomic
    def update(self, pk: Any, data: UpdateData) -> M:
        """Write what ``data`` was given explicitly, leave the rest, and return the object.

        Columns that were not given are not written, so that two who change different ones at
        once both succeed.

        Raises:
            NotFound: There is none.
            AlreadyExists: A unique column has this value already.
            django.core.exceptions.ValidationError: The model's own rules refuse a value.
        """
        return self.save(remember(self.get_object(pk)), self._values(data, only_given=True))

    async def aupdate(self, pk: Any, data: UpdateData) -> M:
        """Do the same from async code."""
        return await _awaited(self.update, pk, data)

    @atomic
    def delete(self, pk: Any) -> None:
        """Delete one object.

        Raises:
            NotFound: There is none.
            StillReferenced: Other objects depend on it.
        """
        self.get_object(pk).delete()

    async def adelete(self, pk: Any) -> None:
        """Do the same from async code."""
        await _awaited(self.delete, pk)


async def _awaited(operation: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run an operation in Django's thread, or await it where a subclass wrote an ``async def``."""
    if is_awaited(operation):
        result: R = await awaited(operation(*args, **kwargs))
        return result
    return await sync_to_async(operation)(*args, **kwargs)


def operation_of(service: type[AnyService], name: str) -> Method:
    """Return the method that a viewset calls under the name of an action.

    For an operation of :class:`ModelService` that is ``create`` or ``acreate``: the one that a
    subclass has written, and if both are written, the one of the more derived class.

    Args:
        service: The class.
        name: The name of an action, such as ``"create"``.
    """
    operation = name.removeprefix("a")
    if issubclass(service, ModelService) and operation in _OPERATIONS:
        for base in service.__mro__:
            for candidate in (operation, f"a{operation}"):
                if candidate in vars(base):
                    return _method(service, candidate)
    return _method(service, name)


def _method(service: type[AnyService], name: str) -> Method:
    method: Method = getattr(service, name)
    return method


class SchemaValues(dict[str, Any]):
    """Attributes that a schema names, each of them."""


@cache
def _named(service: type[AnyService]) -> frozenset[str]:
    """Return the attributes that the data types of a service's operations name."""
    declared = (*_declared(service, "create"), *_declared(service, "update"))
    schemas = [schema for annotation in declared for schema in schemas_in(annotation)]
    return frozenset(name for schema in schemas for name in attributes_of(schema).values())


def _declared(service: type[AnyService], operation: str) -> tuple[object, ...]:
    """Return the annotations of an operation's arguments."""
    hints = contract_of(operation_of(service, operation)).hints
    return tuple(hint for name, hint in hints.items() if name != "return")


def _lockable(queryset: QuerySet[Model]) -> tuple[str, ...]:
    """Return the tables to lock: only the object's own, since an outer join cannot be locked.

    MariaDB locks all of them, and can only do that.
    """
    can_choose = connections[queryset.db].features.has_select_for_update_of
    return ("self",) if queryset.query.select_related and can_choose else ()
