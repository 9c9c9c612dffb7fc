"""Mixins of all views."""

import csv

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from practices.tenancy import practice_of


class PracticeMixin:
    """Knows the practice that is asked, and shows its rows only."""

    def perform_authentication(self, request):
        super().perform_authentication(request)
        # DRF makes further requests of this one, such as for OPTIONS.
        request._request.practice = practice_of(request)

    def get_queryset(self):
        return super().get_queryset().filter(practice=self.request.practice)


class RestoreMixin:
    """Brings deleted rows back."""

    @action(detail=True, methods=["post"])
    def restore(self, request, pk=None):
        """Bring a deleted row back."""
        model = self.queryset.model
        rows = model.all_objects.filter(practice=request.practice, deleted_at__isnull=False)
        row = self.get_object_from(rows)
        row.restore()
        return Response(self.get_serializer(row).data)

    def get_object_from(self, rows):
        """Return the row of the URL among others than usual."""
        row = get_object_or_404(rows, pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, row)
        return row


class BulkCreateMixin:
    """Takes a list of rows, all or nothing."""

    @action(detail=False, methods=["post"])
    def bulk(self, request):
        """Create all rows of a list, or none."""
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return Response({"created": len(serializer.data)}, status=status.HTTP_201_CREATED)


class ExportMixin:
    """Sends all rows that the filters leave as a CSV file."""

    throttle_scope = None
    export_name = "export"
    export_columns = ()

    @action(detail=False, methods=["get"], throttle_scope="export")
    def export(self, request):
        """Return the rows as a CSV file."""
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.export_name}.csv"'
        writer = csv.writer(response)
        writer.writerow(self.export_columns)
        rows = self.get_serializer(self.filter_queryset(self.get_queryset()), many=True).data
        for row in rows:
            writer.writerow([row[column] for column in self.export_columns])
        return response
