"""What type says what a field of DRF's says, and what no type can."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

import pytest
from django.core.files import File
from django.core.validators import MinLengthValidator, RegexValidator
from pydantic import EmailStr, HttpUrl, IPvAnyAddress
from rest_framework import fields as drf
from rest_framework.validators import UniqueValidator

from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.field_state import behaving_class, extra_validators, known
from nova_drf.mapping.from_drf import describe
from nova_drf.migration.convert.type_names import type_name
from tests.convertapp.models import Country


def upper(value: str) -> str:
    """Validate nothing; another project's function."""
    return value


TYPES: list[tuple[Any, Any, dict[str, Any], tuple[str, ...]]] = [
    (drf.CharField(), str, {}, ()),
    (drf.CharField(max_length=3, min_length=1), str, {"max_length": 3, "min_length": 1}, ()),
    (drf.CharField(allow_blank=True), str, {"min_length": 0}, ()),
    (drf.CharField(allow_blank=True, min_length=2), str, {"min_length": 2}, ("allow_blank",)),
    (drf.CharField(min_length=0), str, {}, ()),
    (drf.CharField(trim_whitespace=False), str, {"strip_whitespace": False}, ()),
    (drf.CharField(validators=[upper]), str, {}, ("validators",)),
    (drf.CharField(error_messages={"blank": "No."}), str, {}, ("error_messages",)),
    (drf.EmailField(max_length=9), EmailStr, {"max_length": 9}, ()),
    (drf.URLField(), HttpUrl, {}, ()),
    (drf.RegexField("^a"), str, {"pattern": re.compile("^a")}, ()),
    (
        drf.RegexField(re.compile("^a", re.IGNORECASE)),
        str,
        {"pattern": "^a"},
        ("the flags of its regular expression",),
    ),
    (
        drf.SlugField(),
        str,
        {"pattern": r"^[-a-zA-Z0-9_]+$"},
        ("the words and the format of SlugField",),
    ),
    (drf.IPAddressField(), IPvAnyAddress, {}, ()),
    (drf.IPAddressField(protocol="ipv4"), IPv4Address, {}, ()),
    (drf.IPAddressField(protocol="ipv6"), IPv6Address, {}, ()),
    (drf.IPAddressField(max_length=3), IPvAnyAddress, {}, ("max_length",)),
    (drf.UUIDField(), UUID, {}, ()),
    (drf.UUIDField(format="hex"), UUID, {}, ("uuid_format",)),
    (drf.BooleanField(), bool, {}, ()),
    (drf.IntegerField(min_value=1, max_value=2), int, {"ge": 1, "le": 2}, ()),
    (drf.IntegerField(min_value=Decimal("0.5")), int, {"ge": 0}, ("the bound 0.5",)),
    (drf.FloatField(max_value=2), float, {"le": 2}, ()),
    (drf.DurationField(min_value=timedelta(1)), timedelta, {"ge": timedelta(1)}, ()),
    (drf.DateField(), date, {}, ()),
    (drf.DateField(format="%d"), date, {}, ("format",)),
    (drf.TimeField(), time, {}, ()),
    (drf.DateTimeField(), datetime, {}, ()),
    (drf.FileField(max_length=9), File, {"max_length": 9}, ()),
    (drf.JSONField(), Any, {}, ()),
    (drf.JSONField(binary=True), Any, {}, ("binary",)),
    (drf.ListField(), list[Any], {}, ()),
    (drf.ListField(child=drf.IntegerField(), min_length=1), list[int], {"min_length": 1}, ()),
    (drf.ListField(allow_empty=False), list[Any], {}, ("allow_empty=False",)),
    (drf.ListField(child=drf.DateField(allow_null=True)), list[date | None], {}, ()),
    (drf.DictField(), dict[str, Any], {}, ()),
    (drf.DictField(child=drf.IntegerField(), allow_empty=False), None, {"min_length": 1}, ()),
    (
        drf.FilePathField(path="."),
        str,
        {},
        ("that it is one of the paths that are there",),
    ),
]


@pytest.mark.filterwarnings("ignore:min_value should be")
@pytest.mark.parametrize(("field", "type_", "constraints", "left"), TYPES, ids=repr)
def test_a_field_has_its_type(field: Any, type_: Any, constraints: Any, left: Any) -> None:
    described = describe(field)
    assert described is not None
    assert type_ is None or described.type == type_
    assert described.constraints == constraints
    assert described.left == left


def test_an_image_is_more_than_a_file() -> None:
    described = describe(drf.ImageField(max_length=9))
    assert described is not None
    assert described.left == ("that it is an image",)


@pytest.mark.parametrize(
    ("choices", "arguments", "said"),
    [
        (["a", "b"], {}, "Literal['a', 'b']"),
        ([1, 2], {}, "Literal[1, 2]"),
        (["a"], {"allow_blank": True}, "Literal['a', '']"),
        (["", "a"], {}, None),
        ([True, None], {}, None),
        ([], {}, None),
        ([1, "1"], {}, None),
    ],
    ids=str,
)
def test_choices_are_a_literal_where_one_says_the_same(
    choices: Any, arguments: Any, said: Any
) -> None:
    one = describe(drf.ChoiceField(choices, **arguments))
    assert (one and type_name(one.annotation)) == said
    several = describe(drf.MultipleChoiceField(choices=choices, **arguments))
    assert (several is None) == (one is None)
    if several is not None:
        assert "the semantics of MultipleChoiceField" in several.left


@pytest.mark.parametrize("container", [drf.ListField, drf.DictField])
def test_what_holds_an_unknown_field_has_no_type(container: Any) -> None:
    class Own(drf.Field[Any, Any, Any, Any]):
        pass

    assert describe(container(child=Own())) is None
    assert describe(Own()) is None


@pytest.mark.skipif(not big_integer_fields(), reason="this DRF has no BigIntegerField")
def test_big_numbers_may_be_text() -> None:
    (field_class,) = big_integer_fields()
    plain, text = describe(field_class()), describe(field_class(coerce_to_string=True))
    assert plain is not None
    assert text is not None
    assert plain.type is int
    assert {*text.left} - {*plain.left} == {"coerce_to_string"}


class Short(drf.CharField):
    """Only sets arguments."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(max_length=3, **arguments)


class Loud(Short):
    """Changes what comes out."""

    def to_representation(self, value: Any) -> str:
        return str(value).upper()


def test_a_subclass_that_only_sets_arguments_is_what_it_inherits_from() -> None:
    assert behaving_class(Short()) is drf.CharField
    assert behaving_class(Loud()) is Loud
    described = describe(Short())
    assert described is not None
    assert described.constraints == {"max_length": 3}
    assert describe(Loud()) is None
    assert known(Loud()) is None


@pytest.mark.parametrize(
    ("field", "extra"),
    [
        (drf.CharField(max_length=3), False),
        (drf.CharField(validators=[MinLengthValidator(2)]), True),
        (drf.CharField(max_length=3, validators=[]), False),
        (drf.RegexField("a", validators=[RegexValidator("a"), RegexValidator("b")]), True),
        (drf.SlugField(), False),
        (drf.IPAddressField(protocol="ipv6"), False),
        (drf.CharField(validators=[upper]), True),
        (drf.CharField(validators=[UniqueValidator(Country.objects.all())]), True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_validators_beyond_those_of_the_options(field: Any, extra: bool) -> None:
    known_field = known(field)
    assert known_field is not None
    assert extra_validators(field, known_field) is extra
