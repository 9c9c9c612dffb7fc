"""Text: ``str``, patterns, e-mail and web addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import EmailStr
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import not_taken
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
    from nova_drf.mapping.shape import TypeShape


class StringMapping(FieldMapping):
    """``str`` and ``CharField``.

    ``Field(min_length=0)`` stands for ``allow_blank=True``, and
    ``StringConstraints(strip_whitespace=False)`` for ``trim_whitespace=False``. Instances of
    subclasses of ``str``, which no parser makes, are taken for the text that they hold.
    """

    core_type = "str"
    python_type: ClassVar[Any] = str
    field_class: ClassVar[Any] = drf.CharField
    native = (str,)

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
            min_length=0 if blank else shape.options.get("min_length", 1),
            max_length=shape.options.get("max_length"),
        )


def fast_text(pattern: str, **constraints: Any) -> Core:
    """Return a validator for text that runs in Rust, whatever the model's configuration says.

    Args:
        pattern: What the text must look like; text that is not valid Unicode never matches.
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

    python_type: ClassVar[Any] = None
    field_class: ClassVar[Any] = drf.RegexField

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
            found: Any = fast_text(regex.pattern)
            return dict(core_schema.chain_schema([text, found]))
        search = re.compile(regex).search

        def matching(value: str) -> str:
            if search(value) is None:
                raise not_taken()
            return value

        return dict(core_schema.no_info_after_validator_function(matching, text))


class EmailMapping(StringMapping):
    """``EmailStr`` and ``EmailField``: the address is kept as it was written."""

    python_type: ClassVar[Any] = EmailStr
    field_class: ClassVar[Any] = drf.EmailField
    pattern: ClassVar[str] = (
        r"^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@"
        r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
    )

    def matches(self, core: Core) -> bool:
        core = without_limits(core)
        return core["type"] == "function-after" and method_owner(core) is EmailStr

    def options(self, core: Core) -> dict[str, Any]:
        text = without_limits(core)["schema"]
        return super().options({**text, **length_limits(core)})

    def remainder(self, core: Core) -> Core | None:
        return None

    def fast(self, shape: TypeShape) -> Core | None:
        return fast_text(
            self.pattern,
            min_length=shape.options.get("min_length"),
            max_length=min(shape.options.get("max_length", 254), 254),
        )


class UrlMapping(StringMapping):
    """``HttpUrl``, ``AnyHttpUrl`` and ``URLField``: the address stays the text that was sent.

    The attribute of the schema therefore holds a ``str``. URLs of other schemes (``PostgresDsn``,
    ``AnyUrl``, ...) are Pydantic's business.
    """

    python_type: ClassVar[Any] = None
    field_class: ClassVar[Any] = drf.URLField
    pattern: ClassVar[str] = (
        r"^https?://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(/[A-Za-z0-9._~/%-]*)?$"
    )
    schemes: ClassVar[frozenset[str]] = frozenset(("http", "https", "ftp", "ftps"))
    default_limit: ClassVar[int] = 2083
    """The length that ``HttpUrl`` itself demands, which DRF's field does not know."""

    def matches(self, core: Core) -> bool:
        core = without_limits(core)
        if core["type"] != "function-wrap" or core["schema"]["type"] != "url":
            return False
        schemes = core["schema"].get("allowed_schemes")
        return bool(schemes) and self.schemes.issuperset(schemes)

    def options(self, core: Core) -> dict[str, Any]:
        limit = without_limits(core)["schema"].get("max_length", self.default_limit)
        limits = {} if limit == self.default_limit else {"max_length": limit}
        return super().options({**limits, **length_limits(core)})

    def remainder(self, core: Core) -> Core | None:
        return None

    def fast(self, shape: TypeShape) -> Core | None:
        return fast_text(
            self.pattern,
            min_length=shape.options.get("min_length"),
            max_length=min(shape.options.get("max_length", 200), 200),
        )
