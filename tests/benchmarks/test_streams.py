"""``python -m pytest tests/benchmarks/test_streams.py -m bench``: a million rows, sent in pieces.

The rows are written by the database itself; how much memory the process takes at most is asked of
the system before and after they are sent.
"""

from __future__ import annotations

import resource
import sys
from time import process_time
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIRequestFactory

from nova_drf import Schema, serializer_from_schema
from nova_drf.generics import AsyncGenericAPIView
from nova_drf.streaming import JSONLinesRenderer, stream_list
from tests.queriesapp.models import Reader

pytestmark = [pytest.mark.bench, pytest.mark.django_db]

MILLION = 1_000_000
MOST = 32
"""By how many megabytes the process may grow while a million rows are sent."""


class ReaderSchema(Schema):
    id: int
    name: str


class Export(AsyncGenericAPIView):
    queryset = Reader.objects.order_by("id")
    serializer_class = serializer_from_schema(ReaderSchema)
    renderer_classes = [*AsyncGenericAPIView.renderer_classes, JSONLinesRenderer]
    rows_stand_for_instances = True

    def get(self, request: Any) -> Any:
        return stream_list(self, self.get_queryset())


def megabytes() -> float:
    """Return how much memory this process has taken at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("accept", ["application/json", "application/jsonl"])
@pytest.mark.parametrize("by_rows", [True, False])
def test_a_million_rows_in_constant_memory(
    by_rows: bool, accept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if connection.vendor == "mysql":
        pytest.skip("Its driver reads all rows at once.")
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
            f"WHERE n < {MILLION}) INSERT INTO queriesapp_reader (name) "
            "SELECT 'reader number ' || n FROM numbers"
        )
    view: Any = type("View", (Export,), {"rows_stand_for_instances": by_rows})
    few: Any = type("View", (view,), {"queryset": Reader.objects.order_by("id")[:10_000]})
    sent(few, accept)
    before, begun = megabytes(), process_time()
    count, length = sent(view, accept)
    grown = megabytes() - before
    with capsys.disabled():
        kind = "rows" if by_rows else "instances"
        print(
            f"\n{count} lines or items, {length / 1e6:.0f} MB as {accept} from {kind}: "
            f"{process_time() - begun:.1f} s of processor time, {grown:.1f} MB more memory"
        )
    assert count == MILLION
    assert grown < MOST


def sent(view: Any, accept: str) -> tuple[int, int]:
    """Return how many objects are sent, and how many bytes."""
    request: Any = APIRequestFactory().get("/", HTTP_ACCEPT=accept)
    count = length = 0
    for part in view.as_view()(request).streaming_content:
        count += part.count(b'"id"')
        length += len(part)
    return count, length
