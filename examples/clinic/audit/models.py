"""Who can say later what was written."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PracticeOwned


class Entry(PracticeOwned):
    """A row that was written."""

    class Verb(models.TextChoices):
        CREATED = "created", _("created")
        CHANGED = "changed", _("changed")

    verb = models.CharField(max_length=10, choices=Verb.choices)
    model = models.CharField(max_length=40)
    object_id = models.PositiveBigIntegerField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "-pk"]
        default_related_name = "audit_entries"

    def __str__(self):
        return f"{self.verb} {self.model} {self.object_id}"
