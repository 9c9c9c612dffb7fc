"""What a view takes is read also where only a request could tell its rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet
from django_filters.rest_framework import (
    DjangoFilterBackend,
    FilterSet,
)
from rest_framework import serializers, viewsets

from nova_drf.migration.proof.inputs import describe
from tests.migration.proof.library import BookViewSet
from tests.testapp.models import Book, Tag


@pytest.mark.django_db
def test_filters_of_a_view_whose_rows_are_those_of_a_tenant() -> None:
    class OfTenant(BookViewSet):
        def get_queryset(self) -> QuerySet[Book]:
            tenant: Any = self.request
            return super().get_queryset().filter(status=tenant.tenant)

    parameters = describe(OfTenant, "list", {}, None).parameters()
    assert {"status", "author"} <= parameters.keys()


class PartSerializer(serializers.ModelSerializer[Tag]):
    """What an extra action answers with: another model than that of the view."""

    class Meta:
        model = Tag
        fields = ["name"]


@pytest.mark.django_db
def test_filters_of_an_action_whose_serializer_has_another_model() -> None:
    class Filters(FilterSet):
        class Meta:
            model = Book
            fields = ["status"]

    class OfUser(viewsets.ModelViewSet[Book]):
        filter_backends: Any = [DjangoFilterBackend]
        filterset_class = Filters

        def get_queryset(self) -> QuerySet[Book]:
            user: Any = self.request.user
            return Book.objects.filter(status=user.desk)

        def tag(self, request: object) -> None:
            raise NotImplementedError

    described = describe(OfUser, "tag", {"serializer_class": PartSerializer}, None)
    assert described.model is Tag
    assert "status" in described.parameters()


@pytest.mark.django_db
def test_filters_that_only_a_request_could_tell() -> None:
    class OfTenant(BookViewSet):
        @property
        def filterset_class(self) -> Any:
            tenants: dict[str, Any] = {}
            return tenants["of the request"]

    described = describe(OfTenant, "list", {}, None)
    assert "title" in described.parameters()
    assert described.unfiltered.startswith("its filters cannot be read without a request (")
    assert describe(BookViewSet, "list", {}, None).unfiltered == ""
