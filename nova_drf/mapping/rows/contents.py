"""Values whose inside is none of the schema's business: JSON and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.files import File
from django.core.files.images import ImageFile
from django.db import models
from pydantic import BaseModel
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import not_taken
from nova_drf.core.printers import model_printer
from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs, Uploads
from nova_drf.mapping.model_config import can_be_sent, sendable
from nova_drf.mapping.registry import Convert, FieldMapping
from nova_drf.mapping.rows.constraints import length_limits, renamed, without_limits

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class JSONMapping(FieldMapping):
    """``Any`` and ``JSONField``."""

    core_type = "any"
    python_type: ClassVar[object] = Any
    field_class = drf.JSONField
    native: ClassVar[tuple[type, ...]] = (str, int, bool, float, list, dict)
    model_fields = (models.JSONField,)
    stored_values = ({}, [1, {"a": None}], "text")
    widget = "django.forms.Textarea"

    def options(self, core: Core) -> dict[str, Any]:
        return {"validators": [sendable]}

    def fast(self, shape: TypeShape) -> Core | None:
        def accepted(value: object) -> object:
            # A form's text is of a subclass of str, which DRF's field parses as JSON.
            if value.__class__ in _OF_JSON and can_be_sent(value) is None:
                return value
            raise not_taken()

        return dict(core_schema.no_info_plain_validator_function(accepted))

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: object) -> object:
            # DRF's renderer would take a model for a list of pairs.
            if isinstance(value, BaseModel):
                return model_printer(type(value))(value)
            return exact(value)

        return represent


_OF_JSON = frozenset((str, int, bool, list, dict))
"""Classes whose instances are JSON, if what is in them is."""


class FileMapping(FieldMapping):
    """Django's ``UploadedFile`` (any ``File``) and ``FileField``."""

    python_type: ClassVar[object] = File
    field_class = drf.FileField
    needs_context = True
    prints_in_any_model = True
    runs_itself = True
    widget = "django.forms.FileInput"

    def matches(self, core: Core) -> bool:
        core = without_limits(core)
        if core["type"] != "is-instance":
            return False
        # ``Sequence[Any]`` asks for an instance of what is no class.
        return isinstance(core["cls"], type) and issubclass(core["cls"], File)

    def options(self, core: Core) -> dict[str, Any]:
        # For a file it is the length of its name, as FileField has it.
        return renamed(length_limits(core), max_length="max_length")

    def description(self, field: AnyField) -> Described | None:
        constraints = {} if field.max_length is None else {"max_length": field.max_length}
        return Described(File, constraints, frozenset(("max_length", "_DjangoImageField")))

    def inputs(self, field: AnyField) -> Inputs | None:
        return Inputs(Uploads(("a.txt", "b.pdf")), ("name",))


class ImageMapping(FileMapping):
    """Django's ``ImageFile`` and ``ImageField``, which needs Pillow."""

    python_type: ClassVar[object] = ImageFile
    field_class = drf.ImageField

    def matches(self, core: Core) -> bool:
        return super().matches(core) and issubclass(without_limits(core)["cls"], ImageFile)

    def description(self, field: AnyField) -> Described | None:
        described = super().description(field)
        return described and described._replace(left=("that it is an image",))
