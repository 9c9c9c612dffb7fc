"""Text: ``str``, patterns and e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from pydantic import EmailStr
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import not_taken
from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs, texts
from nova_drf.mapping.registry import FieldMapping
from nova_drf.mapping.rows.constraints import (
    length_limits,
    method_owner,
    only,
    renamed,
    without_limits,
)
from nova_drf.mapping.rows.patterns import LinearPattern, linear_pattern

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class StringMapping(FieldMapping):
    """``str`` and ``CharField``.

    ``Field(min_length=0)`` stands for ``allow_blank=True``, and
    ``StringConstraints(strip_whitespace=False)`` for ``trim_whitespace=False``. Instances of
    subclasses of ``str``, which no parser makes, are taken for the text that they hold.
    """

    core_type = "str"
    python_type: ClassVar[object] = str
    field_class: ClassVar[Any] = drf.CharField
    native = (str,)
    input: ClassVar[tuple[str, ...]] = (
        *("allow_blank", "max_length", "min_length", "trim_whitespace"),
    )
    model_fields = (
        models.CharField,
        models.TextField,
        models.GenericIPAddressField,
        models.FilePathField,
    )
    stored_values = ("", "a", "é\u2028", "a\nb", "x" * 300)
    openapi_types = (
        *("STR", "BYTE", "BINARY", "PASSWORD", "EMAIL", "HOSTNAME", "REGEX"),
        *("URI", "URI_REF", "URI_TPL", "IP4", "IP6"),
    )

    def options(self, core: Core) -> dict[str, Any]:
        options = renamed(core, max_length="max_length")
        if core.get("min_length") == 0:
            options["allow_blank"] = True
        elif core.get("min_length"):
            options["min_length"] = core["min_length"]
        if core.get("strip_whitespace") is False:
            options["trim_whitespace"] = False
        return options

    def remainder(self, core: Core) -> Core | None:
        # A pattern comes here only if Python cannot read it; see PatternMapping.
        return only(core, "to_lower", "to_upper", "ascii_only", "pattern")

    def fast(self, shape: TypeShape) -> Core | None:
        trims = shape.options.get("trim_whitespace", True)
        blank = shape.options.get("allow_blank", False)
        # Python also trims U+001C to U+001F, which Rust does not take for white space.
        refused = r"\x00\x1c-\x1f" if trims else r"\x00"
        return fast_text(
            rf"^[^{refused}]*$",
            strip_whitespace=trims,
            min_length=max(shape.options.get("min_length", 0), 0 if blank else 1),
            max_length=shape.options.get("max_length"),
        )

    def description(self, field: AnyField) -> Described | None:
        return Described(self.python_type, *text_constraints(field))

    def inputs(self, field: AnyField) -> Inputs | None:
        return texts(field)


def text_constraints(field: AnyField) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what ``Field`` says about a text, and the attributes of the field that stand for it.

    ``min_length=0`` stands for ``allow_blank``.
    """
    attributes = {"max_length", "min_length", "allow_blank", "trim_whitespace"}
    constraints: dict[str, Any] = {}
    if field.allow_blank and not field.min_length:
        constraints["min_length"] = 0
    elif field.min_length:
        constraints["min_length"] = field.min_length
        if field.allow_blank:
            attributes.discard("allow_blank")
    if field.max_length is not None:
        constraints["max_length"] = field.max_length
    if not field.trim_whitespace:
        constraints["strip_whitespace"] = False
    return constraints, frozenset(attributes)


def fast_text(pattern: str | None, **constraints: Any) -> Core:
    """Return a validator for text that runs in Rust, whatever the model's configuration says.

    Args:
        pattern: What the text must look like; text that is not valid Unicode never matches.
            ``None`` for any text.
        constraints: Further arguments of ``core_schema.str_schema``.
    """
    return dict(
        core_schema.str_schema(
            **{
                "pattern": pattern,
                "regex_engine": "rust-regex",
                "strict": True,
                "strip_whitespace": False,
                "to_lower": False,
                "to_upper": False,
                **constraints,
            }
        )
    )


class PatternMapping(StringMapping):
    """``Field(pattern=...)`` and ``RegexField``.

    Pydantic's engine searches the pattern of a schema, also in DRF's field. It is Rust's, unless
    the model's ``regex_engine`` says otherwise; Python's ``re`` searches what Rust does not
    understand, and what a classic ``RegexField`` was made with. A pattern that Python does not
    understand (``\\p{Greek}``) stays Pydantic's business.
    """

    python_type: ClassVar[object] = None
    field_class: ClassVar[Any] = drf.RegexField
    required_arguments: ClassVar[Mapping[str, Any]] = {"regex": ""}

    def matches(self, core: Core) -> bool:
        if core["type"] != "str" or core.get("pattern") is None:
            return False
        try:
            re.compile(core["pattern"])
        except re.error:
            return False
        return True

    def options(self, core: Core) -> dict[str, Any]:
        regex = linear_pattern(core) or core["pattern"]
        return {"regex": regex, **super().options(core)}

    def remainder(self, core: Core) -> Core | None:
        return only(core, "to_lower", "to_upper", "ascii_only")

    def fast(self, shape: TypeShape) -> Core | None:
        text: Any = super().fast(shape)
        regex = shape.options["regex"]
        if isinstance(regex, LinearPattern):
            pattern: Any = fast_text(regex.pattern)
            return dict(core_schema.chain_schema([text, pattern]))
        search = re.compile(regex).search

        def matching(value: str) -> str:
            if search(value) is None:
                raise not_taken()
            return value

        return dict(core_schema.no_info_after_validator_function(matching, text))

    def description(self, field: AnyField) -> Described | None:
        constraints, attributes = text_constraints(field)
        regex = regex_of(field)
        has_flags = bool(regex.flags & ~re.UNICODE)
        left = ("the flags of its regular expression",) if has_flags else ()
        # Where the type decides alone, it searches as the field does: a compiled expression does.
        is_compiled = isinstance(regex, re.Pattern) and not has_flags
        constraints["pattern"] = regex if is_compiled else regex.pattern
        return Described(str, constraints, attributes, left)

    def field_options(self, field: AnyField) -> dict[str, Any]:
        return {**super().field_options(field), "regex": regex_of(field)}

    def field_core(self, field: AnyField) -> Core:
        return {"type": "str", "pattern": regex_of(field).pattern}

    def field_arguments(self, field: AnyField) -> dict[str, Any]:
        return {**super().field_arguments(field), "regex": regex_of(field)}


def regex_of(field: AnyField) -> Any:
    """Return the pattern that a ``RegexField`` or ``SlugField`` searches for."""
    return [validator for validator in field.validators if type(validator) is RegexValidator][
        -1
    ].regex


class SlugMapping(PatternMapping):
    """``SlugField``, which no type stands for."""

    field_class: ClassVar[Any] = drf.SlugField
    input = (*StringMapping.input, "allow_unicode")
    required_arguments: ClassVar[Mapping[str, Any]] = {}

    def matches(self, core: Core) -> bool:
        return False

    def description(self, field: AnyField) -> Described | None:
        constraints, attributes = text_constraints(field)
        constraints["pattern"] = regex_of(field).pattern
        left = ("the words and the format of SlugField",)
        return Described(str, constraints, attributes | {"allow_unicode"}, left)

    def field_arguments(self, field: AnyField) -> dict[str, Any]:
        arguments = StringMapping.field_arguments(self, field)
        return {**arguments, "allow_unicode": field.allow_unicode}


class AddressMapping(StringMapping):
    """Addresses: text of the usual form is taken at once, all other text by DRF's field.

    Attributes:
        pattern: The usual form.
        longest: How many characters it may have.
    """

    pattern: ClassVar[str]
    longest: ClassVar[int]

    def remainder(self, core: Core) -> Core | None:
        return None

    def fast(self, shape: TypeShape) -> Core | None:
        return fast_text(
            self.pattern,
            min_length=shape.options.get("min_length"),
            max_length=min(shape.options.get("max_length", self.longest), self.longest),
        )


class EmailMapping(AddressMapping):
    """``EmailStr`` and ``EmailField``: the address stays as it was written."""

    python_type: ClassVar[object] = EmailStr
    field_class: ClassVar[Any] = drf.EmailField
    widget = "django.forms.EmailInput"
    pattern: ClassVar[str] = (
        r"^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@"
        r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
    )
    longest = 254

    def matches(self, core: Core) -> bool:
        core = without_limits(core)
        return core["type"] == "function-after" and method_owner(core) is EmailStr

    def options(self, core: Core) -> dict[str, Any]:
        text = without_limits(core)["schema"]
        return super().options({**text, **length_limits(core)})

    def description(self, field: AnyField) -> Described | None:
        if find_spec("email_validator") is None:
            left = ("the format (EmailStr needs the package email-validator)",)
            return Described(str, *text_constraints(field), left=left)
        return super().description(field)

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = (" a@b.co ", "Name <a@b.co>", "a@localhost", "a@b", "ü@b.co", "a" * 250 + "@b.co")
        return Inputs(("a@b.co", "A.b+c@D-e.example.org"), odd)
