"""What happens when money comes in."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from billing.models import Invoice, Payment


@receiver(post_save, sender=Payment)
def mark_paid(sender, instance, created, **kwargs):
    """Mark an invoice as paid when all of it is."""
    invoice = Invoice.objects.get(pk=instance.invoice_id)
    if invoice.status == Invoice.Status.SENT and invoice.paid >= invoice.total:
        invoice.status = Invoice.Status.PAID
        invoice.save(update_fields=["status", "modified"])
