"""Which field the errors of a payload are about, wherever in the payload it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from nova_drf.mapping.input_paths import InputPath
from nova_drf.mapping.shape import FieldShape


def details_by_field(
    errors: Mapping[Any, object], fields: Iterable[FieldShape]
) -> Iterator[tuple[FieldShape | None, Any]]:
    """Yield each part of an error tree with the field that it is about; ``None`` for no field.

    Args:
        errors: What a serializer's ``errors`` are.
        fields: The fields of its request.
    """
    by_path = {path: field for field in fields for path in field.input_paths}
    on_the_way = {path[:length] for path in by_path for length in range(1, len(path))}

    def walk(
        tree: Mapping[Any, object], above: InputPath
    ) -> Iterator[tuple[FieldShape | None, Any]]:
        for key, detail in tree.items():
            path = (*above, key)
            if path not in by_path and path in on_the_way and isinstance(detail, Mapping):
                yield from walk(detail, path)
            else:
                yield by_path.get(path), detail

    return walk(errors, ())


def django_errors(detail: Any) -> Iterator[ValidationError]:
    """Yield each text of a detail as Django's forms and models tell it, with its code."""
    if isinstance(detail, dict):
        for below in detail.values():
            yield from django_errors(below)
    elif isinstance(detail, list):
        for below in detail:
            yield from django_errors(below)
    else:
        yield ValidationError(str(detail), code=detail.code)
