"""Instances of models, made straight from the rows of a query.

Django makes an instance by its ``__init__``, which sends two signals, and sets one attribute after
the other. Where all of that only stores values, they are stored at once. Every instance is as
Django makes it: its ``__dict__``, its ``_state`` and the relations that it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet, base
from django.db.models.base import ModelState
from django.db.models.fields.files import FileDescriptor, ImageFileDescriptor
from django.db.models.fields.mixins import FieldCacheMixin
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import ModelIterable
from django.db.models.signals import post_init, pre_init

from nova_drf.core.compat import (
    SelectedModel,
    from_db_of,
    instance_state,
    instances_know_peers,
    leaves_deferred_keys,
    select_rows,
)
from nova_drf.core.compat.querysets import (
    give_by,
    has_results,
    iterable_of,
    known_related_objects,
)
from nova_drf.core.ownership import definer_in, is_written_in

if TYPE_CHECKING:
    _Iterable = ModelIterable[Any]
else:
    _Iterable = ModelIterable

Q = TypeVar("Q", bound=QuerySet[Any, Any])
Row = Sequence[Any]
Make = Callable[[Row], Any]
Finish = Callable[[Row, Any], None]

_INIT, _FROM_DB = Model.__init__, vars(Model)["from_db"].__func__
_IS_DJANGOS = is_written_in(_INIT, base) and is_written_in(_FROM_DB, base)
"""Whether nobody had put something else in their place when this was imported."""

_IS_CACHED, _SETS_KEY = FieldCacheMixin.is_cached, ForeignKeyDeferredAttribute.__set__
_STORING = (_SETS_KEY, FileDescriptor.__set__, ImageFileDescriptor.__set__)
"""The descriptors that only store the first value of a new instance."""


def quick_instances(queryset: Q) -> Q:
    """Return a queryset of the same rows, which makes its instances quickly.

    Django makes the instances of models that customise this: with their own ``__init__``,
    ``__new__`` or ``from_db``, with a receiver of ``pre_init`` or ``post_init``, or with a field
    whose descriptor looks at what is assigned. The same is true for querysets that do not return
    instances.

    >>> for book in quick_instances(Book.objects.select_related("author")):
    ...     print(book.title, book.author.name)

    Follows:
        ``django.db.models.Model.from_db``.

    Args:
        queryset: A queryset; one that has its results already is returned as it is. So is
            whatever else a view's ``get_queryset()`` may return.
    """
    if iterable_of(queryset) is not ModelIterable or has_results(queryset):
        return queryset
    clone = queryset.all()
    give_by(clone, QuickIterable)
    return clone


class QuickIterable(_Iterable):
    """Django's ``ModelIterable``, which makes instances quickly where they will be the same."""

    def __iter__(self) -> Iterator[Any]:
        """Run the query, and yield the instances."""
        queryset = self.queryset
        if instances_know_peers(queryset) or not is_made_by_django(queryset.model):
            return super().__iter__()
        return self._instances()

    def _instances(self) -> Iterator[Any]:
        queryset = self.queryset
        selected = select_rows(queryset, self.chunked_fetch, self.chunk_size)
        make = _maker(selected.model, queryset)
        steps = [
            step
            for step in (_annotator(selected.annotations), _known_objects_setter(queryset))
            if step is not None
        ]
        if not steps:
            yield from map(make, selected.rows)
            return
        for row in selected.rows:
            instance = make(row)
            for step in steps:
                step(row, instance)
            yield instance


def _annotator(annotations: Mapping[str, int]) -> Finish | None:
    """Return what sets the attributes that the query adds."""
    if not annotations:
        return None

    def annotate(row: Row, instance: object) -> None:
        for name, place in annotations.items():
            setattr(instance, name, row[place])

    return annotate


def _known_objects_setter(queryset: Any) -> Finish | None:
    """Return what sets the objects whose related objects are asked for, as in ``author.books``."""
    known = [
        (field, objects, _key_names(queryset.model, field))
        for field, objects in known_related_objects(queryset).items()
    ]
    if not known:
        return None
    leaves_deferred = leaves_deferred_keys()

    def set_known(row: Row, instance: object) -> None:
        for field, objects, names in known:
            if field.is_cached(instance):
                continue
            if leaves_deferred and any(name not in instance.__dict__ for name in names):
                continue
            key = attrgetter(*names)(instance)
            # It may be missing from querysets that are two in one.
            if key in objects:
                setattr(instance, field.name, objects[key])

    return set_known


def _key_names(model: Any, field: Any) -> list[str]:
    meta = model._meta
    return [
        field.attname if name == "self" else meta.get_field(name).attname
        for name in field.from_fields
    ]


# One instance


def _maker(selected: SelectedModel, queryset: Any) -> Make:
    """Return what makes an instance of a row, and those that ``select_related()`` asks for."""
    keys = foreign_keys(selected.model, selected.names)
    if keys is None or not is_made_by_django(selected.model):
        make = _djangos_maker(selected, queryset)
    else:
        make = _plain_maker(selected, keys, *instance_state(queryset))
    setters = [_related_setter(related, queryset) for related in selected.related]
    return _with_related(make, setters) if setters else make


def _djangos_maker(selected: SelectedModel, queryset: Any) -> Make:
    from_db = from_db_of(selected.model, queryset)
    database, names, values = queryset.db, selected.names, selected.values
    return lambda row: from_db(database, names, values(row))


def _plain_maker(
    selected: SelectedModel,
    keys: tuple[int, ...],
    database: str,
    more_state: dict[str, object],
) -> Make:
    new: Any = partial(object.__new__, selected.model)
    new_state: Any = ModelState
    values, names = selected.values, ("_state", *selected.names)

    def make(row: Row) -> Any:
        attributes = values(row)
        state = new_state()
        for place in keys:
            if attributes[place] is not None:
                # Django looks for a related object of another key.
                state.fields_cache = {}
                break
        state.adding = False
        state.db = database
        for name, value in more_state.items():
            setattr(state, name, value)
        instance = new()
        instance.__dict__.update(zip(names, (state, *attributes)))  # noqa: B905  # takes its time
        return instance

    return make


def _with_related(make: Make, setters: Sequence[Finish]) -> Make:
    def make_with_related(row: Row) -> Any:
        instance = make(row)
        for set_related in setters:
            set_related(row, instance)
        return instance

    return make_with_related


def _related_setter(selected: SelectedModel, queryset: object) -> Finish:
    """Return what sets one related instance, as Django's ``RelatedPopulator`` does."""
    make, values, key = _maker(selected, queryset), selected.values, selected.key
    set_local, set_remote = selected.set_local, selected.set_remote
    assert set_local is not None and set_remote is not None  # noqa: S101, PT018  # for type checkers

    def set_related(row: Row, instance: object) -> None:
        related = None if values(row)[key] is None else make(row)
        set_local(instance, related)
        if related is not None:
            set_remote(related, instance)

    return set_related


# Another one


def another(instance: Any, copies: dict[int, Any] | None = None) -> Any:
    """Return an instance as if its row had been read once more, with the objects that it holds.

    Unlike that of ``copy.copy()``, its ``__dict__`` has no version of Django in it.

    Args:
        instance: One that :func:`is_made_by_django`.
        copies: The copies by what they are of, should some refer to each other.
    """
    copies = {} if copies is None else copies
    if id(instance) in copies:
        return copies[id(instance)]
    result = copies[id(instance)] = object.__new__(type(instance))
    vars(result).update(vars(instance))
    state = result._state = copy(instance._state)
    if "fields_cache" in vars(state):
        state.fields_cache = {
            name: another(related, copies) if isinstance(related, Model) else related
            for name, related in state.fields_cache.items()
        }
    return result


# Which models let it


def is_made_by_django(model: Any) -> bool:
    """Whether no method and no receiver of a project's is called when an instance is made.

    It is asked each time: both may be replaced, by a test for instance.

    Args:
        model: The model.
    """
    return (
        model.__init__ is _INIT
        and getattr(model.from_db, "__func__", None) is _FROM_DB
        and model.__new__ is object.__new__
        and model.__setattr__ is object.__setattr__
        and model.__getattribute__ is object.__getattribute__
        and not pre_init.has_listeners(model)
        and not post_init.has_listeners(model)
    )


@lru_cache(maxsize=1024)
def foreign_keys(model: Any, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the places of the foreign keys among attributes that Django would only store.

    Args:
        model: The model.
        names: Its attributes in a row, as ``from_db()`` gets them.

    Returns:
        ``None`` where the class has a say in how its instances are made.
    """
    columns = [field.attname for field in model._meta.concrete_fields]
    in_order = tuple(name for name in columns if name in names)
    # `Model.__init__` calls the next one in the order of the class.
    calls_others = any(
        "__init__" in vars(cls) for cls in model.__mro__ if cls not in (Model, object)
    )
    if in_order != names or calls_others or not _IS_DJANGOS:
        return None
    if type(model).__call__ is not type.__call__:
        return None
    state, *descriptors = [class_attribute(model, name) for name in ("_state", *names)]
    setters = [getattr(type(descriptor), "__set__", None) for descriptor in descriptors]
    if state is not None or not all(setter is None or setter in _STORING for setter in setters):
        return None
    keys = [at for at, setter in enumerate(setters) if setter is _SETS_KEY]
    if any(type(descriptors[at].field).is_cached is not _IS_CACHED for at in keys):
        return None
    return tuple(keys)


def class_attribute(model: type[Model], name: str) -> Any:
    """Return what a model class has under a name, without asking it for the value."""
    definer = definer_in(model.__mro__, name)
    return None if definer is None else vars(definer)[name]
