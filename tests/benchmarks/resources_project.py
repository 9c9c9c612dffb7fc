"""A project of three viewsets for the same rows: DRF's, ours, and ours with async handlers."""

from __future__ import annotations

import os

from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["RESOURCES_DATABASE"],
        }
    },
)

import django

django.setup()

from django.contrib.auth.models import Group
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from rest_framework import serializers

from tests.benchmarks.routes import routes

ROWS = 100


def fill() -> None:
    """Make the table, and the rows that are listed."""
    call_command("migrate", verbosity=0)
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(ROWS))


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ["name"]


urlpatterns = routes(Group.objects.order_by("id"), GroupSerializer)
asgi = ASGIHandler()
