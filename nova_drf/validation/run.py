"""One call of a serializer's validation, and what its steps tell each other."""

from __future__ import annotations

from typing import Any, NamedTuple

from nova_drf.mapping.registry import Convert
from nova_drf.validation.protocols import ValidatingSerializer


class Result(NamedTuple):
    """What a bound field or a hook made of a value.

    Attributes:
        value: What ``validated_data`` gets, such as the related object.
        attribute: What the schema's attribute got for it, such as its primary key.
    """

    value: Any
    attribute: Any


class Validation(dict[str, Any]):
    """One call: a serializer validates one payload. It is Pydantic's validation context.

    As a mapping it is the serializer's context, with ``"request"`` and ``"serializer"`` in it,
    which is what validators of a schema see. Bound fields and hooks record results here. With
    ``author: int`` in the schema, and a ``PrimaryKeyRelatedField`` in the serializer, that is the
    author itself::

        run.results["author"] = Result(value=author, attribute=author.pk)

    Args:
        serializer: The serializer that validates.
    """

    __slots__ = ("results", "serializer")

    def __init__(self, serializer: ValidatingSerializer) -> None:
        context = serializer.context
        if "request" in context:
            dict.__init__(self, context, serializer=serializer)
        else:
            dict.__init__(self, context, request=None, serializer=serializer)
        self.serializer = serializer
        self.results: dict[str, Result] = {}

    def value_of(self, name: str, attribute: object, convert: Convert | None) -> object:
        """Return what ``validated_data`` holds for an attribute of the schema.

        Args:
            name: The attribute's name.
            attribute: Its value. A validator of the schema may have put another one in the place
                of that which came with a result.
            convert: Makes data of a value without a result.
        """
        result = self.results.get(name)
        if result is not None and result.attribute is attribute:
            return result.value
        return attribute if convert is None or attribute is None else convert(attribute)
