"""What an error says: in DRF's words and codes wherever DRF has some for it."""

from __future__ import annotations

from pydantic_core import ErrorDetails
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import DictField, Field, ListField
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings

from nova_drf.core.carried_errors import Detail, detail_of_raised, was_raised
from nova_drf.mapping.oracle import invalid, no_choice, oracle, refused_by, said_by
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.validation.errors.locations import Place

_MISSING = frozenset(
    (
        "missing",
        "missing_argument",
        "missing_keyword_only_argument",
        "missing_positional_only_argument",
    )
)

_NO_MAPPING = frozenset(
    (
        "model_type",
        "model_attributes_type",
        "dataclass_type",
        "dict_type",
        "mapping_type",
        "counter_type",
        "ordered_dict_type",
        "frozen_dict_type",
    )
)

_NO_LIST = frozenset(
    (
        "list_type",
        "set_type",
        "frozen_set_type",
        "tuple_type",
        "deque_type",
        "named_tuple_type",
        "arguments_type",
        "iterable_type",
        "iteration_error",
        "is_instance_of",
        "sequence_str",
    )
)

_NO_CHOICE = frozenset(("literal_error", "enum"))

_OF_PYTHON = frozenset(
    (
        "is_instance_of",
        "is_subclass_of",
        "callable_type",
        "dataclass_exact_type",
        "get_attribute_error",
        "no_such_attribute",
        "needs_python_object",
        "recursion_loop",
        "recursion_depth_exceeded",
        "none_required",
        "missing_sentinel_error",
        "ellipsis_error",
        "complex_type",
        "complex_str_parsing",
        "fraction_type",
        "unexpected_keyword_argument",
        "unexpected_positional_argument",
        "multiple_argument_values",
        *_NO_MAPPING,
        *_NO_LIST,
    )
)
"""Types whose message names a class, or a thing that only Python programmers know."""


_LIKE_LISTS = frozenset(("tuple", "call", "named-tuple"))
_REFUSES_THE_TYPE = ("_type", "_parsing", "_error", "_parsing_size")


Texts = dict[int, str]
"""The translated texts of lazy messages by identity, while one payload's errors are told."""


def detail_of(place: Place, texts: Texts) -> Detail:
    """Return the node of DRF's error tree for an error.

    Args:
        place: Where it is, and what Pydantic says of it.
        texts: What was translated for errors of the same payload; most fields share a message.
    """
    error, type_ = place.error, place.type
    if was_raised(error):
        return detail_of_raised(error)
    if error["type"] in _MISSING:
        return of_field(type_, "required", texts)
    if error["input"] is None and type_ is not None and not type_.nullable:
        return of_field(type_, "null", texts)
    if type_ is None:
        return _of_payload(place)
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return _of_tag(type_, error, texts)
    if _has_keys(type_) and error["type"] in _NO_MAPPING:
        return {api_settings.NON_FIELD_ERRORS_KEY: no_mapping(error["input"])}
    if type_.kind is Kind.SCALAR:
        return _of_scalar(type_, error)
    return _of_collection(type_, error) or [_own_words(error)]


def _has_keys(type_: TypeShape) -> bool:
    """Whether a value is written as DRF's nested serializers are: as an object with known keys."""
    if type_.kind is Kind.RECORD:
        return type_.core["type"] not in _LIKE_LISTS
    return type_.kind in (Kind.SCHEMA, Kind.TAGGED_UNION)


def of_field(type_: TypeShape | None, code: str, texts: Texts) -> Detail:
    """Return what DRF's field says by a code that has no arguments.

    Args:
        type_: What the value is.
        code: ``"required"`` or ``"null"``.
        texts: As for :func:`detail_of`.
    """
    field = oracle(type_) if type_ is not None else Field()
    message = field.error_messages[code]
    text = texts.get(id(message))
    if text is None:
        text = texts[id(message)] = str(message)
    return [ErrorDetail(text, code=code)]


def _of_payload(place: Place) -> Detail:
    """Errors of the whole payload, and keys that ``extra="forbid"`` refuses."""
    if not place.path and place.error["type"] in _NO_MAPPING:
        return no_mapping(place.error["input"])
    return [_own_words(place.error)]


def no_mapping(value: object) -> Detail:
    """Return what DRF's serializer says to a value that is no object of JSON."""
    message = Serializer.default_error_messages["invalid"]
    return [ErrorDetail(message.format(datatype=type(value).__name__), code="invalid")]


def _of_tag(type_: TypeShape, error: ErrorDetails, texts: Texts) -> Detail:
    """The tag of a union is a choice among those of its members, and a required one."""
    discriminator = type_.core.get("discriminator")
    tag = (error.get("ctx") or {}).get("tag")
    if isinstance(discriminator, str):
        value = error["input"].get(discriminator) if isinstance(error["input"], dict) else tag
        detail = of_field(None, "required", texts) if tag is None else [no_choice(value)]
        return {discriminator: detail}
    return [no_choice(tag) if tag is not None else invalid()]


def _of_collection(type_: TypeShape, error: ErrorDetails) -> Detail | None:
    """Say it in the words of ``ListField`` or ``DictField``; ``None`` if they have none for it."""
    context = error.get("ctx") or {}
    type_name = type(error["input"]).__name__
    if type_.kind is Kind.DICT:
        if error["type"] in _NO_MAPPING:
            return [said_by(DictField, "not_a_dict", input_type=type_name)]
        if error["type"] == "too_short" and context.get("min_length") == 1:
            return [said_by(DictField, "empty")]
        return None
    is_list = type_.kind is Kind.LIST or type_.core["type"] in _LIKE_LISTS
    if not is_list:
        return None
    if error["type"] in _NO_LIST:
        detail = [said_by(ListField, "not_a_list", input_type=type_name)]
    elif error["type"] in ("too_short", "too_long") and type_.kind is Kind.LIST:
        code = "min_length" if error["type"] == "too_short" else "max_length"
        detail = [said_by(ListField, code, **{code: context.get(code)})]
    else:
        return None
    is_many = type_.item is not None and type_.item.is_serializer
    return {api_settings.NON_FIELD_ERRORS_KEY: detail} if is_many else detail


def _of_scalar(type_: TypeShape, error: ErrorDetails) -> Detail:
    """Let DRF's field say what is wrong with the value; it knows its words and codes."""
    field = oracle(type_)
    refusal = refused_by(field, error["input"])
    if refusal is not None:
        return refusal
    if error["type"] in _NO_CHOICE or not error["type"].endswith(_REFUSES_THE_TYPE):
        return [_own_words(error)]
    return refused_by(field, object()) or [_own_words(error)]


def _own_words(error: ErrorDetails) -> ErrorDetail:
    """Keep Pydantic's sentence and type, unless the sentence names something of Python."""
    if error["type"] in _NO_CHOICE:
        return no_choice(error["input"])
    if error["type"] in _OF_PYTHON or "<class" in error["msg"]:
        return invalid()
    return ErrorDetail(error["msg"], code=error["type"])
