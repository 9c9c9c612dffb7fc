"""Shapes that conversion meets in the wild, each as small as it can be and still be itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from tests.convertapp.models import City, Country, Person

# 1. One class, two contracts


class BriefCountry(serializers.ModelSerializer[Country]):
    """As a field it takes a key or attributes, and prints a subset: ``nested=True``."""

    class Meta:
        model = Country
        fields = ["code", "name", "size"]
        brief_fields = ["code", "name"]

    def __init__(self, *args: Any, nested: bool = False, **kwargs: Any) -> None:
        self.nested = nested
        super().__init__(*args, **kwargs)

    @cached_property
    def fields(self) -> Any:  # type: ignore[override]
        fields = super().fields
        if self.nested:
            for name in set(fields) - {*self.Meta.brief_fields}:
                fields.pop(name)
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if not self.nested:
            return super().to_internal_value(data)
        wanted = data if isinstance(data, dict) else {"code": data}
        found = Country.objects.filter(**{key: wanted[key] for key in wanted if key == "code"})
        if len(found) != 1:
            raise serializers.ValidationError(f"Not found: {wanted}", code="not_found")
        return found[0]

    def run_validators(self, value: Any) -> None:
        if not self.nested:
            super().run_validators(value)


class CityOfCountry(serializers.ModelSerializer[City]):
    """Uses it in both ways."""

    country = BriefCountry(nested=True)

    class Meta:
        model = City
        fields = ["id", "name", "country"]


# 2. A base for the whole project


class WholeProjectBase(serializers.ModelSerializer[Any]):
    """Looks at ``fields``, builds fields and takes arguments for every class of the project."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.requested = kwargs.pop("fields", None)
        super().__init__(*args, **kwargs)

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        cls, arguments = super().build_relational_field(field_name, relation_info)
        arguments["help_text"] = f"Key of a {relation_info.related_model.__name__}."
        return cls, arguments

    def build_unknown_field(self, field_name: str, model_class: Any) -> Any:
        return serializers.ReadOnlyField, {"default": None}

    def get_field_names(self, declared_fields: Any, info: Any) -> Any:
        names = super().get_field_names(declared_fields, info)
        return [name for name in names if self.requested is None or name in self.requested]


class LeafCity(WholeProjectBase):
    """Looks declarative."""

    class Meta:
        model = City
        fields = ["id", "name", "country", "label", "not_there"]


# 3. Bases of third parties


class TranslatedMixin:
    """Swaps fields of the model for dictionaries by language, as packages for i18n do."""

    def get_fields(self) -> Any:
        fields = super().get_fields()  # type: ignore[misc]
        for name in self.Meta.translated:  # type: ignore[attr-defined]
            fields[name] = serializers.DictField(child=serializers.CharField())
        return fields

    def to_representation(self, instance: Any) -> Any:
        wrapped = {name: {"en": getattr(instance, name)} for name in self.Meta.translated}  # type: ignore[attr-defined]
        fields = {name: field for name, field in self.fields.items() if name not in wrapped}  # type: ignore[attr-defined]
        plain = {
            name: field.to_representation(field.get_attribute(instance))
            for name, field in fields.items()
        }
        return {**plain, **wrapped}


class TranslatedCountry(TranslatedMixin, serializers.ModelSerializer[Country]):
    """The mixin comes first."""

    class Meta:
        model = Country
        fields = ["code", "name"]
        translated = ["name"]


# 4. A list for ``fields``


class ListedFields(serializers.Serializer[Any]):
    """``self.fields`` is a plain list, and only ``to_representation`` makes output."""

    def __init__(self, *args: Any, expand: Any = (), omit: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = [name for name in ("name", "size", *expand) if name not in omit]  # type: ignore[misc, assignment]

    def to_representation(self, instance: Any) -> Any:
        return {name: str(getattr(instance, name, None)) for name in self.fields}


# 5. A union that a sibling chooses


class SiblingField(serializers.Field[Any, Any, Any, Any]):
    """Reads what was sent under another key of the whole request."""

    def to_internal_value(self, data: Any) -> Any:
        sent = self.root.initial_data
        kind = sent.get("kind") if isinstance(sent, dict) else None
        of_kind: dict[Any, Any] = {
            "number": serializers.IntegerField(max_value=9),
            "text": serializers.CharField(max_length=3),
        }
        if not isinstance(kind, str) or kind not in of_kind:
            raise serializers.ValidationError("No such kind.", code="kind")
        return {"value": of_kind[kind].run_validation(data)}

    def to_representation(self, value: Any) -> Any:
        return {"value": getattr(value, "value", None)}


class Discriminated(serializers.Serializer[Any]):
    """``source="*"``, and the value of a sibling."""

    kind = serializers.CharField()
    value = SiblingField(source="*", required=False)


# 6. Fields changed after they were bound


class CountriesOfContext(serializers.PrimaryKeyRelatedField[Any]):
    """Looks up only what the context allows."""

    def get_queryset(self) -> QuerySet[Any]:
        allowed = self.context.get("countries")
        countries = Country.objects.all()
        return countries if allowed is None else countries.filter(pk__in=allowed)


class Bound(serializers.Serializer[Any]):
    """Choices, querysets and labels that come with the context."""

    country = CountriesOfContext(queryset=Country.objects.all(), required=False)
    city = serializers.PrimaryKeyRelatedField(queryset=City.objects.none(), required=False)
    color = serializers.ChoiceField([], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "colors" in self.context:
            self.fields["color"].choices = self.context["colors"]
            self.fields["city"].queryset = City.objects.all()
            self.fields["color"].label = "Color"


# 7. Null, and missing


class Nothing(serializers.Serializer[Any]):
    """Required and nullable, optional and nullable; what came in tells them apart."""

    required = serializers.IntegerField(allow_null=True)
    optional = serializers.IntegerField(allow_null=True, required=False)
    text = serializers.CharField(allow_null=True, allow_blank=True, required=False)
    nested = BriefCountry(allow_null=True, required=False, nested=True)
    several = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), allow_null=True, required=False
    )

    def validate(self, attrs: Any) -> Any:
        return {**attrs, "sent": sorted(attrs)}


# 8. Names

Named: Any = type(
    "Named",
    (serializers.Serializer,),
    {
        "__module__": __name__,
        "_private": serializers.CharField(required=False),
        "__type__": serializers.CharField(required=False),
        "@id": serializers.IntegerField(required=False),
        "a-b": serializers.CharField(required=False),
        "a.b": serializers.CharField(required=False),
        "a b": serializers.CharField(required=False),
        "type": serializers.ChoiceField(["x", "y"], required=False),
        "type_": serializers.CharField(required=False),
        "object": serializers.CharField(required=False),
        "int": serializers.IntegerField(required=False),
        "str": serializers.CharField(required=False),
        "list": serializers.ListField(child=serializers.IntegerField(), required=False),
        "model_config": serializers.CharField(required=False),
        "model_fields": serializers.CharField(required=False),
        "model_x": serializers.CharField(required=False),
        "schema": serializers.CharField(required=False),
        "json": serializers.JSONField(required=False),
        "dict": serializers.DictField(required=False),
        "validate_x": serializers.CharField(required=False),
        "self": serializers.CharField(required=False),
        "ﬁ": serializers.CharField(required=False),
    },
)


# 9. Fields of a project's own


class Coordinates(serializers.Field[Any, Any, Any, Any]):
    """Unannotated, straight on ``Field``, with its own way to get at the value."""

    def __init__(self, latitude, longitude, **kwargs):  # type: ignore[no-untyped-def]
        self.latitude, self.longitude = latitude, longitude
        super().__init__(source="*", **kwargs)

    def get_attribute(self, instance):  # type: ignore[no-untyped-def]
        return instance

    def to_representation(self, value):  # type: ignore[no-untyped-def]
        return [getattr(value, name, None) for name in (self.latitude, self.longitude)]

    def to_internal_value(self, data):  # type: ignore[no-untyped-def]
        if not isinstance(data, list) or len(data) != 2:
            raise serializers.ValidationError("Two numbers.")
        return dict(zip((self.latitude, self.longitude), data, strict=True))


class Located(serializers.Serializer[Any]):
    """Uses it, with arguments by position."""

    name = serializers.CharField(max_length=3)
    at = Coordinates("lat", "lon", required=False)


# 10. Recursion, classes made at run time, subscripted bases, names taken away


class Tree(serializers.ModelSerializer[Person]):
    """A method field that makes more of its own class."""

    team = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["name", "team"]

    def get_team(self, person: Any) -> Any:
        team = [] if person.pk is None else list(person.team.exclude(pk=person.pk)[:2])
        depth = self.context.get("depth", 0)
        if depth > 2:
            return []
        return Tree(team, many=True, context={**self.context, "depth": depth + 1}).data


def made_for(model: Any, *names: str) -> Any:
    """Return a class made by ``type()``, as factories of projects do."""
    meta = type("Meta", (), {"model": model, "fields": names})
    body = {"Meta": meta, "name": serializers.CharField(max_length=4)}
    return type(f"{model.__name__}Made", (serializers.ModelSerializer,), body)


MadeCountry = made_for(Country, "code", "name")


class AbstractCity(serializers.ModelSerializer[City]):
    """Abstract: no ``Meta.model``; somebody inherits from it."""

    name = serializers.CharField(max_length=9)
    slug = serializers.SlugField(required=False)
    extra = serializers.CharField(default="x")


class ConcreteCity(AbstractCity):
    """Takes an inherited field away."""

    extra = None

    class Meta:
        model = City
        fields = ["name", "slug", "population"]


# 11. Output that depends on request and router


class CityLink(serializers.HyperlinkedIdentityField):
    """A link with more than one argument."""

    def get_url(self, obj: Any, view_name: Any, request: Any, format: Any) -> Any:
        if obj.pk is None:
            return None
        url = reverse(view_name, kwargs={"pk": obj.pk}, request=request, format=format)
        return f"{url}?in={obj.country_id}"


class Linked(serializers.HyperlinkedModelSerializer[City]):
    """Links, and a method that asks for the request."""

    link = CityLink(view_name="city-detail")
    here = serializers.SerializerMethodField()

    class Meta:
        model = City
        fields = ["url", "link", "name", "country", "here"]

    def get_here(self, city: Any) -> Any:
        return self.context["request"].build_absolute_uri(f"/x/{city.pk}")


# 12. Method fields


class Methods(serializers.Serializer[Any]):
    """Annotated, decorated, without any information, named, and missing."""

    annotated = serializers.SerializerMethodField()
    decorated = serializers.SerializerMethodField()
    many = serializers.SerializerMethodField()
    silent = serializers.SerializerMethodField()
    named = serializers.SerializerMethodField(method_name="make_named")

    def get_annotated(self, obj: Any) -> list[int]:
        return [1, 2]

    @extend_schema_field(OpenApiTypes.DATE)
    def get_decorated(self, obj):  # type: ignore[no-untyped-def]
        return "2024-01-02"

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_many(self, obj):  # type: ignore[no-untyped-def]
        return [3]

    def get_silent(self, obj):  # type: ignore[no-untyped-def]
        return {"a": None}

    def make_named(self, obj: Any) -> str | None:
        return None


class MissingMethod(serializers.Serializer[Any]):
    """DRF only notices when it prints."""

    name = serializers.CharField()
    lost = serializers.SerializerMethodField()


SHAPES: dict[str, tuple[Any, ...]] = {
    "two contracts": (BriefCountry, CityOfCountry),
    "a base for the project": (LeafCity,),
    "a base of a third party": (TranslatedCountry,),
    "a list for fields": (ListedFields,),
    "a sibling chooses": (Discriminated,),
    "changed after binding": (Bound,),
    "null and missing": (Nothing,),
    "names": (Named,),
    "own fields": (Located,),
    "made and inherited": (Tree, MadeCountry, ConcreteCity),
    "request and router": (Linked,),
    "method fields": (Methods, MissingMethod),
}
"""By shape, in the order of the list that they come from."""

CONTEXTS: dict[str, Callable[[], dict[str, Any]]] = {
    "changed after binding": lambda: {"colors": ["red"], "countries": ["fr"]},
}
"""A context under which a shape shows what it is about."""
