"""``FromModel``: a field of a schema that is the one which a ``ModelSerializer`` infers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Model
from rest_framework.serializers import ModelSerializer

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
        options = {"model": model, "fields": (name,), "depth": depth}
        meta = type("Meta", (), {**options, "extra_kwargs": {name: extra_kwargs}})
        metaclass: Any = type(base)
        serializer: Any = metaclass(f"{model.__name__}Fields", (base,), {"Meta": meta})
        fields = FieldsOfMeta(serializer())
        super().__init__(fields.templates()[name])
        self.make = partial(fields.make, name)
