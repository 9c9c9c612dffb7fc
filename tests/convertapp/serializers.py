"""Serializers as living projects have them: one class for each kind of oddity."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from tests.convertapp.fields import (
    EvenNumber,
    FromContext,
    LabelledChoice,
    Point,
    ShortText,
    UpperText,
    not_seven,
)
from tests.convertapp.models import City, Country, Person

# Declarative


class Scalars(serializers.Serializer[Any]):
    """Every field for one value, with arguments."""

    text = serializers.CharField(max_length=5, min_length=2)
    blank = serializers.CharField(allow_blank=True, trim_whitespace=False, required=False)
    blank_and_short = serializers.CharField(allow_blank=True, min_length=2, required=False)
    email = serializers.EmailField(max_length=20, required=False)
    url = serializers.URLField(allow_blank=True, required=False)
    slug = serializers.SlugField(max_length=4, required=False)
    unicode_slug = serializers.SlugField(allow_unicode=True, required=False)
    pattern = serializers.RegexField(r"^(?!b)[a-c]+$", required=False)
    address = serializers.IPAddressField(required=False)
    address4 = serializers.IPAddressField(protocol="ipv4", required=False)
    uuid = serializers.UUIDField(required=False)
    uuid_hex = serializers.UUIDField(format="hex", required=False)
    flag = serializers.BooleanField(required=False)
    maybe = serializers.BooleanField(allow_null=True, required=False)
    whole = serializers.IntegerField(min_value=-1, max_value=5, required=False)
    whole_from_half = serializers.IntegerField(min_value=Decimal("0.5"), required=False)  # type: ignore[arg-type]
    big = getattr(serializers, "BigIntegerField", serializers.IntegerField)(required=False)
    real = serializers.FloatField(min_value=0, required=False)
    price = serializers.DecimalField(6, 2, min_value=Decimal(0), required=False)
    any_price = serializers.DecimalField(None, None, required=False)  # type: ignore[arg-type]
    number_price = serializers.DecimalField(5, 1, coerce_to_string=False, required=False)
    day = serializers.DateField(required=False)
    german_day = serializers.DateField(
        format="%d.%m.%Y", input_formats=["%d.%m.%Y"], required=False
    )
    moment = serializers.DateTimeField(allow_null=True, required=False)
    hour = serializers.TimeField(required=False)
    span = serializers.DurationField(max_value=timedelta(days=2), required=False)
    json = serializers.JSONField(required=False)
    binary_json = serializers.JSONField(binary=True, required=False)


class Choices(serializers.Serializer[Any]):
    """Choices of every kind."""

    letters = serializers.ChoiceField(["a", "b"])
    numbers = serializers.ChoiceField([1, 2], required=False)
    mixed = serializers.ChoiceField([1, "1", "a"], required=False)
    odd = serializers.ChoiceField([True, None, 1.5], required=False)
    grouped = serializers.ChoiceField([("Group", [("x", "Ex")]), ("y", "Why")], required=False)
    blank = serializers.ChoiceField([("", "None"), ("z", "Zed")], allow_blank=True, required=False)
    enum = serializers.ChoiceField(Country.Size.choices, required=False)
    several = serializers.MultipleChoiceField(choices=["a", "b"], required=False)
    at_least_one = serializers.MultipleChoiceField(
        choices=[1, 2], allow_empty=False, required=False
    )


class Collections(serializers.Serializer[Any]):
    """Lists and dictionaries, typed and not."""

    names = serializers.ListField(child=serializers.CharField(max_length=3), max_length=2)
    full = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), allow_empty=False, required=False
    )
    anything = serializers.ListField(required=False)
    nested = serializers.ListField(
        child=serializers.ListField(child=serializers.BooleanField()), required=False
    )
    by_name = serializers.DictField(child=serializers.DecimalField(4, 1), required=False)
    full_by_name = serializers.DictField(allow_empty=False, required=False)
    texts = serializers.HStoreField(required=False)
    checked = serializers.ListField(
        child=serializers.IntegerField(validators=[not_seven]), required=False
    )


class Presence(serializers.Serializer[Any]):
    """Required, optional, null, default, in both directions."""

    needed = serializers.CharField()
    needed_or_null = serializers.CharField(allow_null=True)
    optional = serializers.IntegerField(required=False)
    optional_or_null = serializers.DateField(required=False, allow_null=True)
    default = serializers.IntegerField(default=3)
    default_null = serializers.CharField(default=None, allow_null=True)
    made = serializers.ListField(default=list)
    odd_default = serializers.IntegerField(default="not a number")
    shown = serializers.CharField(read_only=True)
    shown_default = serializers.CharField(read_only=True, default="shown")
    secret = serializers.CharField(write_only=True, required=False)
    today = serializers.HiddenField(default=date(2024, 1, 2))
    user = serializers.HiddenField(default=serializers.CurrentUserDefault())
    labelled = serializers.CharField(
        label="A label", help_text=gettext_lazy("Some help"), required=False, initial="x"
    )


class Sources(serializers.Serializer[Any]):
    """Renamed, dotted and whole-object sources."""

    renamed = serializers.CharField(source="other")
    dotted = serializers.IntegerField(source="a.b.c", required=False)
    also_dotted = serializers.IntegerField(source="a.b.d", default=5)
    whole = serializers.DictField(source="*", required=False, child=serializers.CharField())
    shown_dotted = serializers.CharField(source="a.text", read_only=True)


class OddNames(serializers.Serializer[Any]):
    """Names that Python or Pydantic will not have."""

    locals().update(
        {
            "@type": serializers.CharField(),
            "_links": serializers.IntegerField(required=False),
            "a-b": serializers.CharField(required=False),
            "model_config": serializers.CharField(required=False),
            "model_dump_it": serializers.CharField(required=False),
            "class": serializers.BooleanField(required=False),
            "1st": serializers.CharField(required=False),
        }
    )
    schema = serializers.CharField(required=False)
    json = serializers.JSONField(required=False)
    copy = serializers.CharField(required=False)
    type = serializers.CharField(required=False)
    date = serializers.DateField(required=False)
    camelCase = serializers.CharField(required=False)
    empty_values = serializers.CharField(required=False)


class Messages(serializers.Serializer[Any]):
    """Words of the project's own, and validators beside DRF's."""

    name = serializers.CharField(
        max_length=4, error_messages={"max_length": "Four at most.", "blank": "Say something."}
    )
    number = serializers.IntegerField(
        validators=[MinValueValidator(3), EvenNumber(), not_seven], required=False
    )
    text = serializers.CharField(
        validators=[lambda value: not_seven(len(value))], required=False, allow_blank=True
    )
    with_default = serializers.IntegerField(validators=[not_seven], default=7)
    upper = UpperText(required=False)
    short = ShortText(required=False)
    point = Point(required=False, allow_null=True)
    labelled = LabelledChoice([("a", "Ay"), ("b", "Bee")], required=False)
    suffix = FromContext(read_only=True)


# Models


class CountrySerializer(serializers.ModelSerializer[Country]):
    """Everything inferred; a property and a method of the model."""

    class Meta:
        model = Country
        fields = ("code", "name", "size", "region", "shout", "area")


class CitySerializer(serializers.ModelSerializer[City]):
    """``__all__``, with a unique-together and a unique-for-date check."""

    class Meta:
        model = City
        fields = "__all__"


class CityWithArguments(serializers.ModelSerializer[City]):
    """Exclusions, extra arguments, read-only fields and a hidden default."""

    label = serializers.ReadOnlyField()
    country_name = serializers.CharField(source="country.name", read_only=True)

    class Meta:
        model = City
        exclude = ("facts",)
        read_only_fields = ("budget",)
        extra_kwargs = {
            "name": {"min_length": 2, "help_text": "At least two."},
            "population": {"required": True, "allow_null": True, "max_value": 9},
            "country": {"write_only": True},
        }


class DeepCity(serializers.ModelSerializer[City]):
    """``depth``: nested read-only serializers that DRF makes itself."""

    class Meta:
        model = City
        fields = ("id", "name", "country", "mayor", "visitors")
        depth = 2


class UncheckedCity(serializers.ModelSerializer[City]):
    """Validators of the model taken away, one of its own."""

    class Meta:
        model = City
        fields = ("country", "name", "slug")
        validators = [UniqueTogetherValidator(City.objects.all(), fields=("name", "slug"))]


class PersonSerializer(serializers.ModelSerializer[Person]):
    """Relations by key, by slug, by text and through a property."""

    visited = serializers.SlugRelatedField(slug_field="name", many=True, queryset=City.objects)
    home = serializers.SlugRelatedField(
        slug_field="code", queryset=Country.objects.all(), allow_null=True, required=False
    )
    home_text = serializers.StringRelatedField(source="home")
    team = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    boss_key = serializers.IntegerField(source="boss_id", read_only=True)
    email = serializers.EmailField(validators=[UniqueValidator(Person.objects.all())])

    class Meta:
        model = Person
        fields = ("id", "name", "email", "boss", "boss_key", "team", "visited", "home", "home_text")


class LinkedCountry(serializers.HyperlinkedModelSerializer[Country]):
    """Hyperlinks."""

    cities = serializers.HyperlinkedRelatedField(
        many=True, view_name="city-detail", queryset=City.objects.all(), required=False
    )

    class Meta:
        model = Country
        fields = ("url", "code", "name", "cities")


# Nested


class Line(serializers.Serializer[Any]):
    """Declarative, for nesting."""

    product = serializers.CharField(max_length=4)
    count = serializers.IntegerField(min_value=1, default=1)


class HookedLine(Line):
    """With a hook, for nesting."""

    def validate(self, attrs: Any) -> Any:
        if attrs.get("product") == "none":
            raise serializers.ValidationError("There is none.", code="none")
        return attrs


class LineList(serializers.ListSerializer[Any]):
    """A list serializer of its own."""

    def validate(self, attrs: Any) -> Any:
        if len(attrs) == 2:
            raise serializers.ValidationError("Not two.")
        return attrs


class ListedLine(Line):
    """``list_serializer_class``."""

    class Meta:
        list_serializer_class = LineList


class Order(serializers.Serializer[Any]):
    """Nested in every way."""

    lines = Line(many=True)
    some_lines = HookedLine(many=True, required=False, allow_empty=False, max_length=2)
    listed = ListedLine(many=True, required=False)
    main = Line(required=False, allow_null=True)
    hooked = HookedLine(required=False)
    merged = Line(source="*", required=False)
    shown = Line(read_only=True)
    default = Line(default=dict)


class CityWithCountry(serializers.ModelSerializer[City]):
    """A nested model serializer that is written."""

    country = CountrySerializer()

    class Meta:
        model = City
        fields = ("id", "name", "country")

    def create(self, validated_data: Any) -> Any:
        country = Country.objects.create(**validated_data.pop("country"))
        return City.objects.create(country=country, **validated_data)


class Node(serializers.Serializer[Any]):
    """Nests itself."""

    name = serializers.CharField(max_length=3)

    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["children"] = Node(many=True, required=False)
        return fields


# Hooks


class Hooks(serializers.Serializer[Any]):
    """Hooks for fields and for the whole."""

    name = serializers.CharField(max_length=8)
    number = serializers.IntegerField(required=False)
    renamed = serializers.CharField(source="other", required=False)
    length = serializers.SerializerMethodField()
    explicit = serializers.SerializerMethodField(method_name="make_explicit")
    decorated = serializers.SerializerMethodField()

    def get_length(self, obj: Any) -> int:
        return len(obj["name"] if isinstance(obj, dict) else obj.name)

    def make_explicit(self, obj: Any) -> Any:
        return self.context.get("suffix")

    @extend_schema_field(serializers.CharField(max_length=3))
    def get_decorated(self, obj: Any) -> Any:
        return "abc"

    def validate_name(self, name: str) -> str:
        if name.startswith("bad"):
            raise serializers.ValidationError("Bad.", code="bad")
        if name == "skip":
            raise serializers.SkipField
        if name == "django":
            raise DjangoValidationError("Django's.", code="django")
        return name.title()

    def validate_renamed(self, value: str) -> str:
        return value[::-1]

    def validate(self, attrs: Any) -> Any:
        if attrs.get("number") == 13:
            raise serializers.ValidationError({"number": ["Unlucky."]})
        if attrs.get("number") == 14:
            raise serializers.ValidationError("Fourteen.", code="fourteen")
        attrs["checked"] = not self.partial
        return attrs


class OwnInput(Hooks):
    """``to_internal_value`` around DRF's."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            data = {"name": data}
        values = super().to_internal_value(data)
        values["source"] = "own"
        return values


class OwnWholeInput(Line):
    """``to_internal_value`` instead of DRF's."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or "product" not in data:
            raise serializers.ValidationError({"product": ["Needed."]})
        return {"raw": data["product"]}


class OwnOutput(Line):
    """``to_representation`` around DRF's."""

    def to_representation(self, instance: Any) -> Any:
        printed = super().to_representation(instance)
        printed["kind"] = type(instance).__name__
        return printed


class OwnRun(Line):
    """``run_validation`` and ``get_validators``."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "one":
            return {"product": "one", "count": 1}
        return super().run_validation(data)

    def get_validators(self) -> Any:
        def check(value: Any) -> None:
            if value.get("count") == 5:
                raise serializers.ValidationError("Not five.")

        return [check]


class ProjectBase(serializers.ModelSerializer[Any]):
    """A base that a whole project shares: its hooks are in every class."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        cls, arguments = super().build_standard_field(field_name, model_field)
        if self.context.get("lenient"):
            arguments["required"] = False
        return cls, arguments

    def to_representation(self, instance: Any) -> Any:
        return {"object": super().to_representation(instance)}


class ProjectCountry(ProjectBase):
    """Looks declarative."""

    class Meta:
        model = Country
        fields = ("code", "name", "size")


# Fields of instances


class Selectable(serializers.Serializer[Any]):
    """``fields=`` of the constructor, as in DRF's documentation."""

    first = serializers.CharField()
    second = serializers.IntegerField(required=False)
    third = serializers.BooleanField(default=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = kwargs.pop("fields", None)
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(self.fields if names is None else names):
            self.fields.pop(name)


class ByContext(serializers.Serializer[Any]):
    """``get_fields`` that looks at the context, changes one field and adds another."""

    first = serializers.CharField()
    second = serializers.IntegerField(required=False)

    def get_fields(self) -> Any:
        fields = super().get_fields()
        if self.context.get("short"):
            del fields["second"]
        if self.context.get("limit"):
            fields["first"].validators.append(not_empty_text)
        fields["extra"] = serializers.CharField(default="more")
        return fields


def not_empty_text(value: Any) -> None:
    """Refuse one text."""
    if value == "empty":
        raise serializers.ValidationError("Empty.", code="empty_text")


class FieldsProperty(serializers.Serializer[Any]):
    """``fields`` overridden."""

    first = serializers.CharField()
    second = serializers.IntegerField(required=False)

    @property
    def fields(self) -> Any:
        fields = super().fields
        if self.context.get("short"):
            fields.pop("second", None)
        return fields


class ChangedFields(serializers.Serializer[Any]):
    """``__init__`` that changes bound fields."""

    first = serializers.CharField(max_length=9)
    second = serializers.ChoiceField(["a"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].required = False
        self.fields["second"].choices = ["a", *self.context.get("more", ["b"])]
        self.fields["third"] = serializers.IntegerField(required=False)


class WithoutInherited(Selectable):
    """An inherited field taken away, another one replaced."""

    third = None  # type: ignore[assignment]
    second = serializers.CharField(max_length=2, required=False)


class Anything(serializers.BaseSerializer[Any]):
    """No ``Serializer`` at all."""

    def to_internal_value(self, data: Any) -> Any:
        if data == "bad":
            raise serializers.ValidationError("Bad.")
        return {"data": data}

    def to_representation(self, instance: Any) -> Any:
        return str(instance)


class Animal(serializers.Serializer[Any]):
    """Polymorphic: another serializer decides, by a value in the payload."""

    kind = serializers.ChoiceField(["line", "hooked"])

    def to_internal_value(self, data: Any) -> Any:
        kind = super().to_internal_value(data)["kind"]
        inner = {"line": Line, "hooked": HookedLine}[kind](data=data, context=self.context)
        inner.is_valid(raise_exception=True)
        return {"kind": kind, **inner.validated_data}

    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), **Line(instance).data}


DECLARATIVE: tuple[Any, ...] = (Scalars, Choices, Collections, Sources, OddNames, Line)

OF_MODELS: tuple[Any, ...] = (
    *(CountrySerializer, CitySerializer, CityWithArguments, DeepCity, UncheckedCity),
    *(PersonSerializer, LinkedCountry, CityWithCountry, ProjectCountry),
)

WITH_HOOKS: tuple[Any, ...] = (
    *(Messages, Presence, Order, HookedLine, ListedLine, Node, Hooks, OwnInput, OwnWholeInput),
    *(OwnOutput, OwnRun, Animal),
)

OF_INSTANCES: tuple[Any, ...] = (
    *(Selectable, ByContext, FieldsProperty, ChangedFields, WithoutInherited),
)

ALL: tuple[Any, ...] = (*DECLARATIVE, *OF_MODELS, *WITH_HOOKS, *OF_INSTANCES)
