"""``FromModel``: a field of a schema that is the one which a ``ModelSerializer`` infers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from pydantic import GetCoreSchemaHandler, PydanticUndefinedAnnotation
from pydantic_core import CoreSchema
from rest_framework.serializers import ModelSerializer

from nova_drf.mapping.shape import AnyField
from nova_drf.schemas.use_field import UseField
from nova_drf.serializers.inferred_fields import FieldsOfMeta


class FromModel(UseField):
    """Keep the field that a ``ModelSerializer`` infers for an attribute of a model.

    >>> username: Annotated[str, FromModel(User, "username")]

    Use it for a column that means more than a type, because it has validators for example. Each
    serializer asks the model, so no rule is written twice.

    Follows:
        ``rest_framework.serializers.ModelSerializer.build_field``.

    Args:
        model: The model.
        name: The name of a column, a relation, a property or a method.
        base: The class that infers it: one of DRF's, or one with ``build_...`` methods of its own.
        depth: How deep related objects are printed, as ``Meta.depth``.
        extra_kwargs: What ``Meta.extra_kwargs`` would say about the field.

    Raises:
        ImproperlyConfigured: The model has no such attribute.
    """

    def __init__(
        self,
        model: type[Model],
        name: str,
        *,
        base: type[ModelSerializer[Any]] = ModelSerializer,
        depth: int = 0,
        **extra_kwargs: object,
    ) -> None:
        self.model = model
        self.name = name
        options = {"model": model, "fields": (name,), "depth": depth}
        meta = type("Meta", (), {**options, "extra_kwargs": {name: extra_kwargs}})
        metaclass: Any = type(base)
        self._serializer: Any = metaclass(f"{model.__name__}Fields", (base,), {"Meta": meta})
        if not apps.models_ready:
            return
        try:
            self.field  # noqa: B018  # it tells what is wrong now
        except ImproperlyConfigured as error:
            raise ImproperlyConfigured(
                f"FromModel({model.__name__}, {name!r}): DRF makes no field of it. Name a column, "
                f"a relation, a property or a method of the model. ({error})"
            ) from error

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if not apps.models_ready:
            # A module of models imports the schema, which is finished when it is first used.
            message = f"{self.model.__name__} is asked when all models are there"
            raise PydanticUndefinedAnnotation(self.model.__name__, message)
        return super().__get_pydantic_core_schema__(source, handler)

    @cached_property
    def _fields(self) -> FieldsOfMeta:
        return FieldsOfMeta(self._serializer())

    @cached_property
    def field(self) -> AnyField:  # type: ignore[override]  # it is made when it is asked for
        """The field that is inferred."""
        return self._fields.templates()[self.name]

    def make(self) -> AnyField:
        """Infer it anew."""
        return self._fields.make(self.name)
