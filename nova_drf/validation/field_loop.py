"""Input: one pass through pydantic-core over a payload, and DRF's own loop for what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined, SchemaValidator, core_schema
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import Field, SkipField, empty
from rest_framework.serializers import BaseSerializer, Serializer

from nova_drf.core.carried_errors import refusal
from nova_drf.mapping.shape import AnyField
from nova_drf.mapping.shared_fields import shareable
from nova_drf.validation.narrow import has_validators, member_node, narrow, read_only_defaults


class _Refused:
    """Stands for a value that the narrow validator did not take."""


REFUSED = _Refused()

_NEVER_VALIDATED = (None, "")
"""Values that fields take, or do not take, without asking their validators."""


@dataclass(slots=True, eq=False, repr=False)
class Step:
    """What becomes of one field.

    Attributes:
        name: The field's name.
        source_attrs: Where its value goes.
        is_narrow: Whether the pass through pydantic-core may have its value.
        validates: Whether validators of the field run on that value.
        shared: The class's own field, where it needs no serializer around it to take or refuse a
            value.
        required_message: What that field says when the client sends no value; ``None`` if it has
            something else to say.
    """

    name: str
    source_attrs: Sequence[str] = ()
    is_narrow: bool = False
    validates: bool = False
    shared: AnyField | None = None
    required_message: Any = None


class KnownValue:
    """Stands in for a field whose value is known, in DRF's ``to_internal_value``.

    Args:
        step: Which field.
        value: Its value, or ``PydanticUndefined`` where the field is to be left out.
        validate: Runs the field's own validators, if it has any.
    """

    __slots__ = ("field_name", "source_attrs", "validate", "value")

    def __init__(self, step: Step, value: object, validate: Any) -> None:
        self.field_name = step.name
        self.source_attrs = step.source_attrs
        self.value = value
        self.validate = validate

    def get_value(self, dictionary: object) -> Any:
        return self.value

    def run_validation(self, data: Any) -> Any:
        if data is PydanticUndefined:
            raise SkipField
        if self.validate is not None:
            self.validate(data)
        return data


class MissingValue:
    """Stands in for a field that is required and was not sent.

    Args:
        step: Which field.
        texts: The translated texts of messages by identity, while one payload is validated; most
            fields share theirs.
    """

    __slots__ = ("field_name", "message", "source_attrs", "texts")

    def __init__(self, step: Step, texts: dict[int, str]) -> None:
        self.field_name = step.name
        self.source_attrs = step.source_attrs
        self.message = step.required_message
        self.texts = texts

    def get_value(self, dictionary: object) -> Any:
        return empty

    def run_validation(self, data: object) -> Any:
        message = self.message
        text = self.texts.get(id(message))
        if text is None:
            text = self.texts[id(message)] = str(message.format())
        raise refusal([ErrorDetail(text, code="required")])


class FieldLoop:
    """How the input of serializers with one set of fields is validated.

    Args:
        names: The writable fields, in order.
        fields: Those of them that are as the class made them, bound.
        hooked: The names for which the class has ``validate_<field>``.
        partial: Whether it is for partial updates.
    """

    def __init__(
        self,
        names: Iterable[str],
        fields: Mapping[str, AnyField],
        hooked: frozenset[str],
        *,
        partial: bool,
    ) -> None:
        members: dict[str, Any] = {}
        self.steps: list[Step] = []
        for name in names:
            field = fields.get(name)
            node = None if field is None else _node(field, partial)
            if field is None or node is None:
                self.steps.append(Step(name))
                continue
            members[name] = node
            validates = has_validators(field)
            shared = None if validates or _needs_root(field, partial) else shareable(field)
            message = None if partial or shared is None else _required_message(shared)
            self.steps.append(Step(name, field.source_attrs, True, validates, shared, message))
        self.narrow_names = frozenset(members)
        self.is_useful = bool(members)
        self.is_partial = partial
        self._validate = _compiled(members)
        alone = len(members) == len(self.steps) and not hooked & members.keys()
        alone = alone and not any(step.validates for step in self.steps)
        self._renames = _renames(self.steps) if alone else None
        self._moves = self._renames is not None and any(
            name != source for name, source in self._renames.items()
        )

    def values(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what the narrow validators made of the values, :data:`REFUSED` for the others."""
        return self._validate(data)  # type: ignore[no-any-return]  # pydantic-core returns any

    def finished(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """Return ``validated_data``, or ``None`` where DRF's loop has something left to do."""
        if self._renames is None or any(value is REFUSED for value in values.values()):
            return None
        if not self._moves:
            return values
        renames = self._renames
        return {renames[name]: value for name, value in values.items()}

    def stand_ins(
        self, values: Mapping[str, object], data: Mapping[str, object], serializer: object
    ) -> list[Any]:
        """Return what DRF's loop is to go through in place of the writable fields.

        Args:
            values: What the narrow validators made of the data.
            data: The data.
            serializer: Whose fields look at the values that these did not take.
        """
        texts: dict[int, str] = {}
        return [
            MissingValue(step, texts)
            if step.required_message is not None and step.name not in data
            else self._stand_in(step, values, serializer)
            for step in self.steps
        ]

    def fields(self, serializer: Any) -> list[Any]:
        """Return what DRF's loop goes through where nothing but fields can read a value: a form.

        Not for a partial update: of that, fields ask the serializer around them.
        """
        return [step.shared or serializer.bound_field(step.name) for step in self.steps]

    def _stand_in(self, step: Step, values: Mapping[str, object], serializer: Any) -> Any:
        value = values.get(step.name, PydanticUndefined) if step.is_narrow else REFUSED
        if value is REFUSED and step.shared is not None:
            # To copy and bind a field costs more than all that it does.
            return step.shared
        if value is REFUSED or (step.validates and value in _NEVER_VALIDATED):
            return serializer.bound_field(step.name)
        validate = serializer.bound_field(step.name).run_validators if step.validates else None
        return KnownValue(step, value, validate)


def _required_message(field: AnyField) -> Any:
    cls: Any = type(field)
    says_so = cls.fail is Field.fail and cls.validate_empty_values is Field.validate_empty_values
    return field.error_messages.get("required") if field.required and says_so else None


def _needs_root(field: AnyField, partial: bool) -> bool:
    """Whether a field with a narrow validator asks the serializer around it for something."""
    if not isinstance(field, BaseSerializer):
        return False
    if partial or not isinstance(field, Serializer):
        return True
    return read_only_defaults(field.fields)


def _node(field: AnyField, partial: bool) -> Any:
    core = narrow(field, partial=partial)
    if core is None or (has_validators(field) and field.default is not empty):
        return None
    node = member_node(field, core, partial=partial)
    if node is None:
        return None
    inner = node["schema"]
    if inner["type"] == "default":
        return {**node, "schema": {**inner, "schema": _or_refused(inner["schema"])}}
    if not node.get("required", True):
        return {**node, "schema": _or_refused(inner)}
    missing = core_schema.with_default_schema(_or_refused(inner), default=REFUSED)
    return core_schema.typed_dict_field(missing)


def _or_refused(core: Any) -> Any:
    refuse = core_schema.no_info_plain_validator_function(lambda _value: REFUSED)
    return core_schema.union_schema([core, refuse], mode="left_to_right")


def _compiled(members: Mapping[str, Any]) -> Any:
    schema = core_schema.typed_dict_schema(dict(members), extra_behavior="ignore")
    return SchemaValidator(schema).validate_python


def _renames(steps: list[Step]) -> dict[str, str] | None:
    """Return where each value goes, if it is a key of its own."""
    renames = {step.name: step.source_attrs[0] for step in steps if len(step.source_attrs) == 1}
    if len(renames) < len(steps) or len({*renames.values()}) < len(steps):
        return None
    return renames
