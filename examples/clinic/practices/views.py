"""The practice that is asked, and what every client needs to know."""

from django.db import connection
from django.utils.translation import get_language
from rest_framework import generics
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.models import User
from billing.models import Invoice, Payment
from common.permissions import HasRole, IsStaffOfPractice
from common.views import PracticeMixin
from patients.models import Allergy, Patient
from practices.serializers import PracticeSerializer
from schedule.models import Appointment


class PracticeView(PracticeMixin, generics.RetrieveUpdateAPIView):
    """The practice itself."""

    serializer_class = PracticeSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("manager",)

    def get_object(self):
        practice = self.request.practice
        self.check_object_permissions(self.request, practice)
        return practice


@api_view(["GET"])
@permission_classes([AllowAny])
def health(request):
    """Whether the service works."""
    connection.ensure_connection()
    return Response({"status": "ok", "language": get_language()})


CHOICES = {
    "role": User.Role,
    "sex": Patient.Sex,
    "severity": Allergy.Severity,
    "appointment_status": Appointment.Status,
    "invoice_status": Invoice.Status,
    "payment_method": Payment.Method,
}


@api_view(["GET"])
@permission_classes([AllowAny])
def choices(request):
    """All choices, with their labels in the language of the client."""
    return Response(
        {
            name: [{"value": value, "label": label} for value, label in enum.choices]
            for name, enum in CHOICES.items()
        }
    )
