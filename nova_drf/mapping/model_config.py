"""A model's configuration, written into the single values that it concerns.

``ConfigDict(str_max_length=100, strict=True, ...)`` is compiled beside the fields, where DRF's
fields would not see it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import PydanticKnownError, core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import JSONField

from nova_drf.core.core_schema import rewrite, rewrite_children

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core

Problem = Literal["string_unicode", "finite_number", "needs_python_object"]

_BY_TYPE: Mapping[str, Mapping[str, str]] = {
    "str": {
        "str_strip_whitespace": "strip_whitespace",
        "str_min_length": "min_length",
        "str_max_length": "max_length",
        "str_to_lower": "to_lower",
        "str_to_upper": "to_upper",
        "regex_engine": "regex_engine",
        "strict": "strict",
    },
    "int": {"strict": "strict"},
    "float": {"strict": "strict", "allow_inf_nan": "allow_inf_nan"},
    "bool": {"strict": "strict"},
}
_NOT_IN_JSON = frozenset(
    (
        *("date", "time", "datetime", "timedelta", "uuid", "decimal", "bytes", "enum", "complex"),
        *("url", "multi-host-url", "set", "frozenset", "tuple", "deque", "counter"),
    )
)
"""Types of values that JSON writes as something else. A request never holds one of them, so that
``strict`` cannot mean for them that nothing else will do."""

_ANSWERABLE: Mapping[str, Mapping[str, Any]] = {
    "float": {"allow_inf_nan": False},
    # Where its characters are counted, a text has to be one.
    "str": {"max_length": sys.maxsize},
}

_UNTYPED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("list", "set", "frozenset", "deque"), ("items_schema",)),
    "dict": ("keys_schema", "values_schema"),
}
"""Where a collection says what is in it; it holds anything where it does not."""

_RECORDS = frozenset(("dataclass", "typed-dict"))
_OWN_CONFIG = frozenset(("model", *_RECORDS))

BY_ATTRIBUTE: Mapping[str, object] = {"loc_by_alias": False}
"""Lets the locations of errors hold the names of attributes, whatever clients call them."""


def configured(core: Core, config: Mapping[str, object]) -> Core:
    """Return a value's core schema with what its model's configuration says about it.

    Args:
        core: The value; nested models keep their own configuration.
        config: The core schema's form of ``model_config``, which holds only what was set.
    """
    if not config.keys() & _CONCERNS_VALUES:
        return core

    def visit(node: Core) -> Core | None:
        if node["type"] in _OWN_CONFIG:
            return node
        named = _BY_TYPE.get(node["type"])
        if named is None:
            return None
        said = {ours: config[theirs] for theirs, ours in named.items() if theirs in config}
        return {**said, **node}

    return visit(core) or rewrite_children(core, visit)


def in_json_terms(core: Core) -> Mapping[str, object]:
    """Return what has to change in a node, because its input comes from a request.

    Args:
        core: A node of a plain model, whose semantics are Pydantic's.
    """
    if core["type"] == "generator":
        # It would find errors only when somebody iterates, long after is_valid().
        return {"type": "list"}
    if is_any_sequence(core):
        # In Python, text is a sequence as well.
        return {"python_schema": core["json_schema"]}
    if core["type"] in _RECORDS:
        return {"config": {**(core.get("config") or {}), **BY_ATTRIBUTE}}
    return {"strict": False} if core["type"] in _NOT_IN_JSON else {}


def answerable(core: Core, config: Mapping[str, object]) -> Core:
    """Let a value of a plain model refuse what JSON cannot hold, nor an answer repeat.

    That is infinity, unless the model allows it in so many words, and text with lone surrogates.
    Pydantic refuses both in JSON of its own, but not in what Python made of it.

    Args:
        core: The value; nested models have their own turn.
        config: The model's configuration.
    """

    def visit(node: Core) -> Core | None:
        if node["type"] == "model":
            return node
        if node["type"] in _OWN_CONFIG:
            own = {*config, *(node.get("config") or {})}
            return node if own & _CONCERNS_VALUES else None
        if node["type"] == "any":
            return _sendable(allows_infinity=bool(config.get("allow_inf_nan")))
        untyped = [key for key in _UNTYPED.get(node["type"], ()) if key not in node]
        if untyped:
            return rewrite_children({**node, **{key: {"type": "any"} for key in untyped}}, visit)
        changes = _ANSWERABLE.get(node["type"])
        return None if changes is None else {**changes, **node}

    return rewrite(configured(core, config), visit)


def is_any_sequence(core: Core) -> bool:
    """Whether a node is what ``Sequence[Any]`` means."""
    if core["type"] != "json-or-python" or core["json_schema"]["type"] != "list":
        return False
    return bool(core["python_schema"]["type"] == "is-instance")


def is_json_value(core: Core) -> bool:
    """Whether a node is what ``pydantic.JsonValue`` means."""
    python = core.get("python_schema") or {}
    return bool(python.get("custom_error_type") == "invalid-json-value")


def answerable_json(core: Core) -> Core:
    """Let a ``JsonValue`` refuse what no answer could repeat.

    Args:
        core: Its node, which others refer to.
    """
    value: Any = {name: said for name, said in core.items() if name != "ref"}
    node = core_schema.no_info_after_validator_function(_check_sendable, value)
    return {**node, "ref": core["ref"]}


def _sendable(*, allows_infinity: bool) -> Core:
    check = partial(_check_sendable, allows_infinity=allows_infinity)
    return dict(core_schema.no_info_plain_validator_function(check))


def _check_sendable(value: object, *, allows_infinity: bool = False) -> object:
    problem = can_be_sent(value, allows_infinity=allows_infinity)
    # What is no JSON at all, such as a file, is not there to be repeated.
    if problem is not None and problem != "needs_python_object":
        raise PydanticKnownError(problem)
    return value


def can_be_sent(value: Any, *, allows_infinity: bool = False) -> Problem | None:
    """Return why no answer could repeat a value of JSON; ``None`` if one could.

    Args:
        value: Text, a number, or a list or dictionary of any values.
        allows_infinity: Whether infinity is none of the reasons.

    Returns:
        Pydantic's type of the error.
    """
    if value.__class__ in _ALWAYS_SENT or (value.__class__ is str and value.isascii()):
        return None
    encode = _encode_all if allows_infinity else _encode
    try:
        encode(value).encode()
    except UnicodeEncodeError:
        return "string_unicode"
    except (ValueError, RecursionError):
        return "finite_number"
    except TypeError:
        return "needs_python_object"
    return None


def sendable(value: object) -> None:
    """Refuse what DRF's field takes, and its renderer then cannot send.

    That is half of a surrogate pair, and infinity in the JSON of a form.

    Args:
        value: What the field has made of the input.

    Raises:
        ValidationError: It is such a value.
    """
    if can_be_sent(value) in ("string_unicode", "finite_number"):
        raise ValidationError(JSONField.default_error_messages["invalid"], code="invalid")


_ALWAYS_SENT = frozenset((int, bool, type(None)))
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_encode_all = json.JSONEncoder(ensure_ascii=False).encode

_CONCERNS_VALUES = frozenset(name for named in _BY_TYPE.values() for name in named)
