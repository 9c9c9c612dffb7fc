"""The async counterparts of a serializer's entry points: ``ais_valid``, ``asave`` and ``adata``.

They run the same code. What may ask the database runs in one worker thread as a whole, the rest on
the event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import override
from nova_drf.core.payload_size import fits_on_loop
from nova_drf.mapping.async_safety import (
    holds_only_data,
    overrides_representation,
    overrides_validation,
)
from nova_drf.serializers.async_hooks import (
    AsyncHooksMetaclass,
    arrange_hooks,
    has_async_hooks,
    refuse_on_loop,
    saves_as_drf,
)
from nova_drf.serializers.saving import SavingMixin, written

if TYPE_CHECKING:
    _Base = BaseSerializer[Any]
    _ListBase = ListSerializer[Any]
else:
    _Base = _ListBase = object


class AsyncSerializerMixin(SavingMixin, _Base, metaclass=AsyncHooksMetaclass):
    """Adds async entry points to a serializer, whose hooks may be ``async def``."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        arrange_hooks(cls)

    @property
    def validation_is_async_safe(self) -> bool:
        """Whether ``is_valid()`` cannot touch the database."""
        return False

    @property
    def representation_is_async_safe(self) -> bool:
        """Whether reading ``data`` cannot touch the database."""
        return False

    async def ais_valid(self, *, raise_exception: bool = False) -> bool:
        """Like ``is_valid()``; in a worker thread where the database may be asked, or much is sent.

        On the event loop no more is validated than ``NOVA_DRF["VALUES_ON_LOOP"]`` allows.

        Args:
            raise_exception: Whether to raise what ``errors`` holds.

        Raises:
            rest_framework.exceptions.ValidationError: The input is not valid, and
                ``raise_exception`` is true.
        """
        if iscoroutinefunction(self.is_valid):
            return bool(await self.is_valid(raise_exception=raise_exception))
        if hasattr(self, "_validated_data") or self._validates_on_loop:
            return self.is_valid(raise_exception=raise_exception)
        return await sync_to_async(self.is_valid)(raise_exception=raise_exception)

    @property
    def _validates_on_loop(self) -> bool:
        return self.validation_is_async_safe and fits_on_loop(getattr(self, "initial_data", None))

    @property
    def adata(self) -> Awaitable[Any]:
        """``await serializer.adata``: what ``data`` is, read without blocking the event loop.

        On it no more is printed than ``NOVA_DRF["VALUES_ON_LOOP"]`` allows.
        """
        return self._adata()

    async def _adata(self) -> object:
        # First the size, so that no more than that is looked at.
        is_small = fits_on_loop(object_to_print(self))
        if hasattr(self, "_data") or (is_small and self.representation_is_async_safe):
            return self.data
        return await sync_to_async(lambda: self.data)()

    async def acreate(self, validated_data: Any) -> Any:
        """Create the object; override it to write with Django's async ORM."""
        return await _called(type(self).create, self, validated_data)

    async def aupdate(self, instance: Any, validated_data: Any) -> Any:
        """Update the object; override it to write with Django's async ORM."""
        return await _called(type(self).update, self, instance, validated_data)

    async def asave(self, **kwargs: Any) -> Any:
        """Like ``save()``, calling :meth:`acreate` or :meth:`aupdate`.

        Args:
            kwargs: Further values to write, as for ``save()``.

        Raises:
            AssertionError: As from ``save()``: before validation, with invalid data, ...
        """
        if iscoroutinefunction(self.save):
            return await self.save(**kwargs)
        if not self.writes_async:
            return await sync_to_async(self.save)(**kwargs)
        if not saves_as_drf(type(self)):
            return await sync_to_async(self._save_with_async_writes)(**kwargs)
        recorder = _SaveRecorder(self)
        # DRF's own ``save`` makes all its checks; only the writing is put off.
        save: Any = ListSerializer.save if isinstance(self, ListSerializer) else BaseSerializer.save
        save(recorder, **kwargs)
        recorder.saved = await written(self, recorder.write)
        # Once more, so that DRF looks at what was saved.
        self.instance = save(recorder, **kwargs)
        return self.instance

    @property
    def writes_async(self) -> bool:
        """Whether a subclass has its own :meth:`acreate` or :meth:`aupdate`."""
        cls = type(self)
        return (
            cls.acreate not in _OWN_WRITES
            or cls.aupdate not in _OWN_WRITES
            or iscoroutinefunction(cls.create)
            or iscoroutinefunction(cls.update)
        )

    def _save_with_async_writes(self, **kwargs: object) -> object:
        """Run the user's ``save()``; in it, ``create()`` and ``update()`` call the async ones."""
        with self._replaced("create", self.acreate), self._replaced("update", self.aupdate):
            return self.save(**kwargs)

    @contextmanager
    def _replaced(self, name: str, method: Callable[..., Awaitable[Any]]) -> Iterator[None]:
        vars(self)[name] = async_to_sync(method)
        try:
            yield
        finally:
            del vars(self)[name]


class AsyncListSerializerMixin(AsyncSerializerMixin, _ListBase):
    """Adds async entry points to a list serializer; they reach those of its child."""

    _validated_schema: list[Any] | None = None

    @property
    def _standard(self) -> type[BaseSerializer[Any]]:
        """The class whose methods run none of the user's code."""
        return ListSerializer

    @property
    def validated_schema(self) -> list[Any]:
        """The validated items as instances of the schema, where the items have one.

        Raises:
            AssertionError: ``is_valid()`` was not called, or found errors (as DRF's
                ``validated_data`` does).
        """
        child: Any = self.child
        validated_items = child.validated_items
        self.validated_data  # noqa: B018  (DRF's own assertion and its words)
        if self.errors:
            raise AssertionError("You cannot access `.validated_schema` of invalid data.")
        items = self._validated_schema
        if items is None:
            items = self._validated_schema = validated_items()
        return items

    @property
    def avalidated_schema(self) -> Awaitable[list[Any]]:
        """``await serializer.avalidated_schema``: what ``validated_schema`` is."""
        return sync_to_async(lambda: self.validated_schema)()

    @property
    def validation_is_async_safe(self) -> bool:
        """Whether ``is_valid()`` cannot touch the database: nothing but the child checks."""
        if self.validators or overrides_validation(type(self), self._standard):
            return False
        return getattr(self.child, "validation_is_async_safe", False)

    @property
    def representation_is_async_safe(self) -> bool:
        """Whether reading ``data`` cannot touch the database: a list of data, printed as such."""
        if overrides_representation(type(self), self._standard):
            return False
        return getattr(self.child, "output_is_async_safe", False) and holds_only_data(
            object_to_print(self)
        )

    @property
    def writes_async(self) -> bool:
        """Whether a subclass, or the child, has its own :meth:`acreate` or :meth:`aupdate`."""
        return super().writes_async or self._child_writes

    @property
    def _child_writes(self) -> bool:
        if override(type(self), "create") is not None:
            return False
        return bool(getattr(self.child, "writes_async", False))

    async def acreate(self, validated_data: Any) -> Any:
        """Create the objects, each with the child's ``acreate`` if it has one of its own."""
        if not self._child_writes:
            return await super().acreate(validated_data)
        child: Any = self.child
        return [await child.acreate(attributes) for attributes in validated_data]


class AsyncListSerializer(AsyncListSerializerMixin, ListSerializer[Any]):
    """DRF's list serializer with async entry points."""

    def run_child_validation(self, data: Any) -> Any:
        # Not in to_internal_value: DRF counts the frames above it, to warn of who called is_valid.
        if has_async_hooks(type(self.child), "is_valid"):
            refuse_on_loop(self.child, "is_valid")
        return super().run_child_validation(data)

    def to_representation(self, data: Any) -> Any:
        if has_async_hooks(type(self.child), "data"):
            refuse_on_loop(self.child, "data")
        return super().to_representation(data)


_OWN_WRITES = (
    AsyncSerializerMixin.acreate,
    AsyncSerializerMixin.aupdate,
    AsyncListSerializerMixin.acreate,
)


_LIST_CLASS = "_nova_drf_list_class"


@cache
def with_async_methods(cls: type[ListSerializer[Any]]) -> type[ListSerializer[Any]]:
    """Return a list serializer class with async entry points: itself, or a subclass of its name.

    Args:
        cls: ``Meta.list_serializer_class``, often written long before there was anything async.
    """
    if issubclass(cls, AsyncListSerializerMixin):
        return cls
    body = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    return type(cls.__name__, (AsyncListSerializerMixin, cls), {**body, _LIST_CLASS: cls})


def list_class_of(cls: type) -> type | None:
    """Return the list serializer class of which another one was made by adding async methods.

    Args:
        cls: A class of lists.
    """
    return vars(cls).get(_LIST_CLASS)


def object_to_print(serializer: Any) -> object:
    """Return what ``data`` prints, without a look at it."""
    if serializer.instance is not None:
        return serializer.instance
    return getattr(serializer, "_validated_data", None)


async def _called(method: Callable[..., object], *arguments: object) -> object:
    if iscoroutinefunction(method):
        return await method(*arguments)
    return await sync_to_async(method)(*arguments)


class _SaveRecorder:
    """Stands in for a serializer in DRF's ``save()`` and notes what it would write."""

    def __init__(self, serializer: Any) -> None:
        self._serializer = serializer
        self._call: tuple[Any, ...] = ()
        self.instance = self._before = serializer.instance
        self.saved: Any = self

    def __getattr__(self, name: str) -> object:
        return getattr(self._serializer, name)

    def create(self, validated_data: Any) -> Any:
        self._call = (self._serializer.acreate, validated_data)
        return self.saved

    def update(self, instance: Any, validated_data: Any) -> Any:
        self._call = (self._serializer.aupdate, instance, validated_data)
        return self.saved

    async def write(self) -> Any:
        self.instance = self._before
        method, *arguments = self._call
        return await method(*arguments)
