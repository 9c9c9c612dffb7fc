"""Bases and fields of all serializers."""

from rest_framework import serializers


class ChosenFieldsMixin:
    """``?fields=a,b`` chooses the fields of an answer."""

    def get_fields(self):
        fields = super().get_fields()
        request = self.context.get("request")
        is_outermost = self.root is self or self.root is self.parent
        if request is None or request.method != "GET" or not is_outermost:
            return fields
        wanted = request.query_params.get("fields")
        if not wanted or not getattr(self.Meta, "choosable", False):
            return fields
        names = wanted.split(",")
        return {name: field for name, field in fields.items() if name in names}


class ClinicSerializer(serializers.Serializer):
    """The base of the clinic's serializers that have no model."""


class LinkedSerializer(serializers.HyperlinkedModelSerializer):
    """The base of those that link to what belongs together."""


class ClinicModelSerializer(ChosenFieldsMixin, serializers.ModelSerializer):
    """The base of those with a model: a new row belongs to the practice that is asked."""

    def create(self, validated_data):
        request = self.context.get("request")
        names = {field.name for field in self.Meta.model._meta.get_fields()}
        if request is not None and "practice" in names:
            validated_data.setdefault("practice", request.practice)
        return super().create(validated_data)


class OfPracticeField(serializers.PrimaryKeyRelatedField):
    """A key of a row of the same practice; those of others do not exist."""

    def get_queryset(self):
        queryset = super().get_queryset()
        request = self.context.get("request")
        if request is None or queryset is None:
            return queryset
        return queryset.filter(practice=getattr(request, "practice", None))


class MoneyField(serializers.DecimalField):
    """An amount, printed with the currency of the practice."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_digits", 10)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def to_representation(self, value):
        request = self.context.get("request")
        practice = getattr(request, "practice", None)
        currency = practice.currency if practice is not None else "CHF"
        return {"amount": super().to_representation(value), "currency": currency}


class LabelledChoiceField(serializers.ChoiceField):
    """A choice, printed with its label in the language of the client."""

    def to_representation(self, value):
        value = super().to_representation(value)
        return {"value": value, "label": str(self.choices.get(value, value))}
