from rest_framework.test import APIClient

from accounts.models import User
from common.testing import ClinicTestCase


class TenantTests(ClinicTestCase):
    def numbers(self, client, **options):
        response = client.get("/api/v1/tariffs/", **options)
        return response.status_code, [row["id"] for row in response.json().get("results", [])]

    def test_ones_own_practice_when_none_is_named(self):
        _, here = self.numbers(self.as_user("billing"))
        _, there = self.numbers(self.as_user("billing", "riverside"))
        self.assertEqual(len(here), 3)
        self.assertFalse(set(here) & set(there))

    def test_a_header_names_the_practice(self):
        response = self.as_user("billing").get(
            "/api/v1/tariffs/", headers={"x-practice": "riverside"}
        )
        self.assert_error(response, 403, "permission_denied")
        self.assertEqual(response["X-Practice"], "riverside")

    def test_a_practice_that_there_is_not(self):
        for slug in ("nowhere", "old"):
            response = self.as_user("billing").get("/api/v1/tariffs/", headers={"x-practice": slug})
            self.assert_error(response, 403, "permission_denied")
            self.assertNotIn("X-Practice", response)

    def test_the_host_names_the_practice(self):
        status, _ = self.numbers(
            self.as_user("billing", "riverside"), headers={"host": "riverside.clinic.example"}
        )
        self.assertEqual(status, 200)
        status, _ = self.numbers(
            self.as_user("billing"), headers={"host": "riverside.clinic.example"}
        )
        self.assertEqual(status, 403)

    def test_the_group_may_look_everywhere(self):
        client = APIClient()
        client.force_authenticate(User.objects.get(email="group@clinic.example"))
        self.assertEqual(self.numbers(client)[0], 403)
        for slug in ("lakeside", "riverside"):
            status, rows = self.numbers(client, headers={"x-practice": slug})
            self.assertEqual((status, len(rows)), (200, 3))

    def test_rows_of_others_are_not_found(self):
        theirs = self.riverside.tariffs.first()
        response = self.as_user("billing").get(f"/api/v1/tariffs/{theirs.pk}/")
        self.assert_error(response, 404, "not_found")


class PracticeTests(ClinicTestCase):
    def test_the_practice(self):
        self.assertEqual(
            self.as_user("doctor").get("/api/v1/practice/").json(),
            {
                "name": "Lakeside",
                "slug": "lakeside",
                "currency": "CHF",
                "language": "de",
                "opens": "08:00:00",
                "closes": "17:00:00",
                "phone": "",
                "staff_count": 4,
            },
        )

    def test_hours(self):
        client = self.as_user("manager", accept_language="fr")
        response = client.patch("/api/v1/practice/", {"closes": "07:30"})
        self.assert_error(response, 400, "invalid", closes="hours")
        message = response.json()["error"]["fields"]["closes"][0]["message"]
        self.assertEqual(message, "Un cabinet ferme après avoir ouvert.")
        response = client.patch("/api/v1/practice/", {"closes": "19:30", "slug": "other"})
        self.assertEqual(response.json()["closes"], "19:30:00")
        self.assertEqual(response.json()["slug"], "lakeside")

    def test_health_needs_nobody(self):
        response = self.client.get("/api/v1/health/", headers={"accept-language": "de-CH"})
        self.assertEqual(response.content, b'{"status":"ok","language":"de"}')
        self.assertEqual(response["Content-Language"], "de")

    def test_choices_are_translated(self):
        for language, label in [("en", "bank transfer"), ("de", "Überweisung"), ("fr", "virement")]:
            response = self.client.get("/api/v1/choices/", headers={"accept-language": language})
            self.assertEqual(
                response.json()["payment_method"][2], {"value": "transfer", "label": label}
            )
