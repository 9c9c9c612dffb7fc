"""What happens when patients and documents are written."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from patients.models import Document, Patient
from patients.tasks import send_welcome


@receiver(post_save, sender=Patient)
def welcome(sender, instance, created, **kwargs):
    """Write to new patients."""
    if created and instance.email:
        transaction.on_commit(lambda: send_welcome.delay(instance.pk))


@receiver(post_delete, sender=Document)
def delete_file(sender, instance, **kwargs):
    """Delete the file with its document."""
    instance.file.delete(save=False)
