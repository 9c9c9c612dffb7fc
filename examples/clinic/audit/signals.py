"""Writes an entry for each row that matters."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from audit.models import Entry
from billing.models import Invoice
from patients.models import Patient
from records.models import Visit


@receiver(post_save, sender=Patient)
@receiver(post_save, sender=Visit)
@receiver(post_save, sender=Invoice)
def note(sender, instance, created, **kwargs):
    """Write what was written."""
    Entry.objects.create(
        practice_id=instance.practice_id,
        verb=Entry.Verb.CREATED if created else Entry.Verb.CHANGED,
        model=sender._meta.model_name,
        object_id=instance.pk,
    )
