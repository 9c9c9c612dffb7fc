"""Markers stand in many classes, and what one class says of its field is no business of another."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from nova_drf import UNSET, NotRequired, ReadOnly, Schema, WriteOnly


@pytest.mark.parametrize("base", [BaseModel, Schema])
@pytest.mark.parametrize(
    "later",
    [
        (NotRequired[int], Field(description="later")),
        (Annotated[NotRequired[int], Field(ge=1)], ...),
        (NotRequired[Annotated[int, Field(ge=1)]], ...),
        (ReadOnly[NotRequired[int]], Field(description="later")),
        (NotRequired[WriteOnly[int]], Field(description="later")),
        (NotRequired[int], ...),
    ],
)
def test_the_default_of_a_field_is_that_of_no_later_one(base: Any, later: Any) -> None:
    annotation, default = later
    field: Any = annotation if default is ... else (annotation, default)
    with_default = create_model("WithDefault", __base__=base, n=(NotRequired[int], 7))
    described = create_model(
        "Described", __base__=base, n=(NotRequired[int], Field(description="first", default=8))
    )
    assert with_default.model_validate({}).model_dump() == {"n": 7}
    assert described.model_validate({}).model_dump() == {"n": 8}

    class_with_later = create_model("Later", __base__=base, n=field)
    assert class_with_later.model_fields["n"].default is UNSET
    assert class_with_later.model_validate({}).n is UNSET


def test_the_description_of_a_field_is_that_of_no_later_one() -> None:
    create_model("First", __base__=Schema, n=(NotRequired[int], Field(description="first")))
    later = create_model("Later", __base__=Schema, n=(NotRequired[int], Field(title="later")))
    assert later.model_fields["n"].description is None
