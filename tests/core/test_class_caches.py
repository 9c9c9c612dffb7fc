"""What is worked out of classes once."""

from __future__ import annotations

from nova_drf.core.class_caches import forget_classes, once_per_class


def test_what_is_worked_out_once_is_worked_out_anew_when_it_is_forgotten() -> None:
    asked: list[type] = []

    @once_per_class
    def name_of(cls: type) -> str:
        asked.append(cls)
        return cls.__name__

    assert [name_of(int), name_of(int)] == ["int", "int"]
    forget_classes()
    assert name_of(int) == "int"
    assert asked == [int, int]
