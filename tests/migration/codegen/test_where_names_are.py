"""Names that are not everywhere: under conditions, in functions, for type checkers, by a star."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import path
from rest_framework.generics import ListAPIView

from nova_drf import SchemaBackedMixin
from nova_drf.migration.codegen.discovery import named
from nova_drf.migration.codegen.in_place import changed_files, serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.inventory import inventory
from nova_drf.testing import assert_parity
from tests.migration.codegen.conftest import executed
from tests.migration.codegen.test_in_place import Given, after, given  # noqa: F401  (a fixture)

HEAD = "from rest_framework import serializers\n\n\n"

CONDITIONS = """from rest_framework import serializers

try:
    from nowhere_at_all import AddressSerializer
except ImportError:
    class AddressSerializer(serializers.Serializer):
        street = serializers.CharField()


class PersonSerializer(serializers.Serializer):
    address = AddressSerializer()
    addresses = AddressSerializer(many=True, required=False)
"""


def test_what_a_condition_defines_is_not_named_outside_of_it(given: Given) -> None:  # noqa: F811  # the fixture
    """Where the import does not fail, nothing has a schema of that name."""
    old, change = given(CONDITIONS)
    assert "    class AddressSchema(Schema):" in change.after
    assert change.after.count("AddressSchema") == 2
    assert "UseField(AddressSerializer())" in change.after
    new = after(old, change)
    for name in ("AddressSerializer", "PersonSerializer"):
        assert_parity(getattr(old, name), getattr(new, name), examples=5)


def test_what_derives_from_one_under_a_condition(given: Given) -> None:  # noqa: F811  # the fixture
    heir = "class LongSerializer(AddressSerializer):\n    country = serializers.CharField()\n"
    old, change = given(f"{CONDITIONS}\n\n{heir}")
    assert "AddressSchema" not in change.after
    new = after(old, change)
    assert_parity(old.LongSerializer, new.LongSerializer, examples=5)


FUNCTIONS = f"""from tests.convertapp.models import Country
{HEAD}def paged(child, names, limit):
    class PageSerializer(serializers.Serializer):
        count = serializers.IntegerField(max_value=limit)
        results = child(many=True)

        def validate_count(self, value):
            return min(value, limit)

    class NamedSerializer(serializers.ModelSerializer):
        class Meta:
            model = Country
            fields = names

    class LimitSerializer(serializers.Serializer):
        count = serializers.IntegerField(max_value=limit)

        def validate_count(self, value):
            return min(value, limit)

    return PageSerializer, LimitSerializer, NamedSerializer


class LineSerializer(serializers.Serializer):
    text = serializers.CharField()


class WordSerializer(serializers.Serializer):
    word = serializers.CharField()


PageOfLines, Limit, _named = paged(LineSerializer, ["code"], 3)
"""


def test_what_a_function_is_given_may_be_something_else(given: Given) -> None:  # noqa: F811  # the fixture
    old, _change = given(FUNCTIONS)
    change = changed_files(named("given_file"))[0]
    assert "    # Backed: the function around it is given child" in change.after
    assert "    # Backed: the function around it is given names" in change.after
    assert "    class LimitSerializer(SchemaSerializer[LimitSchema]):" in change.after
    assert "count: Annotated[int, Field(le=limit)]" in change.after
    new = after(old, change)
    theirs = old.paged(old.WordSerializer, [], 2)
    for ours, original in zip(new.paged(new.WordSerializer, [], 2)[:2], theirs, strict=False):
        assert_parity(original, ours, examples=5)


def test_what_stands_in_a_serializer_stays_in_a_second_run(given: Given) -> None:  # noqa: F811  # the fixture
    old, change = given(
        f"{HEAD}class OrderSerializer(serializers.Serializer):\n"
        "    class LineSerializer(serializers.Serializer):\n"
        "        text = serializers.CharField()\n\n"
        "    line = LineSerializer(required=False)\n"
    )
    after(old, change)
    assert [again.diff() for again in changed_files(named("given_file"))] == [""]


FOR_CHECKERS = """from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from somewhere import Field


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=3)
    data = serializers.JSONField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        fields: Sequence[Field] = []
        return attrs if not fields else {}
"""


def test_names_that_only_type_checkers_see(given: Given, tmp_path: Path) -> None:  # noqa: F811  # the fixture
    """They are no names for something else, and what is needed is imported once."""
    old, change = given(FOR_CHECKERS)
    assert "from typing import TYPE_CHECKING, Annotated, Any\n" in change.after
    assert change.after.count("import Any") == 0
    assert "text: Annotated[str, PydanticField(max_length=3)]" in change.after
    assert "    from collections.abc import Sequence\n\n    from somewhere import Field\n" in (
        change.after
    )
    text = module_source(serializers_of(old), tmp_path / "new.py").after
    assert "    from collections.abc import Sequence\n" in text
    assert_parity(old.LineSerializer, after(old, change).LineSerializer, examples=5)


STARS = """from rest_framework.fields import *
from rest_framework.serializers import *


class PriceSerializer(Serializer):
    amount = DecimalField(max_digits=5, decimal_places=2)
    day = DateField()
"""


def test_a_star_brings_what_type_checkers_do_not_see(given: Given) -> None:  # noqa: F811  # the fixture
    """``rest_framework.fields`` imports ``datetime`` and ``decimal`` for itself."""
    old, change = given(STARS)
    assert "from datetime import date\nfrom decimal import Decimal\n" in change.after
    assert "    amount: Annotated[Decimal, " in change.after
    assert_parity(old.PriceSerializer, after(old, change).PriceSerializer, examples=5)


LINES = """from rest_framework import serializers as s
from tests.convertapp.models import Country


class Point(s.Serializer): x = s.FloatField(); y = s.FloatField(required=False)


class CountrySerializer(s.ModelSerializer):
    # What it is called.
    name = s.CharField(max_length=9); code = s.CharField(max_length=2)

    class Meta: model = Country; fields = ["name", "code"]
"""


@pytest.mark.usefixtures("world")
def test_several_statements_on_a_line(given: Given) -> None:  # noqa: F811  # the fixture
    old, change = given(LINES)
    assert "    x: float\n    y: NotRequired[float] = unset()\n" in change.after
    assert "    # What it is called.\n    # kept: its " in change.after
    assert "    class Meta:\n        model = Country\n" in change.after
    new = after(old, change)
    assert_parity(old.Point, new.Point, examples=5)
    assert_parity(old.CountrySerializer, new.CountrySerializer, examples=5)


ATTRIBUTES = f"""{HEAD}class OddSerializer(serializers.Serializer):
    unset = serializers.CharField(required=False)
    Field = serializers.CharField(required=False, max_length=3)
    Any = serializers.IntegerField(required=False)
    str = serializers.CharField(allow_null=True)
    other = serializers.CharField(required=False, max_length=3)
    anything = serializers.JSONField()
"""


def test_no_attribute_hides_what_a_schema_says(given: Given) -> None:  # noqa: F811  # the fixture
    """Python finds the imported name in any case; a type checker finds the attribute."""
    old, change = given(ATTRIBUTES)
    for name in ("unset", "Field", "Any", "str"):
        assert f"    {name}_: Annotated[" in change.after
        assert f'alias="{name}"' in change.after
    assert_parity(old.OddSerializer, after(old, change).OddSerializer, examples=5)


HEIRS = """from rest_framework import serializers
from tests.convertapp.models import Country


class House(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code"]


class First(House):
    class Meta(House.Meta):
        fields = ["code", "name"]


class Second(First):
    class Meta(First.Meta):
        fields = ["name"]
"""


@pytest.mark.usefixtures("world")
def test_schemas_of_heirs_that_are_no_heirs(given: Given) -> None:  # noqa: F811  # the fixture
    """A type checker takes the first ``schema`` in a ``Meta`` for the class of all further ones."""
    _old, change = given(HEIRS)
    assert "        schema: type[Schema] = FirstSchema\n" in change.after
    assert "        schema = SecondSchema\n" in change.after


RECURSIVE = """from typing import Any

from rest_framework import serializers


class ChildField(serializers.BaseSerializer):
    def to_representation(self, instance: Any) -> Any:
        return str(instance)


class TreeSerializer(serializers.Serializer):
    children = ChildField(many=True, read_only=True)
    names = serializers.SerializerMethodField()

    def get_names(self, instance: Any) -> list:
        return []
"""


def test_a_nested_one_that_has_no_fields(given: Given, tmp_path: Path) -> None:  # noqa: F811  # the fixture
    old, change = given(RECURSIVE)
    module = module_source([old.TreeSerializer], tmp_path / "new.py")
    for text in (change.after, module.after):
        assert "ReadOnly[list[Any]],\n        UseField(ChildField(many=True" in text
        assert "    names: ReadOnly[list[Any]] = unset()\n" in text
    new = after(old, change)
    assert not issubclass(new.TreeSerializer, SchemaBackedMixin)
    assert_parity(old.TreeSerializer, new.TreeSerializer, examples=5)
    written = executed(module.after, "given_module")
    assert_parity(old.TreeSerializer, written.TreeSerializer, examples=5)


BOTTOM = """from typing import Optional

from django.conf import settings

from rest_framework import serializers
from tests.convertapp.models import Country

LIMIT: Optional[int] = settings.APPEND_SLASH + 3


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LIMIT,
                                 required=False)


from pydantic import BaseModel  # noqa: E402
"""


def test_imports_at_the_bottom_come_too_late(given: Given) -> None:  # noqa: F811  # the fixture
    """Ruff would neither format this file nor sort it as it is: what it has stays."""
    old, change = given(BOTTOM)
    head = change.after.partition("LIMIT")[0]
    assert "from pydantic import Field\n" in head
    assert "from nova_drf import NotRequired, Schema, SchemaSerializer, unset\n" in head
    assert change.after.endswith("\n\nfrom pydantic import BaseModel  # noqa: E402\n")
    assert_parity(old.LineSerializer, after(old, change).LineSerializer, examples=5)


UNFORMATTED = """'''A file that is sorted, but not formatted.'''

from typing import Any

from rest_framework import serializers


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length = 3, required = False)

    def validate(self, attrs: Any) -> Any:
        return {**attrs, 'one': 1}
"""


def test_imports_stay_in_order_where_the_rest_is_not_formatted(given: Given) -> None:  # noqa: F811  # the fixture
    _old, change = given(UNFORMATTED)
    assert change.after.partition("class LineSchema")[0] == (
        "'''A file that is sorted, but not formatted.'''\n\n"
        "from typing import Annotated, Any\n\n"
        "from nova_drf import NotRequired, Schema, SchemaSerializer, unset\n"
        "from pydantic import Field\n\n\n"
    )
    assert change.after.endswith("        return {**attrs, 'one': 1}\n")


COUNTED = """from rest_framework import serializers
from tests.convertapp.models import City


class House(serializers.ModelSerializer):
    label = serializers.CharField(read_only=True, source="name")


class CitySerializer(House):
    name = serializers.CharField(style={"rows": 3})
    size = serializers.SerializerMethodField()

    class Meta:
        model = City
        fields = ["id", "name", "label", "country", "size"]

    def get_size(self, city) -> int:
        return 3
"""


@pytest.mark.usefixtures("world")
def test_the_inventory_counts_what_stays_as_the_command_does(given: Given) -> None:  # noqa: F811  # the fixture
    old, change = given(COUNTED)
    told = {written.name: written.kept_fields for written in change.written}
    new = after(old, change).CitySerializer
    view: Any = type("Cities", (ListAPIView,), {"serializer_class": new, "__module__": __name__})
    (entry,) = inventory([path("cities/", view.as_view())])
    assert {"name", "size"} <= {*entry.kept}
    assert [*entry.kept] == told["CitySerializer"]
