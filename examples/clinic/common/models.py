"""What most models of the clinic have."""

from django.db import models
from django.utils import timezone


class TimeStamped(models.Model):
    """A row that knows when it was made and changed."""

    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class PracticeOwned(models.Model):
    """A row that belongs to one practice."""

    practice = models.ForeignKey(
        "practices.Practice", on_delete=models.CASCADE, related_name="%(class)ss"
    )

    class Meta:
        abstract = True


class AliveManager(models.Manager):
    """Leaves deleted rows out."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at__isnull=True)


class SoftDeleted(models.Model):
    """A row that is marked when it is deleted, and can come back."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AliveManager()
    all_objects = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "all_objects"

    def delete(self, using=None, keep_parents=False):
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])

    def restore(self):
        """Take the mark away."""
        self.deleted_at = None
        self.save(update_fields=["deleted_at"])
