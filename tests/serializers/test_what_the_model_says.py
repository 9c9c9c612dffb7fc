"""What a schema does not say, its model says: as much as a ModelSerializer with the same fields."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, cast

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field, create_model, field_validator
from rest_framework import serializers
from rest_framework.metadata import SimpleMetadata
from rest_framework.renderers import HTMLFormRenderer
from rest_framework.validators import UniqueValidator

from nova_drf import (
    NotRequired,
    ReadOnly,
    Schema,
    SchemaBackedMixin,
    serializer_from_schema,
)
from tests.oracle import outcome, printed, typed
from tests.servicesapp.models import Parcel
from tests.tenantapp.models import Booking, Country, Level, Loose, Page, Pair
from tests.tenantapp.serializers import OfColumn

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "de", "fr")
LIMITS = (
    *("min_value", "max_value", "min_length", "max_length"),
    *("max_digits", "decimal_places", "max_whole_digits"),
)

Text4 = Annotated[str, Field(max_length=4)]
Blank4 = Annotated[str, Field(max_length=4, min_length=0)]


class Plain(Enum):
    """An enumeration with no labels of its own."""

    A = "a"
    B = "b"


@dataclass(frozen=True)
class Case:
    """A schema, and what clients send.

    Attributes:
        model: ``Meta.model``.
        fields: The schema's annotations.
        payloads: What clients send.
        extra: What a ``ModelSerializer`` needs to be told to have the same fields.
    """

    model: type[models.Model]
    fields: dict[str, Any]
    payloads: Sequence[dict[str, Any]]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def classic(self) -> Any:
        meta = {"model": self.model, "fields": tuple(self.fields), "extra_kwargs": self.extra}
        body = {"Meta": type("Meta", (), meta)}
        return cast(Any, type)("Same", (serializers.ModelSerializer,), body)

    @property
    def ours(self) -> Any:
        schema = cast(Any, type(Schema))(
            "SameSchema", (Schema,), {"__annotations__": self.fields, "__module__": __name__}
        )
        return serializer_from_schema(schema, model=self.model, name="Same")


def one(name: str, annotation: Any, *values: Any, **extra: Any) -> Case:
    """Return the case of a page with one field."""
    payloads = [{}, *({name: value} for value in values)]
    return Case(Page, {name: annotation}, payloads, {name: extra} if extra else {})


def pair(annotations: dict[str, Any], *payloads: dict[str, Any]) -> Case:
    return Case(Pair, annotations, payloads)


CASES: dict[str, Case] = {
    "verbose_name": one("title", Annotated[str, Field(max_length=8)], "a", "too long by far", None),
    "own_title": one(
        "title",
        Annotated[str, Field(max_length=8, title=_("March"), description=_("May"))],
        "a",
        "",
        label=_("March"),
        help_text=_("May"),
    ),
    "text_area": one("body", NotRequired[Annotated[str, Field(min_length=0)]], "", "x\ny", None, 5),
    "json": one("data", NotRequired[Any], {}, {"a": [1]}, None),
    "choices": one("status", Literal["a", "b"], "a", "c", "", None),
    "other_order": one(
        "status", Literal["b", "a"], "a", "c", choices=[("b", _("June")), ("a", _("May"))]
    ),
    "fewer_choices": one("status", Literal["b"], "a", "b", choices=[("b", _("June"))]),
    "plain_enum": one("status", Plain, "a", "c", ""),
    "groups": one("grouped", Literal["a", "b"], "a", "b", "x"),
    "integer_choices": one("level", NotRequired[Literal[1, 2]], 1, "2", 3, True),
    "labelled_enum": one("level", NotRequired[Level], 1, "2", 3, True),
    "nullable": one("number", NotRequired[OfColumn | None], 1, None, 2**70, "x"),
    "limits_of_an_integer": one("number", NotRequired[int | None], 1, None, 2**70, -(2**70), "x"),
    "range_of_another_database": one(
        *("number", NotRequired[Annotated[int, Field(ge=-(2**80), le=2**80)] | None]),
        *(1, None, 2**70, -(2**70), 2**90),
    ),
    "limits_of_a_text": one("title", str, "a", "too long by far", "", None, 5),
    "own_limits": one(
        *("number", NotRequired[Annotated[int, Field(ge=2)] | None], 1, 3, 2**70, "9" * 30),
        min_value=2,
    ),
    "tighter_text": one(
        *("title", Annotated[str, Field(max_length=2)], "a", "abc", "too long by far"),
        max_length=2,
    ),
    "decimal": one(
        "price", Annotated[Decimal, Field(max_digits=5, decimal_places=2)], "1.5", "1.555", 9999
    ),
    "digits": one("price", Decimal, "1.5", "1.555", 9999, "1.50", "1e2", None, True, "NaN"),
    "digits_of_two": one(
        *("price", Annotated[Decimal, Field(decimal_places=1)], "1.5", "1.55", 9999, "12345"),
        decimal_places=1,
    ),
    "digits_of_a_read_only_field": one("price", ReadOnly[Decimal], "7", read_only=True),
    "limits_of_a_decimal": one(
        "cost", NotRequired[Decimal], "0.5", "0.4", 500, "500.01", "1.555", None
    ),
    "limits_of_a_float": one("mass", NotRequired[float], 0.5, 0.4, 90, "90.5", None, "x"),
    "limits_of_a_duration": one("lasting", NotRequired[timedelta], "60", "59", "1 00:00:00", "x"),
    "own_limits_of_a_float": one(
        *("mass", NotRequired[Annotated[float, Field(ge=7)]], 7, 6, 91, 90), min_value=7
    ),
    "date": one("day", date, "2024-01-01", "2024-1-1", "x"),
    "unique": one("slug", Text4, "s", "t", "abcde", "", None),
    "unique_in_own_words": one("code", NotRequired[Text4 | None], "c", "d", None, ""),
    "unique_on_a_condition": one("mark", NotRequired[Blank4], "m", "n", ""),
    "renamed": Case(
        Page,
        {"slug": Text4, "number": NotRequired[OfColumn | None]},
        [{"slug": "s", "number": 1}, {"slug": "t", "number": "x"}, {"slug": "", "number": None}],
    ),
    "unique_for_date": Case(
        Page,
        {"day": date, "day_name": NotRequired[Blank4]},
        [
            {"day": "2024-01-01", "day_name": "d"},
            {"day": "2024-01-02", "day_name": "d"},
            {"day": "2024-01-02"},
            {"day_name": "d"},
        ],
    ),
    "to_field": one("country", NotRequired[str | None], "FR", "XX", None, 5, [], ""),
    "foreign_key": one("parent", NotRequired[int | None], 1, 99, None, "x", True),
    "one_to_one": one("twin", NotRequired[int | None], 1, 2, 99, None),
    "many_to_many": one("countries", list[int], [1], [99], [], None, "x"),
    "backwards": Case(
        Country,
        {"code": Annotated[str, Field(max_length=2)], "pages": list[int]},
        [{"code": "FR", "pages": [1]}, {"code": "IT", "pages": [99]}, {"code": "IT", "pages": []}],
    ),
    "read_only": Case(
        Page,
        {"id": ReadOnly[int], "fixed": ReadOnly[str], "title": Annotated[str, Field(max_length=8)]},
        [{"id": 5, "title": "a", "fixed": "x"}, {}],
    ),
    "unique_together": pair(
        {"first": OfColumn, "level": NotRequired[Literal[1, 2]]},
        *({"first": 1}, {"first": 1, "level": 1}, {"first": 1, "level": 2}, {"first": 2}, {}),
        *({"level": 1}, {"first": "x"}, {"first": 1, "level": 3}),
    ),
    "labelled_default": pair(
        {"first": OfColumn, "level": NotRequired[Level]},
        *({"first": 1}, {"first": 2}, {"first": 2, "level": 2}, {"first": 2, "level": "2"}),
    ),
    "hidden_default": pair({"first": OfColumn}, {"first": 1}, {"first": 2}, {}),
    "null_in_a_constraint": pair(
        {"first": OfColumn, "second": NotRequired[OfColumn | None]},
        *({"first": 1}, {"first": 1, "second": 2}, {"first": 1, "second": None}, {"second": 2}),
    ),
    "foreign_key_in_a_constraint": pair(
        {"country": NotRequired[int | None], "second": NotRequired[OfColumn | None]},
        *({}, {"country": 1}, {"country": 1, "second": 2}, {"country": None, "second": 2}),
        *({"country": 99}, {"second": "x"}),
    ),
    "by_the_name_of_its_column": pair(
        {"second": NotRequired[OfColumn | None], "country": NotRequired[int | None]},
        *({"country": 1, "second": 2}, {"country": 1, "second": 3}),
    ),
    "on_a_condition_in_own_words": pair(
        {
            "first": OfColumn,
            "third": NotRequired[Annotated[str, Field(max_length=3, min_length=0)]],
            "is_kept": NotRequired[bool],
        },
        *({"first": 1}, {"first": 1, "third": "u"}, {"first": 1, "third": "t", "is_kept": False}),
        *({"first": 1, "third": "t", "is_kept": True}, {"third": "toolong"}),
    ),
    "all_of_them": pair(
        {
            "first": OfColumn,
            "second": NotRequired[OfColumn | None],
            "third": NotRequired[Annotated[str, Field(max_length=3, min_length=0)]],
            "level": NotRequired[Literal[1, 2]],
            "country": NotRequired[int | None],
            "is_kept": NotRequired[bool],
        },
        *({"first": 1}, {"first": 1, "second": 2, "third": "t", "level": 1, "country": 1}),
        *({"first": 9, "second": 2, "country": 1}, {"first": 9}, {}),
    ),
    "an_expression": Case(
        Loose, {"name": Text4, "first": OfColumn}, [{"name": "A", "first": 1}, {"name": "a"}]
    ),
}


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    """Rows that others may be equal to."""
    france, _chile = (
        Country.objects.create(pk=key, code=code) for key, code in ((1, "FR"), (2, "CL"))
    )
    page = Page.objects.create(
        pk=1,
        title="t",
        status="a",
        grouped="b",
        price=Decimal("1.5"),
        day=date(2024, 1, 1),
        day_name="d",
        slug="s",
        code="c",
        mark="m",
        country=france,
    )
    page.countries.set([france])
    Page.objects.create(
        pk=2, title="u", status="zz", price=1, day=date(2024, 1, 2), slug="s2", twin=page
    )
    Pair.objects.create(pk=1, first=1, second=2, third="t", country=france)
    Pair.objects.create(pk=2, first=3, second=None, level=2, is_kept=False)
    Loose.objects.create(pk=1, name="A", first=1, second=None)


def told(serializer: Any) -> Any:
    """Return what a form, and a document, show of the fields."""
    return {
        name: (
            str(one.label),
            str(one.help_text or ""),
            one.style,
            one.required,
            one.allow_null,
            one.read_only,
            str(getattr(one, "grouped_choices", {})) if not is_relation(one) else None,
            [str(check.message) for check in one.validators if isinstance(check, UniqueValidator)],
            [getattr(one, limit, None) for limit in LIMITS],
        )
        for name, one in serializer.fields.items()
    }


def is_relation(one: Any) -> bool:
    return isinstance(one, (serializers.RelatedField, serializers.ManyRelatedField))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
class TestTheSame:
    """Each case in each language; classes are first used in another one."""

    @pytest.fixture
    def classes(self, name: str, language: str) -> Iterator[tuple[Any, Any]]:
        case = CASES[name]
        classic, ours = case.classic, case.ours
        with translation.override("es"):
            for payload in case.payloads:
                outcome(ours, copy.deepcopy(payload))
            told(ours())
        with translation.override(language):
            yield classic, ours

    def test_input(self, name: str, classes: tuple[Any, Any]) -> None:
        classic, ours = classes
        for payload in CASES[name].payloads:
            expected = outcome(classic, copy.deepcopy(payload))
            assert outcome(ours, copy.deepcopy(payload)) == expected, payload

    def test_updates(self, name: str, classes: tuple[Any, Any]) -> None:
        classic, ours = classes
        for instance in CASES[name].model._default_manager.all()[:2]:
            for payload in CASES[name].payloads:
                for partial in (False, True):
                    arguments = {"instance": instance, "partial": partial}
                    expected = outcome(classic, copy.deepcopy(payload), **arguments)
                    actual = outcome(ours, copy.deepcopy(payload), **arguments)
                    assert actual == expected, (instance.pk, payload, partial)

    def test_forms(self, name: str, classes: tuple[Any, Any]) -> None:
        classic, ours = classes
        for payload in CASES[name].payloads:
            form = QueryDict(mutable=True)
            for key, value in payload.items():
                if isinstance(value, list):
                    form.setlist(key, value)
                elif not isinstance(value, dict):
                    form[key] = "" if value is None else str(value)
            assert outcome(ours, form) == outcome(classic, form), form
        if any(isinstance(value, dict) for one in CASES[name].payloads for value in one.values()):
            return
        render = HTMLFormRenderer().render
        assert render(ours().data, None, {}) == render(classic().data, None, {})

    def test_output(self, name: str, classes: tuple[Any, Any]) -> None:
        classic, ours = classes
        instances = list(CASES[name].model._default_manager.all())
        for instance in instances:
            assert printed(ours, instance) == printed(classic, instance)
        assert printed(ours, instances, many=True) == printed(classic, instances, many=True)

    def test_what_is_told_of_the_fields(self, name: str, classes: tuple[Any, Any]) -> None:
        classic, ours = classes
        info = SimpleMetadata().get_serializer_info
        assert info(ours()) == info(classic())
        assert told(ours()) == told(classic())


PAIR = CASES["all_of_them"]


@pytest.mark.parametrize("dropped", [(), *((name,) for name in PAIR.fields), ("country", "level")])
def test_fields_that_are_dropped_at_run_time(dropped: tuple[str, ...]) -> None:
    def verdict(serializer_class: Any, payload: Any, instance: Any) -> Any:
        serializer = serializer_class(instance, data=payload, partial=instance is not None)
        for name in dropped:
            serializer.fields.pop(name)
        try:
            return typed(serializer.validated_data if serializer.is_valid() else serializer.errors)
        except KeyError as error:  # DRF 3.16.0 wants the fields of a condition to be there
            return repr(error)

    for payload in PAIR.payloads:
        for instance in (None, Pair.objects.get(pk=2)):
            expected = verdict(PAIR.classic, dict(payload), instance)
            assert verdict(PAIR.ours, dict(payload), instance) == expected, payload


def test_a_field_that_is_added_at_run_time() -> None:
    def verdict(case: Case, serializer_class: Any) -> Any:
        serializer = serializer_class(data={"first": 1, "second": 2})
        serializer.fields["second"] = serializers.IntegerField()
        serializer.is_valid()
        return typed(serializer.errors)

    case = pair({"first": OfColumn})
    assert verdict(case, case.ours) == verdict(case, case.classic)


def test_null_as_a_value_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    constraint = models.UniqueConstraint(
        fields=["first", "second"], name="loose_pair", nulls_distinct=False
    )
    monkeypatch.setattr(Loose._meta, "constraints", [constraint])
    case = Case(Loose, {"first": OfColumn, "second": NotRequired[OfColumn | None]}, ())
    classic, ours = case.classic, case.ours
    for payload in ({"first": 1}, {"first": 1, "second": None}, {"first": 2}):
        assert outcome(ours, dict(payload)) == outcome(classic, dict(payload))


VALIDATED: dict[str, Case] = {
    "a_function_gives_the_limit": Case(
        Booking, {"count": NotRequired[int]}, [{"count": 3}, {"count": 2**40}, {"count": 2**70}, {}]
    ),
    "limits_that_the_column_adds": Case(
        Parcel,
        {"label": str, "weight": int},
        [
            {"label": "a", "weight": 91},
            {"label": "ab", "weight": -1},
            {"label": "a" * 21, "weight": 90},
        ],
    ),
    "only_one_that_the_schema_says": Case(
        Parcel,
        {"label": Annotated[str, Field(min_length=1)], "weight": Annotated[int, Field(le=5)]},
        [{"label": "a", "weight": 6}, {"label": "a" * 21, "weight": -5}],
        {"label": {"min_length": 1}, "weight": {"max_value": 5}},
    ),
}


@pytest.mark.parametrize("name", VALIDATED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_validators_of_a_column(name: str, language: str) -> None:
    case = VALIDATED[name]
    ours, classic = case.ours, case.classic
    outcome(ours, {})
    with translation.override(language):
        assert told(ours()) == told(classic())
        for payload in case.payloads:
            for partial in (False, True):
                expected = outcome(classic, copy.deepcopy(payload), partial=partial)
                assert outcome(ours, copy.deepcopy(payload), partial=partial) == expected, payload


def test_other_validators_of_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    column: Any = Page._meta.get_field("title")
    asked: list[str] = []

    def not_rude(value: str) -> None:
        asked.append(value)
        if value == "rude":
            raise DjangoValidationError("Be polite.", code="rude")

    monkeypatch.setattr(column, "_validators", [not_rude, RegexValidator("^[a-z]*$")])
    monkeypatch.delattr(column, "validators", raising=False)
    payloads = [{"title": value} for value in ("a", "rude", "A", "too long by far")]
    for annotation in (str, Annotated[str, Field(max_length=8)]):
        case = one("title", annotation, *(payload["title"] for payload in payloads))
        for base in (Schema, BaseModel):
            schema: Any = create_model("Titled", __base__=base, title=(annotation, ...))
            ours = serializer_from_schema(schema, model=Page, name="Same")
            # To what Pydantic refuses itself, no validator of DRF's adds anything.
            for payload in payloads if base is Schema else payloads[:-1]:
                expected = outcome(case.classic, payload)
                assert outcome(ours, payload) == expected, (payload, base)
    assert "rude" in asked
    patterned: Any = create_model(
        "Patterned", __base__=Schema, title=(Annotated[str, Field(pattern="^[A-Z]*$")], ...)
    )
    serializer = serializer_from_schema(patterned, model=Page)(data={"title": "A"})
    assert serializer.is_valid(), serializer.errors


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_what_code_of_the_schema_makes_fit_is_not_refused_before(base: Any) -> None:
    class Fitting(base):
        title: str
        number: NotRequired[int | None]

        @field_validator("title")
        @classmethod
        def short(cls, value: str) -> str:
            return value[:8]

        @field_validator("number", mode="before")
        @classmethod
        def doubled(cls, value: Any) -> Any:
            return value if value is None else value * 2

    serializer_class = serializer_from_schema(Fitting, model=Page)
    serializer = serializer_class(data={"title": "too long by far", "number": 2})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"title": "too long", "number": 4}
    assert not serializer_class(data={"title": "a", "number": 2**63}).is_valid()


def test_a_plain_model_is_told_the_same() -> None:
    class PlainPage(BaseModel):
        title: Annotated[str, Field(max_length=8)]
        slug: Annotated[str, Field(max_length=4)]
        country: str | None

    ours = serializer_from_schema(PlainPage, model=Page)
    case = Case(
        Page,
        {"title": str, "slug": str, "country": str},
        (),
        {"country": {"required": True, "allow_null": True}},
    )
    with translation.override("de"):
        mine, theirs = told(ours()), told(case.classic())
        assert {name: one[:2] for name, one in mine.items()} == {
            name: one[:2] for name, one in theirs.items()
        }
        payload = {"title": "t", "slug": "s", "country": "XX"}
        assert outcome(ours, payload) == outcome(case.classic, payload)


def test_a_path_that_nobody_edits() -> None:
    class Managed(models.Model):
        name = models.CharField(max_length=9)
        path = models.FilePathField(editable=False)

        class Meta:
            app_label = "tenantapp"
            managed = False
            constraints = (models.UniqueConstraint(fields=["name", "path"], name="managed"),)

    class ManagedSchema(Schema):
        name: Annotated[str, Field(max_length=9)]
        path: ReadOnly[str]

    ours = serializer_from_schema(ManagedSchema, model=Managed)
    assert ours(data={"name": "x"}).is_valid()
    assert ours(Managed(name="n", path="p")).data == {"name": "n", "path": "p"}


@pytest.mark.parametrize("name", ["country", "country_id"])
def test_a_schema_holds_what_a_foreign_key_holds(name: str) -> None:
    ours = Case(Page, {name: NotRequired[str | None], "countries": NotRequired[list[int]]}, ()).ours
    serializer = ours(data={name: "FR", "countries": [1, 2]})
    assert serializer.is_valid(), serializer.errors
    france = Country.objects.get(code="FR")
    assert serializer.validated_data[name.removesuffix("_id")] == france
    assert getattr(serializer.validated_schema, name) == "FR"
    assert serializer.validated_schema.countries == [1, 2]
    page = Page.objects.get(pk=1)
    update = ours(page, data={"countries": [1]}, partial=True)
    assert update.is_valid()
    assert getattr(update.validated_schema, name) == "FR"


def test_a_label_that_says_what_the_name_says_does_so_in_one_language_only() -> None:
    class Classic(serializers.ModelSerializer[User]):
        class Meta:
            model = User
            fields = ["first_name"]

    class Backed(SchemaBackedMixin, Classic):
        pass

    class Named(Schema):
        first_name: NotRequired[Annotated[str, Field(max_length=150, min_length=0)]]

    new = serializer_from_schema(Named, model=User)
    for language in LANGUAGES:
        with translation.override(language):
            expected = SimpleMetadata().get_serializer_info(Classic())
            assert SimpleMetadata().get_serializer_info(Backed()) == expected
            assert SimpleMetadata().get_serializer_info(new()) == expected
