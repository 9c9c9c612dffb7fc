"""Where the same model is described: its columns, serializers, schemas and forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.forms import ModelForm
from rest_framework.serializers import ModelSerializer

from nova_drf.checks.drift.claims import (
    CHECKED_BY_MODELS,
    ROW_ASPECTS,
    VALUE_ASPECTS,
    Aspect,
    Claims,
    has_own_validators,
    is_comparable,
    said_by_column,
    said_by_form_field,
    said_by_serializer_field,
)
from nova_drf.checks.drift.kinds import kind_of_field_class
from nova_drf.checks.drift.own_code import names_field
from nova_drf.checks.uses import Uses
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import SAVING, field_hook, overrides
from nova_drf.core.ownership import Owner, definer_in, home_of
from nova_drf.mapping.shape import FieldShape
from nova_drf.migration.fake_views import fake_context
from nova_drf.models import SchemaValidated, column_of, schema_of
from nova_drf.serializers.schema_serializer import (
    SchemaSerializer,
    nested_serializer_class,
    serializer_classes,
)
from nova_drf.views.services.signatures import STANDARD
from nova_drf.views.services.viewsets import service_viewset_classes

T = TypeVar("T")


def name_of(cls: type) -> str:
    """Return the dotted path of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def models_with_schema() -> set[type[models.Model]]:
    """Return the models that a schema speaks of."""
    spoken_of = {_model_of(cls) for cls in schema_serializers()}
    return spoken_of | {model for model in apps.get_models() if issubclass(model, SchemaValidated)}


def schema_serializers() -> list[Any]:
    """Return the serializer classes with a schema and a model that read input."""
    written = [
        cls
        for cls in serializer_classes()
        if cls._schemas is not None and _model_of(cls) and not hasattr(cls, "made_for_service")
    ]
    return [*written, *_serializers_of_services()]


def _serializers_of_services() -> list[Any]:
    """Return what reads the bodies of actions that services answer; not what prints results."""
    serializers = (
        action.request_serializer
        for viewset in service_viewset_classes()
        for action in viewset.service_actions.values()
        if action.name in STANDARD
    )
    made_in_passing = {
        cls for cls in serializers if hasattr(cls, "made_for_service") and _model_of(cls)
    }
    return sorted(made_in_passing, key=name_of)


def model_serializers() -> list[Any]:
    """Return the classic serializers of models."""
    return [cls for cls in _subclasses(ModelSerializer) if _model_of(cls)]


def model_forms() -> list[Any]:
    """Return the forms of models."""
    return [
        cls for cls in _subclasses(ModelForm) if getattr(cls, "_meta", None) and cls._meta.model
    ]


def claims_of_columns(model: type[models.Model]) -> Iterator[Claims]:
    """Yield what a model's own columns say, each in the name of the model that has it."""
    for column in model._meta.concrete_fields:
        place = f"{name_of(column.model)}.{column.name}"
        yield Claims(column, place, said_by_column(column), column.model)


def claims_of_serializer(cls: Any, model: type[models.Model], uses: Uses) -> Iterator[Claims]:
    """Yield what a serializer's fields say; what only shows says what it shows, and no more.

    Args:
        cls: The class.
        model: What it is about.
        uses: What the project does with it.

    Raises:
        Exception: Whatever the serializer's own code raises without a client.
    """
    only_type = uses.only_shows(cls)
    row_checks = _checked_beside(cls, uses)
    for name, field in _fields_of(cls).items():
        column = column_of(model, field.source) if is_comparable(field) else None
        if column is None or column.many_to_many:
            continue
        said = said_by_serializer_field(field, column, unique=True)
        if only_type:
            said = {aspect: value for aspect, value in said.items() if aspect is Aspect.TYPE}
        kind = _kind_in_schema(cls, name)
        if kind is not None:
            said = {**said, Aspect.TYPE: kind}
        origin = _origin(cls, name)
        checked = row_checks | _checked_by_hand(cls, name, field)
        yield Claims(column, f"{name_of(origin)}.{name}", said, origin, checked)


def _fields_of(cls: Any) -> Any:
    """Return a serializer's fields; code of its own that wants a request gets an empty one."""
    try:
        return cls().fields
    except SchemaDefinitionError:
        raise
    except Exception as error:
        # Whatever it is, it may be for want of a request.
        try:
            return cls(context=fake_context()).fields
        except Exception:
            # The first error is the one that a request would meet.
            raise error from None


def _checked_beside(cls: type, uses: Uses) -> frozenset[Aspect]:
    """Return what code that sees the whole row may check, or fill in: nobody can read it."""
    own_code = any(overrides(cls, (*SAVING, *_CHECKING_ROWS)))
    if own_code or _validates_whole(cls) or cls in uses.handled:
        return ROW_ASPECTS
    if cls in uses.nested and cls not in uses.written:
        return ROW_ASPECTS  # The serializer around it saves it.
    return frozenset((Aspect.REQUIRED,)) if cls in uses.filled else frozenset()


_CHECKING_ROWS = ("validate", "run_validation", "to_internal_value", "get_validators")


def _validates_whole(cls: Any) -> bool:
    if not issubclass(cls, SchemaSerializer):
        return False
    return bool(cls.get_definition().request.validates_whole)


def _checked_by_hand(cls: Any, name: str, field: Any) -> frozenset[Aspect]:
    """Return what code for this one field may check."""
    shape = _shape_in(cls, name)
    by_schema = shape is not None and not shape.type.bare
    if hasattr(cls, field_hook(name)):
        return VALUE_ASPECTS | ROW_ASPECTS - {Aspect.REQUIRED}
    # What is never shown again is hardly stored as it was sent: a password.
    is_changed = field.write_only and any(overrides(cls, SAVING))
    is_checked = (
        by_schema
        or has_own_validators(field)
        or names_field(cls, _CHECKING_ROWS, field.source)
        or names_field(cls, _CHECKING_ROWS, name)
    )
    return VALUE_ASPECTS if is_changed or is_checked else frozenset()


def _kind_in_schema(cls: object, name: str) -> str | None:
    """Return what a schema says that the key of a relation is."""
    shape = _shape_in(cls, name)
    relation = None if shape is None else shape.type.relation
    if relation is None or relation.mapping is None or not relation.has_drf_semantics:
        return None
    return kind_of_field_class(relation.mapping.load_field_class())


def _shape_in(cls: Any, name: str) -> FieldShape | None:
    if not issubclass(cls, SchemaSerializer):
        return None
    fields = cls.get_definition().request.fields.values()
    return next((shape for shape in fields if shape.field_name == name), None)


def _origin(cls: Any, name: str) -> Any:
    """Return the class that says what a field is: of those that inherit it, none says it anew."""
    declared = cls._declared_fields.get(name)
    if declared is not None:
        bases = (base for base in reversed(cls.__mro__) if name in _declared_in(base))
        return next(base for base in bases if _declared_in(base)[name] is declared)
    if "Meta" in vars(cls) or "__orig_bases__" in vars(cls):
        return cls
    return definer_in(cls.__mro__, "Meta") or cls


def _declared_in(cls: type) -> Mapping[str, object]:
    declared: Mapping[str, object] = getattr(cls, "_declared_fields", {})
    return declared


def claims_of_validation(model: type[SchemaValidated]) -> Iterator[Claims]:
    """Yield what the schema says that a model's rows must keep to."""
    schema = schema_of(model)
    for name, field in nested_serializer_class(schema)().fields.items():
        column = column_of(model, field.source) if is_comparable(field) else None
        if column is not None and not column.many_to_many:
            said = said_by_serializer_field(field, column, unique=False)
            yield Claims(column, f"{name_of(schema)}.{name}", said, schema)


def claims_of_form(cls: Any) -> Iterator[Claims]:
    """Yield what a form's fields say."""
    own = {name for base in cls.__mro__ if _is_projects(base) for name in vars(base)}
    for name, field in cls.base_fields.items():
        column = column_of(cls._meta.model, name)
        if column is not None and not column.many_to_many and not field.disabled:
            said = said_by_form_field(field, column, is_whole="__init__" not in own)
            fills = own & {"clean", "save", "_post_clean", f"clean_{name}"}
            checked = CHECKED_BY_MODELS | ({Aspect.REQUIRED} if fills else set())
            yield Claims(column, f"{name_of(cls)}.{name}", said, cls, checked)


def _model_of(cls: object) -> Any:
    """Return ``Meta.model``; what is no model there, ``nova_drf.E002`` complains of."""
    model = getattr(getattr(cls, "Meta", None), "model", None)
    return model if isinstance(model, type) and issubclass(model, models.Model) else None


def _subclasses(base: type[object]) -> list[Any]:
    """Return the classes that projects have made of one, by name."""
    subclasses: set[type[Any]] = set()
    waiting: list[type[Any]] = [base]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            if cls not in subclasses:
                subclasses.add(cls)
                waiting.append(cls)
    return sorted(filter(_is_projects, subclasses), key=name_of)


def _is_projects(cls: type) -> bool:
    return home_of(cls) is Owner.PROJECT
