"""The document of one view, also where its project does not describe views by drf-spectacular."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import generics, serializers, viewsets
from rest_framework.schemas.openapi import AutoSchema

from nova_drf.openapi.views import view_document
from tests.testapp.models import Book


class BookSerializer(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["title"]


class Books(viewsets.ModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BookSerializer


class FirstBooks(generics.ListAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BookSerializer


@pytest.mark.parametrize("view", [Books, FirstBooks])
def test_another_schema_class_makes_no_difference(view: Any) -> None:
    body = {"schema": AutoSchema(), "__doc__": view.__doc__}
    described_by_drf = type(view.__name__, (view,), body)
    assert view_document(described_by_drf) == view_document(view)
    assert view_document(view)["paths"]


def test_a_view_that_is_left_out_of_the_document_stays_out() -> None:
    class Hidden(FirstBooks):
        schema = None

    assert view_document(Hidden)["paths"] == {}
