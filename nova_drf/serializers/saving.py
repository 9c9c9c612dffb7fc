"""What the database refuses while a serializer saves, told as its validators would have told it.

Between the check of a unique field and the INSERT somebody else may have written the same value.
DRF lets the ``IntegrityError`` through, and the client sees a 500. This is how not to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, router, transaction
from django.db.models import Model
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.relations import PrimaryKeyRelatedField
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer
from rest_framework.settings import api_settings

from nova_drf.core.settings import get_setting
from nova_drf.mapping.drf_versions import list_serializer_errors
from nova_drf.serializers.violations import Said, said_by_serializer, said_of_model
from nova_drf.services.constraints import violation
from nova_drf.services.errors import ConstraintViolated, ServiceError, walk

if TYPE_CHECKING:
    _Base = BaseSerializer[Any]
else:
    _Base = object


class SavingMixin(_Base):
    """Lets ``save()`` raise a ``ValidationError`` for a row that the database refuses.

    Only where ``Meta.constraint_errors`` is true, or the setting ``CONSTRAINT_ERRORS`` is and
    ``Meta`` does not say otherwise.
    """

    def save(self, **kwargs: Any) -> Any:
        if not tells_constraints(self):
            return super().save(**kwargs)
        with _told(self):
            return super().save(**kwargs)


def tells_constraints(serializer: object) -> bool:
    """Whether a serializer, or the one that a list is of, asks for errors of validation."""
    meta = getattr(getattr(serializer, "child", serializer), "Meta", None)
    asked = getattr(meta, "constraint_errors", None)
    return bool(get_setting("CONSTRAINT_ERRORS") if asked is None else asked)


async def written(serializer: object, write: Callable[[], Awaitable[Any]]) -> object:
    """Await what writes a serializer's objects with Django's async ORM.

    Args:
        serializer: The serializer.
        write: Makes the awaitable. It has no transaction around it, as none can be held open.

    Raises:
        rest_framework.exceptions.ValidationError: The database refused a row.
    """
    if not tells_constraints(serializer):
        return await write()
    with _Progress(serializer) as progress:
        try:
            return await write()
        except IntegrityError as error:
            told = await sync_to_async(_error_of)(serializer, error, progress.index)
            if told is None:
                raise
            raise told from error


@contextmanager
def _told(serializer: object) -> Iterator[None]:
    """Turn what the database refuses in this block into what the serializer would have said."""
    with _Progress(serializer) as progress:
        try:
            # A part of a transaction that is open may fail only if it is undone by itself.
            with transaction.atomic(using=_database(serializer)):
                yield
                progress.index = None
        except IntegrityError as error:
            told = _error_of(serializer, error, progress.index)
            if told is None:
                raise
            raise told from error


def _database(serializer: Any) -> str | None:
    """Return the alias of the database that the serializer's objects are written to."""
    model, instance = _model(getattr(serializer, "child", serializer)), serializer.instance
    if model is None:
        return None
    hints = {"instance": instance} if isinstance(instance, Model) else {}
    alias: str = router.db_for_write(model, **hints)
    return alias


def _model(serializer: object) -> type[Model] | None:
    return getattr(getattr(serializer, "Meta", None), "model", None)


class _Progress:
    """Knows which object of a list is being written: DRF writes one after the other.

    Args:
        serializer: A list serializer, or anything else.

    Attributes:
        index: Which object it is; ``None`` where it is not about one of several.
    """

    def __init__(self, serializer: object) -> None:
        self.index: int | None = None
        self._serializer = serializer
        self._stack = ExitStack()

    def __enter__(self) -> _Progress:
        child = getattr(self._serializer, "child", None)
        if child is not None:
            for name in ("create", "acreate"):
                if hasattr(child, name):
                    self._stack.enter_context(self._counted(child, name))
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @contextmanager
    def _counted(self, child: object, name: str) -> Iterator[None]:
        original, own = getattr(child, name), vars(child).get(name)

        def begin(*args: object, **kwargs: object) -> object:
            self.index = 0 if self.index is None else self.index + 1
            return original(*args, **kwargs)

        vars(child)[name] = begin
        try:
            yield
        finally:
            vars(child).pop(name)
            if own is not None:
                vars(child)[name] = own


def _error_of(serializer: Any, error: IntegrityError, index: int | None) -> ValidationError | None:
    """Return what a serializer says of an error; ``None`` if it is about something else."""
    violated = violation(error)
    if violated is None:
        return None
    is_list = isinstance(serializer, ListSerializer)
    values = None if is_list else serializer.validated_data
    of_one = serializer.child if is_list else serializer
    detail = _detail(of_one, violated, values) or _guessed_detail(of_one, violated)
    if detail is None:
        return None
    if not is_list:
        return ValidationError(detail)
    if index is None:
        return ValidationError(_of_whole(_messages(detail)))
    length = len(serializer.validated_data)
    return ValidationError(list_serializer_errors({index: detail}, length))


def _of_whole(messages: list[object]) -> dict[str, Any]:
    return {api_settings.NON_FIELD_ERRORS_KEY: messages}


def _messages(detail: Any) -> list[Any]:
    if isinstance(detail, dict):
        return [message for below in detail.values() for message in _messages(below)]
    return list(detail)


def _detail(serializer: object, violated: ServiceError, values: object) -> dict[str, Any] | None:
    """Return the errors of a serializer, or those of a nested one whose model it is.

    Args:
        serializer: Not a list.
        violated: What the database said.
        values: Its validated data, if that is known.
    """
    if not isinstance(violated, ConstraintViolated):
        return _of_whole([ErrorDetail(str(violated.message), violated.code)])
    model = _model(serializer)
    if model is not None and issubclass(model, violated.model):
        return _own_detail(serializer, violated)
    for name, field in getattr(serializer, "fields", {}).items():
        is_list = isinstance(field, ListSerializer)
        below = field.child if is_list else field
        was_sent = not isinstance(values, dict) or bool(values.get(field.source))
        if isinstance(below, Serializer) and was_sent and not field.read_only:
            inner = values.get(field.source) if isinstance(values, dict) else None
            detail = _detail(below, violated, inner)
            if detail is not None:
                # Which of them it is, the database does not say.
                return {name: _of_whole(_messages(detail)) if is_list else detail}
    return None


def _guessed_detail(serializer: object, violated: ServiceError) -> dict[str, Any] | None:
    """Return the errors of a serializer that names no model, if it has the fields of one."""
    if _model(serializer) is not None or not isinstance(violated, ConstraintViolated):
        return None
    sources = {field.source for field in getattr(serializer, "fields", {}).values()}
    return _own_detail(serializer, violated) if sources.issuperset(violated.fields) else None


def _own_detail(serializer: Any, violated: ConstraintViolated) -> dict[str, Any]:
    names = {field.source: name for name, field in serializer.fields.items()}
    said = said_by_serializer(violated, serializer) or _said_of_relation(violated, serializer)
    # Its own validators may have been taken away, and a column may be hidden.
    said = said or said_of_model(violated, names)
    if said is not None:
        is_hidden = said.field is not None and said.field not in serializer.fields
        name = None if is_hidden else said.field
        return _as_sent(serializer, {name or api_settings.NON_FIELD_ERRORS_KEY: [said.detail]})
    detail: dict[str, Any] = {}
    for path, problem in walk(violated.detail):
        # Nobody is told about columns that the serializer hides.
        name = names.get(path[0]) if path else None
        messages = detail.setdefault(name or api_settings.NON_FIELD_ERRORS_KEY, [])
        messages.append(ErrorDetail(str(problem), problem.code))
    return _as_sent(serializer, detail)


def _as_sent(serializer: object, detail: dict[str, Any]) -> dict[str, Any]:
    """Return errors where the fields are in a request, if they have other names there."""
    details_as_sent = getattr(serializer, "details_as_sent", None)
    return detail if details_as_sent is None else details_as_sent(detail)


def _said_of_relation(violated: ConstraintViolated, serializer: Any) -> Said | None:
    """Return what a relation says of an object that has been deleted meanwhile."""
    if len(violated.fields) != 1 or not any(
        problem.code == "does_not_exist" for _, problem in walk(violated.detail)
    ):
        return None
    for name, field in serializer.fields.items():
        if field.source == violated.fields[0] and isinstance(field, PrimaryKeyRelatedField):
            related = getattr(serializer, "validated_data", {}).get(field.source)
            if isinstance(related, Model):
                words = field.error_messages["does_not_exist"].format(pk_value=related.pk)
                return Said(ErrorDetail(words, "does_not_exist"), name)
    return None
