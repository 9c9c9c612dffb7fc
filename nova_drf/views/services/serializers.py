"""The serializers of a delegated action: of its body, its query string and its response."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import Model
from pydantic import BaseModel, create_model
from rest_framework.serializers import BaseSerializer, Serializer

from nova_drf.core.markers import NotRequired
from nova_drf.core.overrides import SerializerClass
from nova_drf.schemas.schema import Schema
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema
from nova_drf.services import ServiceDefinitionError
from nova_drf.services.signatures import Argument
from nova_drf.views.services.signatures import STANDARD, ServiceSignature, is_model, schema_in


class ActionSerializers(ServiceSignature):
    """What reads the request of a delegated action, and what prints its result."""

    @cached_property
    def request_serializer(self) -> SerializerClass | None:
        """What reads the body; ``None`` where there is none."""
        if not self.has_body:
            return None
        of_model = self.name in STANDARD
        if self._named_request is not None:
            return self._serializer_class(self._named_request, of_model)
        if self.data_argument is not None:
            schema = self.data_schema
            return None if schema is None else self._serializer_class(schema, of_model)
        return self._of_arguments("Request", self._other_arguments)

    @cached_property
    def query_serializer(self) -> SerializerClass | None:
        """What reads the query string; ``None`` where the method takes nothing from it."""
        if self.has_body:
            in_query = self._other_arguments if self.data_argument is not None else {}
            return self._of_arguments("Query", in_query)
        if self.data_argument is not None:
            schema = self.data_schema
            return None if schema is None else serializer_from_schema(schema)
        return self._of_arguments("Query", self._other_arguments)

    def _of_arguments(
        self, suffix: str, arguments: Mapping[str, Argument]
    ) -> SerializerClass | None:
        """Return the serializer with a field for each argument; ``None`` if there are none."""
        if not arguments:
            return None
        may_lack: Any = NotRequired
        fields: dict[str, Any] = {
            name: (argument.annotation, ...) if argument.required else may_lack[argument.annotation]
            for name, argument in arguments.items()
        }
        title = "".join(word.title() for word in self.contract.name.split("_")) + suffix
        schema = create_model(title, __base__=Schema, __module__=self.viewset.__module__, **fields)
        return serializer_from_schema(schema)

    @cached_property
    def response_serializer(self) -> SerializerClass | None:
        """What prints schemas and objects; ``None`` for other results."""
        if self.is_empty:
            return None
        item = self.item
        schema = schema_in(item)
        if self.delegation.response is not None or schema is not None:
            return self._serializer_class(self.delegation.response or schema, schema is None)
        if not (self.many or is_model(item)):
            return None
        named = self.viewset.schema_of_objects()
        if named is None and self.is_chosen_by_hook:
            return None
        if named is None:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() returns objects of a model, and nothing "
                "says how to print them. Set response_schema or serializer_class on the viewset, "
                "or pass delegate(..., response=...)."
            )
        return self._serializer_class(named, True)

    def _serializer_class(self, named: Any, of_model: bool) -> SerializerClass:
        """Return the serializer that is named, or that of a schema, with the service's model.

        Args:
            named: A serializer or schema class.
            of_model: Whether it describes an object, with the model's relations and unique columns.
        """
        if issubclass(named, BaseSerializer):
            serializer_class: SerializerClass = named
            return serializer_class
        return _serializer_of(named, self.viewset.model_of_service() if of_model else None)

    @cached_property
    def value_serializer(self) -> SerializerClass:
        """What prints a result that is neither a schema nor an object: as a field of a schema."""
        fields: dict[str, Any] = {"value": (self.result, ...)}
        name = "".join(word.title() for word in self.contract.name.split("_")) + "Result"
        return serializer_from_schema(create_model(name, __base__=Schema, **fields))

    @cached_property
    def names_by_source(self) -> dict[str, str]:
        """Clients' names of the model's fields, where they differ."""
        serializer_class: Any = self.request_serializer
        if serializer_class is None or not issubclass(serializer_class, Serializer):
            return {}
        serializer: Any = serializer_class()
        names = {field.source: name for name, field in serializer.fields.items()}
        if isinstance(serializer, SchemaSerializer):
            renamed = serializer.get_definition().renamed.values()
            names |= {field.source: str(field.input_paths[0][-1]) for field in renamed}
        return {source: name for source, name in names.items() if source != name}

    def compile(self) -> None:
        super().compile()
        self._check_request()
        _ = self.query_serializer, self.response_serializer
        self._check_response()

    def _check_request(self) -> None:
        """Refuse a request schema that lacks what the method requires, or has another type."""
        serializer_class = self.request_serializer
        named = _schema_of_serializer(serializer_class)
        wanted = self.data_schema
        if wanted is None or named is None or issubclass(named, wanted):
            return
        required = {name for name, info in wanted.model_fields.items() if info.is_required()}
        lacking = sorted(required - named.model_fields.keys())
        if lacking or self.delegation.request is not None:
            raise ServiceDefinitionError(
                f"{self.where}: the request is read as {named.__qualname__}, but "
                f"{self.contract.where}() takes {self.data_argument}: {wanted.__qualname__}"
                + (f", which requires {', '.join(lacking)}." if lacking else ".")
            )

    def _check_response(self) -> None:
        """Refuse a response schema that reads what the method's result does not have."""
        named = _schema_of_serializer(self.response_serializer)
        returned = schema_in(self.item)
        if named is None or returned is None or issubclass(returned, named):
            return
        required = {name for name, info in named.model_fields.items() if info.is_required()}
        lacking = sorted(name for name in required if name not in returned.model_fields)
        lacking = [name for name in lacking if not hasattr(returned, name)]
        if lacking:
            raise ServiceDefinitionError(
                f"{self.where}: the response is printed as {named.__qualname__}, but "
                f"{self.contract.where}() returns {returned.__qualname__}, which has no "
                f"{', '.join(lacking)}."
            )


_serializers: dict[tuple[type[BaseModel], type[Model] | None], SerializerClass] = {}


def _serializer_of(schema: type[BaseModel], model: type[Model] | None) -> SerializerClass:
    """Return one serializer class for a schema and a model, however many actions use it."""
    known = _serializers.get((schema, model))
    if known is None:
        meta: dict[str, Any] = {} if model is None else {"model": model}
        serializer_class: Any = serializer_from_schema(schema, **meta)
        serializer_class.made_for_service = True
        known = _serializers[schema, model] = serializer_class
    return known


def _schema_of_serializer(serializer_class: type | None) -> type[BaseModel] | None:
    if serializer_class is None or not issubclass(serializer_class, SchemaSerializer):
        return None
    schema: type[BaseModel] = serializer_class.get_definition().request.schema
    return schema
