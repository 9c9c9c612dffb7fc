"""Visits, drugs and laboratory results."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from common.exceptions import Conflict
from common.pagination import Newest
from common.permissions import HasRole, IsStaffOfPractice
from common.views import PracticeMixin, RestoreMixin
from records.models import Drug, LabResult, Visit
from records.serializers import DrugSerializer, LabResultSerializer, VisitSerializer


class DrugViewSet(PracticeMixin, viewsets.ReadOnlyModelViewSet):
    """What can be prescribed."""

    queryset = Drug.objects.all()
    serializer_class = DrugSerializer
    lookup_field = "code"
    search_fields = ["code", "name"]
    filterset_fields = ["is_controlled"]

    def get_queryset(self):
        return Drug.objects.all()


class VisitViewSet(PracticeMixin, RestoreMixin, viewsets.ModelViewSet):
    """The visits of the practice; what is signed does not change."""

    queryset = Visit.objects.select_related("signed_by").prefetch_related("prescriptions__drug")
    serializer_class = VisitSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("doctor",)
    pagination_class = Newest
    filterset_fields = ["patient", "doctor"]

    @transaction.atomic
    def perform_create(self, serializer):
        serializer.save()

    @transaction.atomic
    def perform_update(self, serializer):
        self._check_unsigned(serializer.instance)
        serializer.save()

    def perform_destroy(self, instance):
        self._check_unsigned(instance)
        instance.delete()

    @action(detail=True, methods=["post"])
    def sign(self, request, pk=None):
        """Sign a visit."""
        visit = self.get_object()
        self._check_unsigned(visit)
        visit.signed_at = timezone.now()
        visit.signed_by = request.user
        visit.save(update_fields=["signed_at", "signed_by", "modified"])
        return Response(self.get_serializer(visit).data)

    def _check_unsigned(self, visit):
        if visit.signed_at is not None:
            raise Conflict(_("The visit is signed."), code="signed")


class LabResultViewSet(
    PracticeMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Laboratory results: they are added, and never change."""

    queryset = LabResult.objects.all()
    serializer_class = LabResultSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("doctor",)
    filterset_fields = ["patient"]
    ordering_fields = ["taken_at"]
