from django.core import mail

from common.testing import ClinicTestCase
from patients.models import Patient
from schedule.models import Appointment, Doctor, Room


class LinkedTests(ClinicTestCase):
    def test_doctors_are_linked(self):
        response = self.as_user("reception").get("/api/v1/doctors/?search=Roth")
        (doctor,) = response.json()["results"]
        row = Doctor.objects.get(practice=self.lakeside, name="Dr. Roth")
        self.assertEqual(
            doctor,
            {
                "url": f"http://testserver/api/v1/doctors/{row.pk}/",
                "name": "Dr. Roth",
                "room": f"http://testserver/api/v1/rooms/{row.room_id}/",
                "specialties": ["derm", "gp"],
                "is_accepting": True,
                "appointments": f"http://testserver/api/v1/doctors/{row.pk}/appointments/",
            },
        )

    def test_a_new_doctor(self):
        room = Room.objects.filter(practice=self.lakeside).last()
        url = f"http://testserver/api/v1/rooms/{room.pk}/"
        client = self.as_user("manager")
        response = client.post(
            "/api/v1/doctors/", {"name": "Dr. Noir", "room": url, "specialties": ["gp"]}
        )
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(response["Location"], response.json()["url"])
        response = client.post("/api/v1/doctors/", {"name": "x", "specialties": ["vet"]})
        self.assert_error(response, 400, "invalid", specialties="does_not_exist")
        response = client.post("/api/v1/doctors/", {"name": "x", "room": "/api/v1/tariffs/1/"})
        self.assert_error(response, 400, "invalid", room="incorrect_match")

    def test_a_room_of_others(self):
        room = Room.objects.filter(practice=self.riverside).first()
        response = self.as_user("manager").post(
            "/api/v1/doctors/", {"name": "x", "room": f"/api/v1/rooms/{room.pk}/"}
        )
        self.assert_error(response, 400, "invalid", room="room")

    def test_rooms(self):
        client = self.as_user("manager", accept_language="de")
        response = client.post("/api/v1/rooms/", {"name": "room 1", "equipment": ["x" * 41]})
        self.assert_error(response, 400, "invalid", name="unique")
        self.assertIn("Diesen Raum gibt es schon.", response.content.decode())
        response = client.post("/api/v1/rooms/", {"name": "Room 9", "equipment": ["ECG"]})
        self.assertEqual(response.json()["equipment"], ["ECG"])
        self.assertEqual(response.json()["floor"], 0)

    def test_a_room_that_is_needed(self):
        room = Doctor.objects.get(practice=self.lakeside, name="Dr. Roth").room
        response = self.as_user("manager").delete(f"/api/v1/rooms/{room.pk}/")
        self.assert_error(response, 409, "protected")

    def test_specialties_have_no_pages(self):
        response = self.as_user("reception").get("/api/v1/specialties/")
        self.assertEqual([row["code"] for row in response.json()], ["derm", "gp", "ped"])
        response = self.as_user("reception").get("/api/v1/specialties/gp/")
        self.assertEqual(response.json()["url"], "http://testserver/api/v1/specialties/gp/")

    def test_appointments_of_a_doctor(self):
        doctor = Doctor.objects.get(practice=self.lakeside, name="Dr. Blanc")
        response = self.as_user("doctor").get(f"/api/v1/doctors/{doctor.pk}/appointments/")
        self.assertEqual(len(response.json()), 5)


class AppointmentTests(ClinicTestCase):
    def new(self, **data):
        return {
            "patient": Patient.objects.filter(practice=self.lakeside).first().pk,
            "doctor": Doctor.objects.get(practice=self.lakeside, name="Dr. Roth").pk,
            "starts_at": "2031-03-10T09:00:00Z",
            "minutes": 45,
            **data,
        }

    def test_pages_follow_a_cursor(self):
        client = self.as_user("reception")
        url, seen = "/api/v1/appointments/", []
        while url:
            page = client.get(url).json()
            seen += [row["starts_at"] for row in page["results"]]
            url = page["next"]
        self.assertEqual(len(seen), 18)
        self.assertEqual(seen, sorted(seen))

    def test_creating(self):
        response = self.as_user("reception", accept_language="fr").post(
            "/api/v1/appointments/", self.new(status="done")
        )
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["status"], "requested")
        self.assertEqual(answer["status_label"], "demandé")
        self.assertEqual(answer["starts_at"], "2031-03-10T10:00:00+01:00")
        self.assertEqual(answer["ends_at"], "2031-03-10T10:45:00+01:00")

    def test_a_doctor_who_is_occupied(self):
        taken = Appointment.objects.filter(practice=self.lakeside, doctor__name="Dr. Roth").first()
        response = self.as_user("reception").post(
            "/api/v1/appointments/", self.new(starts_at=taken.starts_at.isoformat())
        )
        self.assert_error(response, 400, "invalid", non_field_errors="occupied")

    def test_what_is_not_valid(self):
        response = self.as_user("reception").post(
            "/api/v1/appointments/",
            self.new(starts_at="2030-01-01T00:00:00Z", minutes=241, reason="x" * 201),
        )
        self.assert_error(
            response, 400, "invalid", starts_at="past", minutes="max_value", reason="max_length"
        )

    def test_moving(self):
        row = Appointment.objects.filter(practice=self.lakeside).first()
        response = self.as_user("reception").patch(
            f"/api/v1/appointments/{row.pk}/", {"minutes": 15, "room": None}
        )
        self.assertEqual(response.status_code, 200, response.content)
        self.assertEqual(response.json()["minutes"], 15)

    def test_confirming_and_cancelling(self):
        client = self.as_user("reception")
        row = Appointment.objects.filter(practice=self.lakeside, status="requested").first()
        url = f"/api/v1/appointments/{row.pk}"
        self.assertEqual(client.post(f"{url}/confirm/").json()["status"], "confirmed")
        self.assert_error(client.post(f"{url}/confirm/"), 409, "status")
        self.assertEqual(client.post(f"{url}/cancel/").json()["status"], "cancelled")
        self.assert_error(client.post(f"{url}/cancel/"), 409, "status")
        self.assertEqual(client.delete(f"{url}/").status_code, 405)

    def test_cancelling_many(self):
        mine = list(Appointment.objects.filter(practice=self.lakeside).values_list("pk", flat=True))
        theirs = list(
            Appointment.objects.filter(practice=self.riverside).values_list("pk", flat=True)
        )
        response = self.as_user("reception").post(
            "/api/v1/appointments/bulk-cancel/", {"appointments": mine + theirs, "reason": "Ill"}
        )
        self.assertEqual(response.json(), {"cancelled": 14})
        untouched = Appointment.objects.filter(practice=self.riverside, status="cancelled")
        self.assertEqual(untouched.count(), 4)
        response = self.as_user("reception").post(
            "/api/v1/appointments/bulk-cancel/", {"appointments": []}
        )
        self.assert_error(response, 400, "invalid", appointments="empty")

    def test_filters(self):
        client = self.as_user("reception")
        response = client.get("/api/v1/appointments/?status=cancelled&day=2031-03-03")
        self.assertEqual(len(response.json()["results"]), 1)
        response = client.get("/api/v1/appointments/?after=2031-03-05T10:00:00Z")
        self.assertEqual(len(response.json()["results"]), 4)


class SlotTests(ClinicTestCase):
    def test_slots_that_are_free(self):
        doctor = Doctor.objects.get(practice=self.lakeside, name="Dr. Grün")
        response = self.as_user("reception").get(
            f"/api/v1/slots/?doctor={doctor.pk}&day=2031-03-03&minutes=60"
        )
        self.assertEqual(response.json()["slots"][0], "2031-03-03T08:00:00+01:00")
        self.assertEqual(len(response.json()["slots"]), 9)

    def test_a_query_that_is_not_valid(self):
        response = self.as_user("reception").get("/api/v1/slots/?doctor=x&minutes=20")
        self.assert_error(
            response, 400, "invalid", doctor="invalid", day="required", minutes="invalid_choice"
        )


class ReminderTests(ClinicTestCase):
    def test_reminders_are_sent(self):
        client = self.as_user("reception")
        response = client.post("/api/v1/reminders/", {"day": "2031-03-03"})
        self.assertEqual((response.status_code, response.json()), (202, {"queued": 3}))
        self.assertEqual(
            sorted(message.subject for message in mail.outbox),
            ["Ihr Termin", "Ihr Termin", "Your appointment"],
        )

    def test_a_test_sends_nothing(self):
        client = self.as_user("reception")
        client.post("/api/v1/reminders/", {"day": "2031-03-03", "test_only": True})
        self.assertEqual(mail.outbox, [])

    def test_six_times_is_too_often(self):
        client = self.as_user("reception")
        statuses = [client.post("/api/v1/reminders/", {}).status_code for _ in range(6)]
        self.assertEqual(statuses, [400] * 5 + [429])
