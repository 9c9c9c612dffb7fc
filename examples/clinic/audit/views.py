"""What was written, for managers."""

from rest_framework import generics

from audit.models import Entry
from audit.serializers import EntrySerializer
from common.pagination import Newest
from common.permissions import IsManager, IsStaffOfPractice
from common.views import PracticeMixin


class EntryList(PracticeMixin, generics.ListAPIView):
    """What was written, the newest first."""

    queryset = Entry.objects.all()
    serializer_class = EntrySerializer
    permission_classes = [IsStaffOfPractice, IsManager]
    pagination_class = Newest
    filterset_fields = ["model", "verb"]
