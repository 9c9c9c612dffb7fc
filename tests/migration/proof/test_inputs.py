"""What a view takes is read also where only a request could tell its rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from nova_drf.migration.proof.inputs import describe
from tests.migration.proof.library import BookViewSet
from tests.testapp.models import Book


@pytest.mark.django_db
def test_filters_of_a_view_whose_rows_are_those_of_a_tenant() -> None:
    class OfTenant(BookViewSet):
        def get_queryset(self) -> QuerySet[Book]:
            tenant: Any = self.request
            return super().get_queryset().filter(status=tenant.tenant)

    parameters = describe(OfTenant, "list", {}, None).parameters()
    assert {"status", "author"} <= parameters.keys()
