"""Methods that somebody puts into a class after its first use, as tests and late apps do.

DRF looks each method up when it calls it, so it notices. The classic serializer is the oracle:
before its first use, after it, and when all is as before.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from rest_framework import fields, serializers
from rest_framework.serializers import ValidationError
from rest_framework.utils.serializer_helpers import BindingDict

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    schema_from_serializer,
    serializer_from_schema,
)

PAYLOAD = {"title": "t", "size": 1, "own": "o", "line": {"drug": "d"}, "lines": [{"drug": "d"}]}
PAYLOADS = [PAYLOAD, {**PAYLOAD, "title": "too long"}, {**PAYLOAD, "line": {"drug": []}}]
STORED = SimpleNamespace(
    title="t",
    size=1,
    own="o",
    line=SimpleNamespace(drug="d"),
    lines=[SimpleNamespace(drug="d")],
)


class House:
    """A mixin of the project's own, which serializers of all kinds have."""


def classes() -> dict[str, Any]:
    """Return new classes, of which nothing has been worked out."""

    class Own(serializers.CharField):
        def to_representation(self, value: Any) -> str:
            return str(value)

    class Above(House):
        pass

    class Line(serializers.Serializer[Any]):
        drug = serializers.CharField(max_length=5)

    class Classic(Above, serializers.Serializer[Any]):
        title = serializers.CharField(max_length=5)
        size = serializers.IntegerField()
        own = Own()
        line = Line()
        lines = Line(many=True)

    class Backed(SchemaBackedMixin, Classic):
        pass

    converted = serializer_from_schema(schema_from_serializer(Classic))
    return {"Own": Own, "Above": Above, "Line": Line} | {
        "classic": Classic,
        "backed": Backed,
        "converted": converted,
    }


def observed(cls: Any) -> list[str]:
    """Use a class in each way, and return what came of it."""
    seen = []
    for payload in PAYLOADS:
        seen += _validated(cls(data=payload))
    seen.append(_attempt(lambda: cls(STORED).data))
    seen.append(_attempt(lambda: cls([STORED], many=True).data))
    seen.append(_attempt(lambda: cls(STORED, data={"size": "x"}, partial=True).is_valid()))
    return seen


def _validated(serializer: Any) -> list[str]:
    return [
        _attempt(lambda: (serializer.is_valid(), serializer.errors)),
        _attempt(lambda: serializer.validated_data),
    ]


def _attempt(call: Any) -> str:
    try:
        return str(call())
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return repr(error)


def refuse(self: object, value: object = None) -> Any:
    """Stand for any method that validates."""
    raise ValidationError("changed")


def printed(self: object, value: object) -> str:
    """Stand for any method that prints."""
    return "changed"


def other_fields(self: object) -> dict[str, Any]:
    """Stand for ``get_fields``."""
    return {"title": serializers.CharField(max_length=3)}


def started(self: Any, *args: object, **kwargs: object) -> None:
    """Stand for ``__init__``."""
    fields.Field.__init__(self)
    self.instance, self.initial_data, self.partial, self._context = None, {}, False, {}


OF_SERIALIZERS = {
    "get_fields": other_fields,
    "fields": property(lambda self: BindingDict(self)),
    "_writable_fields": property(lambda self: iter(())),
    "_readable_fields": property(lambda self: iter(())),
    "get_validators": lambda self: [lambda value: refuse(None, value)],
    "run_validation": refuse,
    "run_validators": refuse,
    "to_internal_value": refuse,
    "to_representation": printed,
    "validate": refuse,
    "validate_title": refuse,
    "validate_drug": refuse,
    "__init__": started,
}
OF_FIELDS = {
    "get_attribute": lambda self, instance: 7,
    "get_value": lambda self, dictionary: None,
    "run_validation": refuse,
    "run_validators": refuse,
    "to_internal_value": refuse,
    "to_representation": printed,
    "validate_empty_values": lambda self, data: (True, 5),
}
OF_LISTS = {"to_internal_value": refuse, "to_representation": lambda self, data: ["changed"]}
SERIALIZERS = ["itself", "Above", "Line", serializers.Serializer, serializers.BaseSerializer]
FIELDS = ["Own", fields.CharField, fields.IntegerField, fields.Field]

CASES = [
    *((owner, name, method) for owner in SERIALIZERS for name, method in OF_SERIALIZERS.items()),
    *((owner, name, method) for owner in FIELDS for name, method in OF_FIELDS.items()),
    *((serializers.ListSerializer, name, method) for name, method in OF_LISTS.items()),
]


@pytest.mark.parametrize("kind", ["backed", "converted"])
@pytest.mark.parametrize(
    ("owner", "name", "method"),
    [
        pytest.param(*case, id=f"{getattr(case[0], '__name__', case[0])}.{case[1]}")
        for case in CASES
    ],
)
def test_a_changed_method_is_noticed_as_by_drf(
    owner: Any, name: str, method: Any, kind: str
) -> None:
    for is_used_before in (False, True):
        made = classes()
        answers = []
        for which in ("classic", kind):
            cls = made[which]
            before = observed(cls) if is_used_before else None
            changed = cls if owner == "itself" else made.get(owner, owner)
            with mock.patch.object(changed, name, method, create=True):
                during = observed(cls)
            answers.append((before, during, observed(cls)))
        assert answers[0] == answers[1], is_used_before


@pytest.mark.parametrize("name", ["validate_title", "validate", "get_fields", "to_representation"])
@pytest.mark.parametrize("of_mixin", [False, True])
def test_a_class_with_a_schema_notices_what_becomes_of_its_own_methods(
    name: str, of_mixin: bool
) -> None:
    class Titled(Schema):
        title: str

    class Above(House):
        pass

    class Classic(Above, serializers.Serializer[Any]):
        title = serializers.CharField()

    class Ours(Above, SchemaSerializer[Titled]):
        pass

    payload = {"title": "too long"}

    def seen(cls: Any) -> list[str]:
        serializer = cls(data=payload)
        return [
            _attempt(lambda: (serializer.is_valid(), serializer.errors)),
            _attempt(lambda: cls(SimpleNamespace(title="t")).data),
            _attempt(lambda: cls([SimpleNamespace(title="t")], many=True).data),
        ]

    answers = []
    for cls in (Classic, Ours):
        before = seen(cls)
        owner: Any = Above if of_mixin else cls
        with mock.patch.object(owner, name, OF_SERIALIZERS[name], create=True):
            during = seen(cls)
        answers.append((before, during, seen(cls)))
    assert answers[0] == answers[1]
    assert answers[0][0] != answers[0][1]


def test_nothing_is_worked_out_anew_where_no_method_changed() -> None:
    backed = classes()["backed"]
    observed(backed)
    known = backed.backed_class()
    backed.requests = 0
    for _ in range(3):
        backed.requests += 1
        observed(backed)
    assert backed.backed_class() is known
    assert backed.backed_class().reason is None


def test_one_change_of_drfs_field_is_told_by_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields.CharField, "to_internal_value", refuse)
    backed = classes()["backed"]
    assert backed.backed_class().definition() is None
    assert backed.backed_class().reason == "somebody has changed DRF's CharField.to_internal_value"
