"""Reminders of appointments."""

from celery import shared_task
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _


@shared_task
def remind(appointment_id):
    """Write to the patient of an appointment."""
    from schedule.models import Appointment

    appointment = Appointment.objects.select_related("patient", "doctor").get(pk=appointment_id)
    patient = appointment.patient
    with translation.override(patient.language):
        subject = _("Your appointment")
        body = _("%(doctor)s expects you at %(time)s.") % {
            "doctor": appointment.doctor.name,
            "time": timezone.localtime(appointment.starts_at).strftime("%H:%M"),
        }
    send_mail(subject, body, None, [patient.email])
