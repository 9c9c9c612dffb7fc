"""Web addresses: instances of Pydantic's classes, written as clients wrote them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import AnyUrl, HttpUrl, ValidationError
from pydantic_core import SchemaValidator, core_schema
from rest_framework import fields as drf

from nova_drf.mapping.inputs import Inputs
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.rows.constraints import length_limits, without_limits
from nova_drf.mapping.rows.text import AddressMapping

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class UrlMapping(AddressMapping):
    """``HttpUrl``, ``AnyHttpUrl`` and ``URLField``: DRF decides, and the text stays as it was sent.

    The attribute of the schema holds an instance of the annotated class whose ``str()`` is what the
    client sent: ``http://a.io``, to which Pydantic would add a slash. Text that DRF's field takes
    and that class does not, such as ``ftp://a.io``, stays text. URLs of other schemes
    (``PostgresDsn``, ``AnyUrl``, ...) are Pydantic's business.
    """

    python_type: ClassVar[object] = HttpUrl
    field_class: ClassVar[Any] = drf.URLField
    widget = "django.forms.URLInput"
    pattern: ClassVar[str] = (
        r"^https?://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(/[A-Za-z0-9._~/%-]*)?$"
    )
    longest = 200
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

    def fast(self, shape: TypeShape) -> Core | None:
        text: Any = super().fast(shape)
        typed = self.typed(shape)
        if typed is None:
            return text
        return dict(core_schema.no_info_after_validator_function(typed, text))

    def typed(self, shape: TypeShape) -> Convert | None:
        # A classic field, which no schema stands around, gives text.
        return _url_maker(without_limits(shape.core)) if shape.origin is None else None

    def validated(self, shape: TypeShape) -> Convert | None:
        return str

    def given_as(self, shape: TypeShape) -> Convert | None:
        return lambda value: str(value) if isinstance(value, AnyUrl) else value

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = ("HTTP://A.io", "ftp://a.io", "a.io", "javascript:alert(1)")
        good = ("http://a.io", "https://a.io/x?y=1#z", "http://localhost:8000/")
        return Inputs(good, (*odd, "http://a.io/" + "x" * 300))


def _url_maker(core: Core) -> Convert:
    """Return what makes a URL of text."""
    validate = SchemaValidator(core).validate_python

    def made(value: object) -> object:
        try:
            url = validate(value)
        except ValidationError:
            return value
        text = str(value)
        return url if str(url) == text else as_written(type(url), text)

    return made


def as_written(cls: object, text: str) -> object:
    """Return a URL whose ``str()`` is the given text.

    Args:
        cls: A class of Pydantic's URLs.
        text: A URL that it takes.
    """
    url = _class_as_written(cls)(text)
    url.text = text
    return url


@lru_cache(maxsize=64)
def _class_as_written(cls: Any) -> type[Any]:
    """Return a subclass of a class of URLs; it counts as that class wherever two are compared."""

    class AsWritten(cls):  # type: ignore[misc]  # a class that is given
        text: str

        def __str__(self) -> str:
            return self.text

        def __repr__(self) -> str:
            return f"{cls.__name__}({self.text!r})"

        def __eq__(self, other: object) -> bool:
            is_url = isinstance(other, cls)
            return self.unicode_string() == _text_of(other) if is_url else NotImplemented

        __hash__ = cls.__hash__

        def __copy__(self) -> object:
            return self

        def __deepcopy__(self, memo: object) -> object:
            return self

        def __reduce__(self) -> tuple[Any, ...]:
            return as_written, (cls, self.text)

    AsWritten.__name__, AsWritten.__qualname__ = cls.__name__, cls.__qualname__
    AsWritten.__module__, AsWritten.__doc__ = cls.__module__, cls.__doc__
    return AsWritten


def _text_of(url: Any) -> object:
    return url.unicode_string()
