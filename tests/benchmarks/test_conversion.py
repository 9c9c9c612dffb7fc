"""What conversion costs a project: classes in front of which the mixin stands, and schemas."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from nova_drf.serializers.backed_definition import BackedClass
from tests.convertapp.models import City, Country

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db,
    pytest.mark.benchmark(timer=time.process_time),
]

CLASSES = 500
LIMIT = 0.010
"""How many seconds of the processor's time one class may cost."""

_numbers = itertools.count()


class CountrySerializer(serializers.ModelSerializer[Country]):
    class Meta:
        model = Country
        fields = "__all__"


def serializer_class(*bases: Any) -> Any:
    """Make one class of a project: thirteen columns, two relations, nested ones and hooks."""
    number = next(_numbers)

    class Line(serializers.Serializer[Any]):
        product = serializers.CharField(max_length=20)
        count = serializers.IntegerField(min_value=1)

    class Meta:
        model = City
        fields = "__all__"

    def validate(self: Any, attrs: Any) -> Any:
        return attrs

    body = {
        "Meta": Meta,
        "country_data": CountrySerializer(source="country", read_only=True),
        "lines": Line(many=True, required=False),
        "label": serializers.ReadOnlyField(),
        "rank": serializers.SerializerMethodField(),
        "get_rank": lambda self, city: 1,
        "validate": validate,
        "__module__": __name__,
    }
    name = f"City{number}Serializer"
    metaclass: Any = type(SchemaBackedMixin) if bases else type(serializers.ModelSerializer)
    return metaclass(name, (*bases, serializers.ModelSerializer), body)


def per_class(benchmark: Any, work: Any, *bases: Any) -> float:
    """Do something with each class of a project; return the seconds that one takes."""
    classes = [serializer_class(*bases) for _ in range(CLASSES)]
    benchmark.pedantic(lambda: [*map(work, classes)], rounds=1, iterations=1)
    # Each class brings the one that it nests.
    return float(benchmark.stats.stats.min) / (2 * CLASSES)


def test_importing_backed_classes(benchmark: Any) -> None:
    benchmark.pedantic(
        lambda: [serializer_class(SchemaBackedMixin) for _ in range(CLASSES)],
        rounds=1,
        iterations=1,
    )
    assert benchmark.stats.stats.min / CLASSES < LIMIT


def test_compiling_backed_classes(benchmark: Any) -> None:
    def compiled(cls: Any) -> Any:
        definition = BackedClass(cls).definition()
        assert definition is not None
        return definition.taken_over

    assert per_class(benchmark, compiled, SchemaBackedMixin) < LIMIT


def test_converting(benchmark: Any) -> None:
    assert per_class(benchmark, schema_from_serializer) < LIMIT


def test_converting_there_and_back(benchmark: Any) -> None:
    def round_trip(cls: Any) -> Any:
        return serializer_from_schema(schema_from_serializer(cls))

    assert per_class(benchmark, round_trip) < LIMIT
