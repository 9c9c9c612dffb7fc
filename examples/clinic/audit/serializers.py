"""Serializers of the audit."""

from rest_framework import serializers

from audit.models import Entry


class EntrySerializer(serializers.ModelSerializer):
    verb = serializers.CharField(source="get_verb_display", read_only=True)

    class Meta:
        model = Entry
        fields = ["id", "verb", "model", "object_id", "created"]
        read_only_fields = fields
