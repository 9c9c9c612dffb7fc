"""Filters of patients."""

import django_filters

from patients.models import Patient


class PatientFilter(django_filters.FilterSet):
    born_after = django_filters.DateFilter(field_name="birth_date", lookup_expr="gte")
    born_before = django_filters.DateFilter(field_name="birth_date", lookup_expr="lt")
    allergic_to = django_filters.CharFilter(
        field_name="allergies__substance", lookup_expr="iexact", distinct=True
    )

    class Meta:
        model = Patient
        fields = ["sex", "language", "born_after", "born_before", "allergic_to"]
