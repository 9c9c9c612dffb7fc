"""Serializers of practices."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.serializers import ClinicModelSerializer
from practices.models import Practice


class PracticeSerializer(ClinicModelSerializer):
    staff_count = serializers.SerializerMethodField()

    class Meta:
        model = Practice
        fields = ["name", "slug", "currency", "language", "opens", "closes", "phone", "staff_count"]
        read_only_fields = ["slug", "currency"]

    def get_staff_count(self, practice) -> int:
        return practice.users.filter(is_active=True).count()

    def validate(self, attrs):
        opens = attrs.get("opens", getattr(self.instance, "opens", None))
        closes = attrs.get("closes", getattr(self.instance, "closes", None))
        if opens and closes and opens >= closes:
            raise serializers.ValidationError(
                {"closes": _("A practice closes after it has opened.")}, code="hours"
            )
        return attrs
