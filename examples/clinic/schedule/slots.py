"""Free slots of a doctor."""

from datetime import datetime, timedelta

from django.utils import timezone

from schedule.models import Appointment


def free_slots(doctor, day, minutes):
    """List the times at which a doctor could see somebody.

    Args:
        doctor: The doctor.
        day: The day.
        minutes: How long it takes.
    """
    practice = doctor.practice
    zone = timezone.get_current_timezone()
    start = datetime.combine(day, practice.opens, zone)
    closes = datetime.combine(day, practice.closes, zone)
    length = timedelta(minutes=minutes)
    taken = [
        (row.starts_at, row.starts_at + timedelta(minutes=row.minutes))
        for row in doctor.appointments.filter(starts_at__date=day).exclude(
            status=Appointment.Status.CANCELLED
        )
    ]
    slots = []
    while start + length <= closes:
        if not any(begin < start + length and start < end for begin, end in taken):
            slots.append(start)
        start += length
    return slots
