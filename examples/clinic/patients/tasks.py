"""What is done for patients in the background."""

from celery import shared_task
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _


@shared_task
def send_welcome(patient_id):
    """Write to a new patient in the patient's language."""
    from patients.models import Patient

    patient = Patient.objects.select_related("practice").get(pk=patient_id)
    with translation.override(patient.language):
        subject = _("Welcome to %(practice)s") % {"practice": patient.practice.name}
        body = _("Dear %(name)s, your number is %(number)s.") % {
            "name": patient.full_name,
            "number": patient.number,
        }
    send_mail(subject, body, None, [patient.email])
