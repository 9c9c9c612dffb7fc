"""Versions of DRF: where they differ, we follow the installed one."""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import rest_framework
from django.test import override_settings
from django.utils.datastructures import MultiValueDict
from rest_framework import fields, serializers
from rest_framework.negotiation import DefaultContentNegotiation

from nova_drf import Schema, SchemaSerializer
from nova_drf.mapping import drf_versions
from nova_drf.mapping.drf_versions import (
    accept_is_in_headers,
    dictionary_of_form,
    errors_are_dictionaries,
    list_serializer_errors,
)
from tests.oracle import assert_same_verdict

VERSION = tuple(int(part) for part in rest_framework.VERSION.split(".")[:3])


class Inner(Schema):
    n: int


class Outer(Schema):
    inners: list[Inner]


class OuterSerializer(SchemaSerializer[Outer]):
    pass


class ClassicInner(serializers.Serializer[Any]):
    n = serializers.IntegerField()


class ClassicOuter(serializers.Serializer[Any]):
    inners = ClassicInner(many=True)


@pytest.mark.parametrize("as_dictionary", [True, False])
def test_errors_of_nested_lists_follow_the_installed_drf(as_dictionary: bool) -> None:
    body = {"inners": [{"n": 1}, {"n": "x"}, {"n": 2}]}
    framework = {"LIST_SERIALIZER_ERRORS_AS_DICT": as_dictionary} if VERSION >= (3, 18, 1) else {}
    with override_settings(REST_FRAMEWORK=framework), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same_verdict(ClassicOuter, OuterSerializer, body)
        assert errors_are_dictionaries() == (
            VERSION >= (3, 18) and (as_dictionary or VERSION < (3, 18, 1))
        )


@pytest.mark.parametrize("parts", [{"a": ["1"], "b": ["2", "3"]}, {".a": ["1"]}, {}])
def test_dictionaries_of_forms_follow_the_installed_drf(parts: dict[str, list[str]]) -> None:
    form = MultiValueDict(parts)
    assert dictionary_of_form(form) == fields.DictField().to_internal_value(form)


def test_the_accept_header_is_where_the_installed_drf_reads_it() -> None:
    request = SimpleNamespace(META={"HTTP_ACCEPT": "in/meta"}, headers={"accept": "in/headers"})
    accepted = DefaultContentNegotiation().get_accept_list(request)
    assert (accepted == ["in/headers"]) == accept_is_in_headers()


def test_a_list_has_a_place_for_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nova_drf.mapping.drf_versions.errors_are_dictionaries", lambda: False)
    assert list_serializer_errors({1: {"n": ["x"]}}, 3) == [{}, {"n": ["x"]}, {}]
    monkeypatch.setattr("nova_drf.mapping.drf_versions.errors_are_dictionaries", lambda: True)
    assert list_serializer_errors({1: {"n": ["x"]}}, 3) == {1: {"n": ["x"]}}


def test_big_integers_have_a_field_of_their_own_where_drf_has_one() -> None:
    expected = [cls for name, cls in vars(fields).items() if name == "BigIntegerField"]
    assert list(drf_versions.big_integer_fields()) == expected


def test_every_function_names_the_versions_that_it_is_for() -> None:
    public = [
        value
        for name, value in vars(drf_versions).items()
        if inspect.isfunction(value) and value.__module__ == drf_versions.__name__
    ]
    assert public
    assert all(function.__doc__ for function in public)
