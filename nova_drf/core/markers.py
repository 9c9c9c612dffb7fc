"""What a schema says about a field beyond its type: direction, presence, source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from pydantic import Field
from pydantic.fields import FieldInfo

T = TypeVar("T")


class Unset(Enum):
    """The type of :data:`UNSET`.

    Follows:
        ``rest_framework.fields.empty``.
    """

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The value of a :data:`NotRequired` field that the client left out. It is falsy, is never
validated, and goes neither into ``validated_data`` nor into a response.

Follows:
    ``rest_framework.fields.empty``.
"""


def unset() -> Any:
    """Return :data:`UNSET`, as the default of a field that need not be given in Python.

    To a type checker, a field without ``=`` is required. At run time :data:`ReadOnly` and
    :data:`NotRequired` are enough; this tells the type checker as well:

    >>> class BookSchema(Schema):
    ...     id: ReadOnly[int] = unset()
    ...     subtitle: NotRequired[str] = unset()
    ...     title: str
    >>> BookSchema(title="Emma")

    Follows:
        ``rest_framework.fields.empty``.
    """
    return UNSET


class Direction(Enum):
    """In which direction a field travels; the default is both."""

    READ_ONLY = "read-only"
    WRITE_ONLY = "write-only"


class Presence(Enum):
    """Whether a field may be absent without having a default."""

    NOT_REQUIRED = "not-required"


@dataclass(frozen=True)
class Source:
    """Read the field from, and write it to, another attribute: ``Annotated[str, Source("a.b")]``.

    The path has the meaning of the ``source`` argument of DRF's fields: dotted, and ``"*"`` for
    the whole object.

    Follows:
        ``rest_framework.fields.Field.get_attribute``.

    Attributes:
        path: The attribute, or several with dots between them.
    """

    path: str


class _Absence(FieldInfo):  # type: ignore[misc]  # Pydantic marks it as final
    """``Field(default=UNSET)``, of which each class gets one of its own.

    Pydantic before 2.12 writes what one class says of its field, its default say, to the
    attributes that a shallow copy shares with the original, and so with every later class.
    """

    __slots__ = ()

    def __copy__(self) -> object:
        return Field(default=UNSET)


ReadOnly = Annotated[T, Direction.READ_ONLY]
"""``id: ReadOnly[int]``: sent to clients, ignored on input, never required: ``read_only``.

A :class:`~nova_drf.Schema` that is built without it does not have the attribute, and neither has
one that was made of input. For type checkers, write ``id: ReadOnly[int] = unset()``.

Follows:
    ``rest_framework.fields.Field``, its argument ``read_only``.
"""

WriteOnly = Annotated[T, Direction.WRITE_ONLY]
"""``password: WriteOnly[str]``: accepted from clients, never sent (DRF's ``write_only``).

Follows:
    ``rest_framework.fields.Field``, its argument ``write_only``.
"""

if TYPE_CHECKING:
    NotRequired = Annotated[T | Unset, Presence.NOT_REQUIRED]
else:
    # Clients cannot send UNSET, so that it is no part of the type that validates.
    NotRequired = Annotated[T, _Absence(default=UNSET), Presence.NOT_REQUIRED]
"""``nickname: NotRequired[str]``: may be left out, and then stays out of ``validated_data``.

That is DRF's ``required=False`` without a default. The attribute then holds :data:`UNSET`, and to
type checkers it is a ``str | Unset``: ask with ``if data.nickname is not UNSET``. They also want
``= unset()`` before they let the field be left out in Python.

Follows:
    ``rest_framework.fields.Field``, its argument ``required``.
"""
