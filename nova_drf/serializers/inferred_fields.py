"""The fields that DRF infers from a model, one by one, each made anew as for a new serializer.

What they are made with may depend on the language, the tenant or the time: the messages of unique
checks, querysets of managers and of ``limit_choices_to``, choices that are a function's.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_framework.settings import api_settings
from rest_framework.utils.model_meta import get_field_info

if TYPE_CHECKING:
    from django.db.models import Model

    from nova_drf.mapping.shape import AnyField

Call = tuple[type["AnyField"], dict[str, Any]]
"""A class of fields, and the arguments of one."""


class InferredFields:
    """What ``ModelSerializer`` infers for the attributes of its model.

    Args:
        serializer: A ``ModelSerializer``; nothing of it is changed.
    """

    def __init__(self, serializer: Any) -> None:
        self.serializer = serializer
        self.meta = serializer.Meta
        self.model: type[Model] = self.meta.model
        if serializer.url_field_name is None:
            serializer.url_field_name = api_settings.URL_FIELD_NAME

    def call(self, source: str) -> Call:
        """Return the class and the arguments of the field that DRF infers for an attribute."""
        depth = getattr(self.meta, "depth", 0)
        call: Call = self.serializer.build_field(source, self._info, self.model, depth)
        return call

    @cached_property
    def _info(self) -> Any:
        return get_field_info(self.model)


class FieldsOfMeta(InferredFields):
    """Those of a serializer class, with what its ``Meta`` says besides.

    Args:
        serializer: A ``ModelSerializer`` of that class.
    """

    def __init__(self, serializer: Any) -> None:
        super().__init__(serializer)
        names = serializer.get_field_names(serializer._declared_fields, self._info)
        self._extra, self._hidden = serializer.get_uniqueness_extra_kwargs(
            names, serializer._declared_fields, serializer.get_extra_kwargs()
        )

    def make(self, name: str) -> AnyField:
        """Make the field of a name that is not declared."""
        hidden = self._hidden.get(name)
        if hidden is not None:
            return type(hidden)(**hidden._kwargs)
        source = self._extra.get(name, {}).get("source", "*")
        field_class, inferred = self.call(name if source == "*" else source)
        arguments = self.serializer.include_extra_kwargs(inferred, self._extra_arguments(name))
        return field_class(**arguments)

    def _extra_arguments(self, name: str) -> dict[str, Any]:
        """Return the arguments that ``Meta`` gives a field, of which DRF copies the user's own."""
        users: Mapping[str, Any] = (getattr(self.meta, "extra_kwargs", None) or {}).get(name, {})
        return {
            option: copy.deepcopy(value) if option in users else value
            for option, value in self._extra.get(name, {}).items()
        }
