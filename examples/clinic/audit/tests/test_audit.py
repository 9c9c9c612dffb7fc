from common.testing import ClinicTestCase
from patients.models import Patient


class AuditTests(ClinicTestCase):
    def test_managers_see_what_was_written(self):
        patient = Patient.objects.filter(practice=self.lakeside).first()
        self.as_user("reception").patch(f"/api/v1/patients/{patient.pk}/", {"phone": "1"})
        client = self.as_user("manager", accept_language="de")
        page = client.get("/api/v1/audit/?model=patient").json()
        self.assertEqual(page["results"][0]["object_id"], patient.pk)
        self.assertEqual(page["results"][0]["verb"], "geändert")
        self.assertEqual(len(page["results"]), 5)
        self.assertIsNotNone(page["next"])

    def test_others_do_not(self):
        self.assert_error(self.as_user("doctor").get("/api/v1/audit/"), 403, "permission_denied")

    def test_what_others_wrote_is_not_seen(self):
        rows = self.as_user("manager", "riverside").get("/api/v1/audit/").json()["results"]
        names = {row["id"] for row in rows}
        here = self.as_user("manager").get("/api/v1/audit/").json()["results"]
        self.assertFalse(names & {row["id"] for row in here})
