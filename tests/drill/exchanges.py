"""What clients send to the clinic: the same requests in the same order at each step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MANAGER, DOCTOR, RECEPTION, BILLING = (
    f"{role}@lakeside.example" for role in ("manager", "doctor", "reception", "billing")
)
THEIRS, GROUP = "manager@riverside.example", "group@clinic.example"

PASSWORD = "correct horse"
"""Everybody's, in the sample data."""


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        method: The HTTP method.
        path: The path below the prefix of the API, with its query.
        user: Who asks, by the e-mail address; empty for nobody.
        body: What is sent as JSON; bytes are sent as they are; of a form, its fields.
        headers: Further headers.
        is_form: Whether the body is sent as a form with files.
    """

    method: str
    path: str
    user: str = MANAGER
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_form: bool = False

    @property
    def endpoint(self) -> str:
        """The method and the route, as approved differences name it."""
        path = re.sub(r"/\d+(?=/)", "/<pk>", f"/api/v1/{self.path}".partition("?")[0])
        return f"{self.method} {path}"

    def __str__(self) -> str:
        return f"{self.method} /api/v1/{self.path} by {self.user or 'nobody'}"


READS = (
    *("me/", "staff/", "staff/3/", "staff/99/", "staff/?role=doctor&ordering=-full_name"),
    *("practice/", "health/", "choices/"),
    *("patients/", "patients/?page=2", "patients/?page=9", "patients/?page_size=50"),
    *("patients/?search=keller&ordering=-birth_date", "patients/?fields=id,last_name"),
    *("patients/?allergic_to=latex", "patients/?born_after=1990-01-01&sex=m"),
    *("patients/?born_after=soon", "patients/1/", "patients/3/", "patients/27/", "patients/x/"),
    *("patients/3/?fields=age,bmi,allergies", "patients/export/", "patients/export/?search=P00"),
    *("patients/1/documents/", "patients/1/documents/1/", "patients/2/documents/1/"),
    *("patients/1/timeline/", "patients/27/timeline/", "patients/1/coverage/"),
    *("allergies/", "allergies/2/", "allergies/?severity=mild&patient=3"),
    *("specialties/", "specialties/gp/", "specialties/vet/"),
    *("rooms/", "rooms/1/", "rooms/?floor=0", "rooms/?ordering=-name&search=Room"),
    *("doctors/", "doctors/1/", "doctors/?specialties__code=gp", "doctors/1/appointments/"),
    *("appointments/", "appointments/?status=cancelled", "appointments/?day=2031-03-04&doctor=1"),
    *("appointments/1/", "appointments/?cursor=x", "appointments/?fields=id,status_label"),
    *("slots/?doctor=1&day=2031-03-03", "slots/?doctor=x", "slots/?doctor=99&day=2031-03-03"),
    *("drugs/", "drugs/N02BE01/", "drugs/?search=phin", "drugs/?is_controlled=maybe"),
    *("visits/", "visits/1/", "visits/?patient=3", "lab-results/", "lab-results/1/"),
    *("lab-results/?ordering=taken_at", "tariffs/", "tariffs/1/", "tariffs/?price__lte=50"),
    *("invoices/", "invoices/1/", "invoices/?status__in=sent,paid", "invoices/export/"),
    *("invoices/2/payments/", "invoices/9/payments/", "reports/revenue/2031/"),
    *("audit/", "audit/?model=visit", "nothing/"),
)

PLACES = tuple(dict.fromkeys(path.partition("?")[0] for path in READS))

HTML = {"accept": "text/html"}

PATIENT = {
    "number": "n77",
    "first_name": "Rita",
    "last_name": "Costa",
    "birth_date": "2001-02-28",
    "email": "rita@costa.example",
    "weight": "61.5",
    "height": "170",
    "language": "fr",
    "allergies": [{"substance": "Latex", "severity": "severe"}],
}
APPOINTMENT = {
    "patient": 1,
    "doctor": 1,
    "room": 2,
    "starts_at": "2031-03-10T09:00:00Z",
    "minutes": 45,
    "reason": " Knee ",
}
VISIT = {
    "patient": 1,
    "doctor": 2,
    "summary": "A cold.",
    "vitals": {"pulse": 71, "systolic": 120, "diastolic": "80"},
    "prescriptions": [
        {"drug": "N02BE01", "dose": "500", "times_per_day": 3},
        {"drug": "N02AA01", "dose": 10, "until": "2031-03-10"},
    ],
}
RESULT = {
    "patient": 2,
    "taken_at": "2031-02-27T08:00:00+01:00",
    "values": {"glucose": "5.5", "sodium": 140},
    "flags": ["low", "critical", "low"],
    "duration": "01:30:00",
    "source": "192.0.2.9",
}
INVOICE = {
    "patient": 1,
    "discount": "10",
    "lines": [{"tariff": 2, "quantity": "2"}, {"description": "Taxi", "unit_price": "30.50"}],
}
TARIFF = {"code": "d4", "description": "Vaccine", "price": 12.5, "valid_from": "2031-01-01"}
ROOM = {"name": "Room 9", "floor": "2", "equipment": ["ECG", 7]}
DOCTOR_SENT = {"name": "Dr. Noir", "room": "http://testserver/api/v1/rooms/3/"}
STAFF = {"email": "New@Lakeside.example", "full_name": "New", "password": "long enough"}
ALLERGY = {"patient": 4, "substance": "Iodine", "severity": "mild"}
PAYMENT = {"amount": "100", "method": "card"}

CREATED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("patients/", RECEPTION, PATIENT),
    ("allergies/", DOCTOR, ALLERGY),
    ("rooms/", MANAGER, ROOM),
    ("doctors/", MANAGER, DOCTOR_SENT),
    ("appointments/", RECEPTION, APPOINTMENT),
    ("visits/", DOCTOR, VISIT),
    ("lab-results/", DOCTOR, RESULT),
    ("tariffs/", BILLING, TARIFF),
    ("invoices/", BILLING, INVOICE),
    ("invoices/2/payments/", BILLING, PAYMENT),
    ("staff/", MANAGER, STAFF),
)
"""Where something is created, by whom, and what is sent."""


def exchanges() -> list[Request]:
    """Return all requests."""
    return [*reads(), *refused(), *writes(), *actions(), *reads_afterwards()]


def reads() -> Iterator[Request]:
    """Yield what is read: in each language, by others, as HTML, and what can be sent."""
    for path in READS:
        for language in ("en", "de"):
            yield Request("GET", path, headers={"accept-language": language})
        yield Request("GET", path, GROUP, headers={"x-practice": "riverside"})
    for path in PLACES[::4]:
        yield Request("GET", path, headers=HTML)
        yield Request("HEAD", path, THEIRS)
    for path in PLACES:
        yield Request("OPTIONS", path, headers={"accept-language": "de"})
        yield Request("GET", path, "", headers={"accept-language": "fr"})
        yield Request("GET", path, DOCTOR, headers={"accept-language": "fr-CH"})
        yield Request("PUT", path, BILLING, {})
        yield Request("GET", path, THEIRS, headers={"host": "lakeside.clinic.example"})
        yield Request("GET", path, headers={"x-practice": "old"})


def refused() -> Iterator[Request]:
    """Yield bodies that are refused, or nearly."""
    for path, user, body in CREATED:
        german = {"accept-language": "de"}
        yield Request("POST", path, user, {}, german)
        yield Request("POST", path, user, dict.fromkeys(body), german)
        yield Request("POST", path, user, dict.fromkeys(body, ""), {"accept-language": "fr"})
        yield Request("POST", path, user, {name: {"a": [1]} for name in body})
        yield Request("POST", path, user, {name: [None] for name in body})
        yield Request("POST", path, user, dict.fromkeys(body, "x" * 300))
        yield Request("POST", path, user, dict.fromkeys(body, -1))
        yield Request("POST", path, user, [body])
        yield Request("POST", path, user, b'{"broken": ')
        yield Request("POST", path, user, b'{"price": NaN, "amount": Infinity}')
        yield Request("POST", path, "", body)
        yield Request("POST", path, THEIRS, body)
        yield Request("POST", path, user, {}, {"content-type": "text/plain"})
        for name in body:
            yield Request("POST", path, user, {**body, name: "\x00"})


def writes() -> Iterator[Request]:
    """Yield what is created, changed and deleted."""
    for path, user, body in CREATED:
        yield Request("POST", path, user, {**body, "id": 999, "unknown": True})
        yield Request("POST", path, user, body)
        if path.count("/") == 1:
            yield Request("PATCH", f"{path}1/", user, {})
            yield Request("PATCH", f"{path}2/", user, dict(list(body.items())[:1]))
            yield Request("PATCH", f"{path}3/", user, dict(list(body.items())[1:]))
            yield Request("PUT", f"{path}2/", user, body)
            yield Request("PUT", f"{path}2/", user, dict(list(body.items())[1:]))
            yield Request("PATCH", f"{path}999/", user, body)
    for path, user in (
        ("patients/5/", RECEPTION),
        ("patients/5/", RECEPTION),
        ("patients/6/", BILLING),
        ("patients/27/", RECEPTION),
        ("allergies/2/", DOCTOR),
        ("rooms/1/", MANAGER),
        ("rooms/4/", MANAGER),
        ("doctors/1/", MANAGER),
        ("doctors/3/", MANAGER),
        ("appointments/1/", RECEPTION),
        ("visits/1/", DOCTOR),
        ("visits/4/", DOCTOR),
        ("tariffs/1/", BILLING),
    ):
        yield Request("DELETE", path, user)
    yield from uploads()


def uploads() -> Iterator[Request]:
    """Yield forms with files."""
    for name, content in (("scan.pdf", b"%PDF"), ("empty.txt", b""), ("big.bin", b"x" * 100_001)):
        form = {"title": name, "kind": "image", "file": (name, content)}
        yield Request("POST", "patients/1/documents/", DOCTOR, form, is_form=True)
    yield Request("POST", "patients/1/documents/", DOCTOR, {"title": ""}, is_form=True)
    yield Request("POST", "patients/1/documents/", DOCTOR, {"title": "JSON"})
    yield Request("DELETE", "patients/1/documents/1/", DOCTOR)
    fields = {"number": "f1", "first_name": "Form", "last_name": "Form", "wants_reminders": "on"}
    form = {**fields, "birth_date": "1970-01-01", "allergies[0]substance": "Nuts"}
    yield Request("POST", "patients/", RECEPTION, form, is_form=True)
    yield Request("POST", "lab-results/", DOCTOR, {"patient": "1", "values.a": "1"}, is_form=True)


def actions() -> Iterator[Request]:
    """Yield what is neither created nor changed nor deleted."""
    for path, user in (
        ("patients/5/restore/", RECEPTION),
        ("patients/5/restore/", RECEPTION),
        ("visits/4/restore/", DOCTOR),
        ("visits/5/sign/", DOCTOR),
        ("visits/5/sign/", DOCTOR),
        ("appointments/1/confirm/", RECEPTION),
        ("appointments/1/confirm/", RECEPTION),
        ("appointments/1/cancel/", RECEPTION),
        ("appointments/4/cancel/", RECEPTION),
        ("appointments/999/cancel/", RECEPTION),
        ("appointments/20/cancel/", BILLING),
        ("invoices/1/send/", BILLING),
        ("invoices/1/send/", BILLING),
        ("invoices/2/void/", BILLING),
        ("invoices/3/void/", BILLING),
        ("staff/3/deactivate/", MANAGER),
        ("staff/5/deactivate/", MANAGER),
    ):
        yield Request("POST", path, user, None, {"accept-language": "de"})
    many = [{**PATIENT, "number": f"b{index}"} for index in range(3)]
    yield Request("POST", "patients/bulk/", RECEPTION, many)
    yield Request("POST", "patients/bulk/", RECEPTION, [*many[:1], {}, {"number": "x" * 13}])
    yield Request("POST", "patients/bulk/", RECEPTION, {})
    yield Request("POST", "tariffs/bulk/", BILLING, [{**TARIFF, "code": code} for code in "xy"])
    cancelled = {"appointments": [1, 5, "6", 7, 19, 20], "reason": "Ill"}
    yield Request("POST", "appointments/bulk-cancel/", RECEPTION, cancelled)
    yield Request("POST", "appointments/bulk-cancel/", RECEPTION, {"appointments": ["x", None]})
    yield Request("POST", "reminders/", RECEPTION, {"day": "2031-03-04", "test_only": "yes"})
    for _ in range(6):
        yield Request("POST", "reminders/", RECEPTION, {"day": "2031-03-05"})
    yield from accounts()


def accounts() -> Iterator[Request]:
    """Yield what logs in, and what a user does with the own account."""
    login = {"email": BILLING, "password": PASSWORD}
    yield Request("POST", "auth/token/", "", login)
    yield Request("POST", "auth/jwt/", "", login)
    yield Request("POST", "auth/jwt/", "", {"email": BILLING, "password": "wrong"})
    yield Request("POST", "auth/jwt/refresh/", "", {"refresh": "none"})
    yield Request("GET", "me/", "", headers={"authorization": "Bearer none"})
    yield Request("PATCH", "me/", BILLING, {"full_name": " Zoe ", "role": "manager"})
    yield Request("PATCH", "me/", BILLING, {"language": "tlh"}, {"accept-language": "fr"})
    yield Request("PATCH", "practice/", MANAGER, {"closes": "07:00"}, {"accept-language": "fr"})
    yield Request("PATCH", "practice/", MANAGER, {"closes": "18:30", "slug": "x"})
    yield Request("PUT", "practice/", BILLING, {"name": "Mine"})
    changed = {"old_password": PASSWORD, "new_password": "battery staple"}
    yield Request("POST", "me/password/", BILLING, {**changed, "new_password": "12345678"})
    yield Request("POST", "me/password/", BILLING, {**changed, "old_password": "wrong"})
    yield Request("POST", "me/password/", BILLING, changed)
    for _ in range(11):
        yield Request("POST", "auth/token/", "", {"email": "no", "password": "wrong"})


def reads_afterwards() -> Iterator[Request]:
    """Yield what is read when all that has happened."""
    for path in READS:
        yield Request("GET", path, headers={"accept-language": "de"})
