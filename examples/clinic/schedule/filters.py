"""Filters of appointments."""

import django_filters

from schedule.models import Appointment


class AppointmentFilter(django_filters.FilterSet):
    day = django_filters.DateFilter(field_name="starts_at", lookup_expr="date")
    after = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")
    status = django_filters.MultipleChoiceFilter(choices=Appointment.Status.choices)

    class Meta:
        model = Appointment
        fields = ["day", "after", "status", "doctor", "patient", "room"]
