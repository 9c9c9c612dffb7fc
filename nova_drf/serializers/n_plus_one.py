"""A check for development: which relations are read object by object while lists are printed.

While it watches, it looks at the stack at each query: that tells which attribute of which object is
read, by which serializer, and by which method of the project's.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import currentframe
from itertools import dropwhile
from types import FrameType
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import Model, QuerySet, query
from django.db.models.fields import related_descriptors
from django.db.models.query_utils import DeferredAttribute
from rest_framework.serializers import BaseSerializer

from nova_drf.core.exceptions import NPlusOneError, NPlusOneWarning
from nova_drf.core.ownership import Owner, owner_of_frame
from nova_drf.core.settings import get_setting
from nova_drf.queries.relation_trees import RelationReads, relation_of
from nova_drf.serializers.read_relations import reads_of


class Read(NamedTuple):
    """What makes queries: an attribute of objects, as somebody reads it.

    Attributes:
        model: The class of the objects.
        attribute: The attribute.
        serializer: The outermost serializer that prints; ``None`` if none does.
        reader: The method of the project's that reads it, and where; empty if there is none.
    """

    model: type[Model]
    attribute: str
    serializer: Any
    reader: str


@contextmanager
def watched_for_n_plus_one() -> Iterator[None]:
    """Raise, or warn, after a block in which the same relation was read object by object.

    What happens is said by ``NOVA_DRF["N_PLUS_ONE"]``; nothing if the block raises.
    """
    mode = get_setting("N_PLUS_ONE")
    if mode == "off" or _is_watched():
        yield
        return
    with watching() as watch:
        yield
    for message in watch.messages():
        if mode == "error":
            raise NPlusOneError(message)
        warnings.warn(message, NPlusOneWarning, stacklevel=2)


def _is_watched() -> bool:
    wrappers = (wrapper for alias in connections for wrapper in connections[alias].execute_wrappers)
    return any(isinstance(wrapper, Watch) for wrapper in wrappers)


@contextmanager
def watching(at_most: int = 1) -> Iterator[Watch]:
    """Watch the queries of a block, on all connections of this thread.

    Args:
        at_most: How many objects may be read by a query of their own.
    """
    watch = Watch(at_most)
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(watch))
        yield watch


class Watch:
    """Remembers which queries are made for single objects.

    Args:
        at_most: How many of one kind are not worth a word.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._objects: dict[Read, dict[int, object]] = {}

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Note who asks, and let the query run."""
        reads = str(sql).lstrip("( ")[:6].upper() == "SELECT"
        frames = list(_frames(currentframe())) if reads else []
        cause = _cause(frames)
        if cause is not None:
            instance, attribute = cause
            read = Read(type(instance), attribute, _serializer(frames), _reader(frames))
            # Kept, so that no other object gets its id.
            self._objects.setdefault(read, {})[id(instance)] = instance
        return execute(sql, params, many, context)

    def messages(self) -> list[str]:
        """Return a sentence for each attribute that was read object by object."""
        return [
            _message(read, len(objects))
            for read, objects in self._objects.items()
            if len(objects) > self._at_most
        ]


# What the stack tells


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _self(frame: FrameType) -> Any:
    return frame.f_locals.get("self")


def _cause(frames: list[FrameType]) -> tuple[Any, str] | None:
    """Return the object, and its attribute, for which a query is made, if it is for one only."""
    cause: tuple[Any, str] | None = None
    for frame in frames:
        if cause is not None and owner_of_frame(frame) is not Owner.DJANGO:
            break
        names = frame.f_locals
        reads = _self(frame)
        if frame.f_code.co_name == _PREFETCH:
            return None
        if frame.f_code.co_name == "__get__" and isinstance(names.get("instance"), Model):
            attribute = _attribute_of(reads)
            if attribute is not None:
                return names["instance"], attribute
        if isinstance(reads, QuerySet):
            cause = _of_queryset(reads) or cause
    return cause


def _of_queryset(queryset: Any) -> tuple[Any, str] | None:
    instance = vars(queryset)["_hints"].get("instance")
    if not isinstance(instance, Model):
        return None
    return instance, _to_many(type(instance), queryset.model)


_PREFETCH = query.prefetch_one_level.__name__


def _attribute_of(descriptor: object) -> str | None:
    if isinstance(descriptor, related_descriptors.ForwardManyToOneDescriptor):
        return str(descriptor.field.name)
    if isinstance(descriptor, related_descriptors.ReverseOneToOneDescriptor):
        return descriptor.related.get_accessor_name()
    if isinstance(descriptor, DeferredAttribute):
        return str(descriptor.field.attname)
    return None


def _to_many(model: type[Model], related: type[Model]) -> str:
    """Return the relations of a model that lead to many of another one."""
    names = [
        name
        for cls in model.__mro__
        for name in vars(cls)
        if (relation := relation_of(model, name)) is not None
        and relation.is_to_many
        and relation.reads.model is related
    ]
    return " or ".join(dict.fromkeys(names)) or f"objects of {related.__qualname__}"


def _serializer(frames: list[FrameType]) -> Any:
    """Return the outermost serializer that is at work."""
    workers = map(_self, reversed(frames))
    return next((worker for worker in workers if isinstance(worker, BaseSerializer)), None)


def _reader(frames: list[FrameType]) -> str:
    """Return the innermost code of a project's between a serializer and the query."""
    # What stands before it watches queries, as this module does.
    for frame in dropwhile(lambda frame: not isinstance(_self(frame), QuerySet), frames):
        owner, code = owner_of_frame(frame), frame.f_code
        if owner is Owner.PROJECT:
            return f"{code.co_qualname} ({code.co_filename}:{frame.f_lineno})"
        if isinstance(_self(frame), BaseSerializer):
            break
    return ""


# What is said


def _message(read: Read, count: int) -> str:
    printing, model = read.serializer, read.model.__qualname__
    child = getattr(printing, "child", printing)
    where = type(child).__qualname__ if isinstance(printing, BaseSerializer) else "It"
    path, relation = _in_plan(printing, child, read) or (read.attribute, None)
    by = _read_by(relation, read)
    return (
        f"{where} asks the database for `{read.attribute}` of {count} objects of {model}, one by "
        f"one{by}. {_remedy(read, relation, path)}"
    )


def _read_by(relation: RelationReads | None, read: Read) -> str:
    if relation is not None and relation.fields and not read.reader:
        return f", to print {', '.join(f'`{field}`' for field in relation.fields)}"
    return f", in {read.reader}" if read.reader else ""


def _remedy(read: Read, relation: RelationReads | None, path: str) -> str:
    relation = relation or relation_of(read.model, read.attribute)
    if relation is None:
        return f"Do not leave `{path}` out of the queryset with only() or defer()."
    method = "prefetch_related" if relation.is_to_many or "__" in path else "select_related"
    remedy = f'Add .{method}("{path}") to the queryset, or make it with plan_queries().'
    plans = hasattr(getattr(read.serializer, "child", read.serializer), "field_builders")
    return f'{remedy} Or say query_plan = "all" in Meta.' if plans and not read.reader else remedy


def _in_plan(printing: object, child: object, read: Read) -> tuple[str, RelationReads] | None:
    """Return a relation as a serializer prints it, with the lookup that leads to it."""
    if not isinstance(child, BaseSerializer) or not hasattr(child, "fields"):
        return None
    model = _model_of(getattr(printing, "instance", None), child)
    if model is None:
        return None
    for path, relation in reads_of(child, model).walk():
        if relation.owner is read.model and relation.attribute == read.attribute:
            return path, relation
    return None


def _model_of(objects: object, child: object) -> Any:
    if isinstance(objects, (QuerySet, Model)):
        return objects.model if isinstance(objects, QuerySet) else type(objects)
    if isinstance(objects, (list, tuple)) and objects and isinstance(objects[0], Model):
        return type(objects[0])
    return getattr(getattr(child, "Meta", None), "model", None)
