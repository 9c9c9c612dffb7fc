"""What is worked out of classes once."""

from __future__ import annotations

from typing import Any

import pytest

from nova_drf.core.class_caches import forget_classes, kept_with_class, once_per_class


@pytest.mark.parametrize("once", [once_per_class, kept_with_class])
def test_what_is_worked_out_once_is_worked_out_anew_when_it_is_forgotten(once: Any) -> None:
    asked: list[type] = []

    @once
    def name_of(cls: type) -> str:
        asked.append(cls)
        return cls.__name__

    assert [name_of(int), name_of(int)] == ["int", "int"]
    forget_classes()
    assert name_of(int) == "int"
    assert asked == [int, int]
