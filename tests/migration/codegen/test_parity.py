"""Generated serializers answer as the originals do, whatever is sent and whatever is stored."""

from __future__ import annotations

from typing import Any

import pytest

from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity
from tests.convertapp import serializers
from tests.migration.codegen.conftest import differences


@pytest.mark.usefixtures("world")
@pytest.mark.urls("tests.convertapp.urls")
@pytest.mark.parametrize("old", [*serializers.ALL], ids=lambda cls: cls.__name__)
def test_generated_code_answers_the_same(old: Any, generated: Any) -> None:
    new = getattr(generated, old.__name__)
    assert new is not old
    assert issubclass(new, SchemaSerializer)
    assert_parity(old, new, examples=8)
    assert [one for one in differences(old, new) if "odd_default" not in one] == []
