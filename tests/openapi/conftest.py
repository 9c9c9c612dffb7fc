"""Every test of documents runs for both versions of OpenAPI, split into directions and not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.openapi.documents import DIALECTS, Dialect, dialect_name


@pytest.fixture(params=DIALECTS, ids=dialect_name)
def dialect(request: pytest.FixtureRequest) -> Iterator[Dialect]:
    """What the documents of a test are written in."""
    chosen: Dialect = request.param
    with chosen.chosen():
        yield chosen
