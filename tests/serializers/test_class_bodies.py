"""What classes define, and whether that has changed."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import fields, relations, serializers

from nova_drf.core.ownership import classes_of
from nova_drf.serializers.class_bodies import ClassBodies, changed_methods


def _classes() -> Any:
    class Above:
        limit = 1

        def method(self) -> int:
            return 1

        @property
        def size(self) -> int:
            return 1

    class Below(Above):
        pass

    return Above, Below


def test_nothing_has_changed() -> None:
    bodies = ClassBodies(_classes())
    assert not bodies.have_changed()
    assert not bodies.have_changed()


@pytest.mark.parametrize("name", ["method", "size", "added", "__init__"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_method_that_is_replaced_or_added_counts_until_it_is_as_before(
    monkeypatch: pytest.MonkeyPatch, name: str, at: int
) -> None:
    classes = _classes()
    bodies = ClassBodies(classes)
    with monkeypatch.context() as patch:
        patch.setattr(classes[at], name, lambda self: 2, raising=False)
        assert bodies.have_changed()
    assert not bodies.have_changed()


def test_a_method_that_is_taken_away_counts() -> None:
    above, below = _classes()
    bodies = ClassBodies((above, below))
    del above.method
    assert bodies.have_changed()


def test_what_a_class_counts_or_keeps_is_no_method() -> None:
    above, below = _classes()
    bodies = ClassBodies((above, below))
    above.limit += 1
    below.kept = {}
    assert not bodies.have_changed()
    above.method = None
    assert bodies.have_changed()


@pytest.mark.parametrize("module", [fields, relations, serializers])
def test_nobody_has_changed_drfs_own_classes(module: Any) -> None:
    assert {cls: changed_methods(cls) for cls in classes_of(module) if changed_methods(cls)} == {}


def test_a_method_of_somebody_else_is_found_in_drfs_class(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed_methods(fields.CharField) == ()
    with monkeypatch.context() as patch:
        patch.setattr(fields.CharField, "to_internal_value", lambda self, data: data)
        assert changed_methods(fields.CharField) == ("to_internal_value",)
    assert changed_methods(fields.CharField) == ()


def test_the_class_of_the_fields_that_a_class_makes_is_no_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Related(relations.PrimaryKeyRelatedField[Any]):
        pass

    monkeypatch.setattr(serializers.ModelSerializer, "serializer_related_field", Related)
    assert changed_methods(serializers.ModelSerializer) == ()
