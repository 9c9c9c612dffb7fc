"""Two practices with staff, patients, appointments, visits and invoices.

Everybody's password is ``correct horse``. All times are in 2031, so that appointments are to come.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice, InvoiceLine, Payment, Tariff
from patients.models import Allergy, Document, Patient
from practices.models import Practice
from records.models import Drug, LabResult, Prescription, Visit
from schedule.models import Appointment, Doctor, Room, Specialty

PASSWORD = "correct horse"
MONDAY = datetime(2031, 3, 3, 8, 0, tzinfo=UTC)

FIRST = ["Ada", "Béla", "Chloé", "Dov", "Elif", "Fritz", "Gül", "Henri"]
LAST = ["Keller", "Müller", "Nguyen", "O'Brien", "Favre"]


def load_sample_data():
    """Fill an empty database."""
    lakeside = Practice.objects.create(
        name="Lakeside", slug="lakeside", host="lakeside.clinic.example", language="de"
    )
    riverside = Practice.objects.create(
        name="Rive Gauche",
        slug="riverside",
        host="riverside.clinic.example",
        currency="EUR",
        language="fr",
        opens="09:00",
    )
    Practice.objects.create(name="Old House", slug="old", is_active=False)
    load_catalogues()
    User.objects.create_superuser("group@clinic.example", PASSWORD, full_name="Group Office")
    load_practice(lakeside, patients=26)
    load_practice(riverside, patients=7)


def load_catalogues():
    """Make what all practices share."""
    for code, name in [("gp", "General practice"), ("derm", "Dermatology"), ("ped", "Paediatrics")]:
        Specialty.objects.create(code=code, name=name)
    for code, name, is_controlled in [
        ("N02BE01", "Paracetamol", False),
        ("M01AE01", "Ibuprofen", False),
        ("J01CA04", "Amoxicillin", False),
        ("N02AA01", "Morphine", True),
    ]:
        Drug.objects.create(code=code, name=name, is_controlled=is_controlled)


def load_practice(practice, patients):
    """Fill one practice.

    Args:
        practice: The practice.
        patients: How many patients it has.
    """
    staff = load_staff(practice)
    rooms = [
        Room.objects.create(practice=practice, name=f"Room {number}", floor=number // 3)
        for number in range(1, 5)
    ]
    rooms[0].equipment = ["ECG", "ultrasound"]
    rooms[0].save()
    doctors = [
        Doctor.objects.create(practice=practice, name="Dr. Roth", room=rooms[0], user=staff[1]),
        Doctor.objects.create(practice=practice, name="Dr. Blanc", room=rooms[1]),
        Doctor.objects.create(practice=practice, name="Dr. Grün", is_accepting=False),
    ]
    doctors[0].specialties.set(Specialty.objects.filter(code__in=["gp", "derm"]))
    doctors[1].specialties.set(Specialty.objects.filter(code="ped"))
    people = [load_patient(practice, number) for number in range(1, patients + 1)]
    people[-1].delete()
    load_schedule(practice, people, doctors, rooms)
    load_records(practice, people, doctors, staff)
    load_bills(practice, people)


def load_staff(practice):
    """Make one user of each role."""
    return [
        User.objects.create(
            email=f"{role}@{practice.slug}.example",
            full_name=f"{role.title()} of {practice.name}",
            role=role,
            practice=practice,
            language=practice.language,
            password=make_password(PASSWORD),
        )
        for role in User.Role.values
    ]


def load_patient(practice, number):
    """Make one patient, and allergies for some."""
    patient = Patient.objects.create(
        practice=practice,
        number=f"P{number:04}",
        first_name=FIRST[number % len(FIRST)],
        last_name=LAST[number % len(LAST)],
        birth_date=date(1940 + number * 3, 1 + number % 12, 1 + number % 28),
        sex=Patient.Sex.values[number % 3],
        phone=f"+41 44 555 {number:02} {number:02}" if number % 4 else "",
        insurance_number=f"756.{number:04}.{number * 7:04}",
        height=150 + number if number % 3 else None,
        weight=Decimal(50 + number) if number % 2 else None,
        language=["de", "fr", "en"][number % 3],
        wants_reminders=number % 5 != 0,
        remarks="Prefers mornings.\nSpeaks softly." if number % 7 == 0 else "",
    )
    # Nobody is written to when sample data are loaded.
    Patient.objects.filter(pk=patient.pk).update(email=f"p{number}@{practice.slug}.example")
    for index, substance in enumerate(["Penicillin", "Latex", "Nuts"][: number % 4]):
        Allergy.objects.create(
            patient=patient,
            substance=substance,
            severity=Allergy.Severity.values[index],
            since=date(2020, 1, number) if index else None,
        )
    return patient


def load_schedule(practice, people, doctors, rooms):
    """Make appointments for three days."""
    statuses = [
        Appointment.Status.REQUESTED,
        Appointment.Status.CONFIRMED,
        Appointment.Status.CONFIRMED,
        Appointment.Status.CANCELLED,
    ]
    for index in range(18):
        day, hour = divmod(index, 6)
        Appointment.objects.create(
            practice=practice,
            reference=UUID(int=practice.pk * 1000 + index),
            patient=people[index % 6],
            doctor=doctors[index % 2],
            room=rooms[index % 3] if index % 4 else None,
            starts_at=MONDAY + timedelta(days=day, hours=hour),
            minutes=30 + 15 * (index % 3),
            status=statuses[index % 4],
            reason=["Check-up", "Knee", ""][index % 3],
        )


def load_records(practice, people, doctors, staff):
    """Make visits with prescriptions, results and a document."""
    drugs = list(Drug.objects.all())
    for index in range(8):
        visit = Visit.objects.create(
            practice=practice,
            patient=people[index % 5],
            doctor=doctors[index % 2],
            summary=f"Visit {index}: nothing to worry about.",
            vitals={"pulse": 60 + index, "temperature": 36.5 + index / 10} if index % 2 else {},
            signed_at=timezone.now() if index < 2 else None,
            signed_by=staff[1] if index < 2 else None,
        )
        for drug in drugs[: index % 3]:
            Prescription.objects.create(visit=visit, drug=drug, dose=Decimal("500"))
    for index in range(4):
        LabResult.objects.create(
            practice=practice,
            patient=people[index % 2],
            taken_at=MONDAY - timedelta(days=index + 1),
            values={"glucose": 5.1 + index, "potassium": 4},
            flags=["high"] if index == 3 else [],
            duration=timedelta(minutes=90) if index else None,
            source="192.0.2.7" if index % 2 else None,
        )
    document = Document(
        patient=people[0], title="Referral", kind="letter", size=14, uploaded_by=staff[0]
    )
    document.file.save(f"{practice.slug}.txt", ContentFile(b"Dear colleague"))


def load_bills(practice, people):
    """Make tariffs, invoices and a payment."""
    tariffs = [
        Tariff.objects.create(practice=practice, code=code, description=text, price=price)
        for code, text, price in [
            ("A1", "Consultation", Decimal("85.00")),
            ("B2", "Blood count", Decimal("42.50")),
            ("C3", "Dressing", Decimal("19.90")),
        ]
    ]
    for index in range(6):
        invoice = Invoice.objects.create(
            practice=practice,
            number=f"{practice.slug.upper()}-{index + 1:05}",
            patient=people[index % 4],
            discount=Decimal("10") if index % 3 == 0 else Decimal(0),
            due=date(2031, 4, 1 + index) if index else None,
        )
        for tariff in tariffs[: 1 + index % 3]:
            InvoiceLine.objects.create(
                invoice=invoice,
                tariff=tariff,
                description=tariff.description,
                quantity=Decimal(1 + index % 2),
                unit_price=tariff.price,
            )
        if index in (1, 2):
            invoice.status = Invoice.Status.SENT
            invoice.save()
    Payment.objects.create(invoice=invoice_two(practice), amount=Decimal("20.00"), method="cash")


def invoice_two(practice):
    """Return the invoice that was paid in part."""
    return Invoice.objects.get(practice=practice, number=f"{practice.slug.upper()}-00002")
