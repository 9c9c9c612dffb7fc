"""Values whose inside is none of the schema's business: JSON and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.files import File
from django.core.files.images import ImageFile
from pydantic import BaseModel
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import not_taken
from nova_drf.mapping.registry import Convert, FieldMapping
from nova_drf.mapping.rows.constraints import length_limits, renamed, without_limits

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import TypeShape


class JSONMapping(FieldMapping):
    """``Any`` and ``JSONField``."""

    core_type = "any"
    python_type: ClassVar[Any] = Any
    field_class = drf.JSONField
    native: ClassVar[tuple[type, ...]] = (str, int, bool, float, list, dict)

    def fast(self, shape: TypeShape) -> Core | None:
        def accepted(value: Any) -> Any:
            # A form's text is of a subclass of str, which DRF's field parses as JSON.
            if value.__class__ in _JSON_PRIMITIVES:
                return value
            raise not_taken()

        return dict(core_schema.no_info_plain_validator_function(accepted))

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: Any) -> Any:
            # DRF's renderer would take a model for a list of pairs.
            if isinstance(value, BaseModel):
                return value.model_dump(mode="json", by_alias=True)
            return exact(value)

        return represent


_JSON_PRIMITIVES = frozenset((str, int, bool))


class FileMapping(FieldMapping):
    """Django's ``UploadedFile`` (any ``File``) and ``FileField``."""

    python_type: ClassVar[Any] = File
    field_class = drf.FileField
    needs_context = True
    prints_plain = True

    def matches(self, core: Core) -> bool:
        core = without_limits(core)
        return core["type"] == "is-instance" and issubclass(core["cls"], File)

    def options(self, core: Core) -> dict[str, Any]:
        # For a file it is the length of its name, as FileField has it.
        return renamed(length_limits(core), max_length="max_length")


class ImageMapping(FileMapping):
    """Django's ``ImageFile`` and ``ImageField``, which needs Pillow."""

    python_type: ClassVar[Any] = ImageFile
    field_class = drf.ImageField

    def matches(self, core: Core) -> bool:
        return super().matches(core) and issubclass(without_limits(core)["cls"], ImageFile)
