"""Serializers of the audit."""

from rest_framework import serializers

from audit.models import Entry
from common.serializers import ClinicModelSerializer


class EntrySerializer(ClinicModelSerializer):
    verb = serializers.CharField(source="get_verb_display", read_only=True)

    class Meta:
        model = Entry
        fields = ["id", "verb", "model", "object_id", "created"]
        read_only_fields = fields
