"""How a serializer that is made of a schema validates the text of a body as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework.serializers import Serializer
from rest_framework.utils.serializer_helpers import ReturnDict

from nova_drf.core.carried_errors import refusal, refusal_of
from nova_drf.core.class_caches import once_per_class
from nova_drf.core.overrides import overrides, usual_attributes
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.serializers.dynamic_fields import UNCHANGED
from nova_drf.serializers.quick_init import next_owner
from nova_drf.validation.run import Validation
from nova_drf.validation.unparsed import UnparsedJSON

if TYPE_CHECKING:
    from nova_drf.serializers.dynamic_fields import FieldChanges
    from nova_drf.serializers.schema_definition import SchemaDefinition
    from nova_drf.validation.json_input import JSONInput
    from nova_drf.validation.request_schema import CompiledRequest

    _Base = Serializer[Any]
else:
    _Base = object

_SEE_THE_BODY = (
    *("is_valid", "run_validation", "validate_empty_values", "to_internal_value"),
    *("initial_data", "data", "__init__", "__new__", "many_init", "__getattribute__"),
)
"""What is given a body, or may look at it before it is validated."""


@once_per_class
def may_take_text(cls: type) -> bool:
    """Whether none of a serializer class's own code looks at a body before it is validated.

    Args:
        cls: A serializer class that is made of a schema.
    """
    return next(overrides(cls, _SEE_THE_BODY), None) is None


class _InitialData:
    """``initial_data`` of a serializer whose body nobody has parsed: parsed when it is looked at.

    What is in the serializer's ``__dict__`` goes before it.
    """

    def __get__(self, serializer: Any, _cls: type) -> Any:
        body = None if serializer is None else serializer._unparsed
        if body is None:
            # As for any attribute that is not there; DRF asks whether it is.
            raise AttributeError("initial_data")
        data = vars(serializer)["initial_data"] = body.parse()
        return data


class JSONInputMixin(_Base):
    """Lets a serializer be made with :class:`~nova_drf.validation.unparsed.UnparsedJSON`.

    Where the narrow validators of the schema take the text, nothing else is done with it. In all
    other cases it is parsed, and DRF's way goes on from there.
    """

    _unparsed: UnparsedJSON | None = None
    _expects_refusal: bool = False
    """Whether it was refused before, or another item of the list was: much may be wrong."""

    _prints_as_drf: ClassVar[bool] = False
    """Whether ``super().data`` here is that of DRF's ``Serializer``."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls._prints_as_drf = next_owner(cls, JSONInputMixin, "data") is Serializer

    if TYPE_CHECKING:

        @classmethod
        def get_definition(cls) -> SchemaDefinition: ...

        def _field_changes(self) -> FieldChanges | None: ...
        def compiled_request(self) -> CompiledRequest: ...

    else:
        initial_data = _InitialData()

    @classmethod
    def _keeps_text(cls) -> bool:
        return may_take_text(cls)

    @classmethod
    def takes_text(cls) -> bool:
        """Whether a body may be validated before it is parsed, as far as the class can say."""
        return may_take_text(cls) and cls.get_definition().text_input(False) is not None

    def is_valid(self, *, raise_exception: bool = False) -> bool:
        body = self._unparsed
        state = vars(self)
        if body is None or "initial_data" in state or "_validated_data" in state:
            return super().is_valid(raise_exception=raise_exception)
        definition = self.get_definition()
        values = self._values_of(body, definition)
        if values is None:
            is_valid = not self._is_refused(body, definition) and super().is_valid()
            if raise_exception and not is_valid:
                raise refusal_of(self.errors)
            return is_valid
        if definition.leaves_values and "_validators" not in state:
            state["_validated_data"], state["_errors"] = values, {}
            return True
        # DRF's own method goes on; ``to_internal_value`` returns the values.
        state["_taken"], state["initial_data"] = values, body
        return super().is_valid(raise_exception=raise_exception)

    def _values_of(self, body: UnparsedJSON, definition: SchemaDefinition) -> Any:
        """Return the values of a body, or ``None`` if somebody has to parse it."""
        text_input = self._text_input(definition)
        if text_input is None or body.is_parsed():
            return None
        if not text_input.asks_zone:
            return text_input.validated_data(body.content)
        mark = begin_payload()
        try:
            return text_input.validated_data(body.content)
        finally:
            end_payload(mark)

    def _is_refused(self, body: UnparsedJSON, definition: SchemaDefinition) -> bool:
        """Whether fields refuse a body; what DRF's ``is_valid()`` leaves behind is set then."""
        text_input = self._text_input(definition)
        data = self.initial_data
        if text_input is None or data.__class__ is not dict:
            return False
        mark = begin_payload()
        try:
            detail = definition.refusals.detail(data, text_input)
        finally:
            end_payload(mark)
        if detail is None:
            return False
        state = vars(self)
        state["_validated_data"], state["_errors"] = {}, detail
        return True

    def _refuse(self, data: Any) -> None:
        """Refuse a payload that many of its fields refuse; what is known of it is not enough else.

        Raises:
            ValidationError: Something is wrong with it.
        """
        text_input = self._text_input(self.get_definition())
        if text_input is not None:
            detail = self.get_definition().refusals.detail(data, text_input)
            if detail is not None:
                raise refusal(detail)

    def _text_input(self, definition: SchemaDefinition) -> JSONInput | None:
        """Return what validates the text of a body, if this serializer leaves it to its class."""
        if vars(self).keys() <= usual_attributes() and self._field_changes() is UNCHANGED:
            around = self if self.parent is None else self.root
            return definition.text_input(bool(getattr(around, "partial", False)))
        return None

    def _take_values(self) -> Any:
        """Return the values that were made of the body; whoever looks at that now parses it."""
        state = vars(self)
        del state["initial_data"]
        return state.pop("_taken")

    def _instance_of_text(self) -> Any:
        """Return the instance of the schema that stands for a body which was taken as text."""
        body = self._unparsed
        if body is None or self.errors:
            return None
        mark = begin_payload()
        try:
            # Anew: who has looked at ``initial_data`` may have changed it since.
            serializer: Any = self
            sent = json.loads(body.content)
            return self.compiled_request().validate(sent, Validation(serializer))
        finally:
            end_payload(mark)

    def __getstate__(self) -> Any:
        """Return what is pickled, for which a body is parsed."""
        state = dict(vars(self))
        if state.pop("_unparsed", None) is not None:
            state["initial_data"] = self.initial_data
        return state

    @property
    def data(self) -> Any:
        state = vars(self)
        was_sent = "initial_data" in state or state.get("_errors")
        printed = self._printable() if self._prints_as_drf and not was_sent else None
        if printed is None:
            return super().data
        # As DRF does, without asking for ``initial_data``: it would be parsed, or not be there.
        if "_data" not in state:
            state["_data"] = self.to_representation(printed)
        return ReturnDict(state["_data"], serializer=self)

    def _printable(self) -> Any:
        """Return what ``data`` prints, if nothing was sent, or what was sent is not parsed."""
        is_validated = "_validated_data" in vars(self)
        if self._unparsed is not None and not is_validated:
            return None
        return self.validated_data if self.instance is None and is_validated else self.instance
