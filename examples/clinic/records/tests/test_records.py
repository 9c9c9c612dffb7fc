from common.testing import ClinicTestCase
from patients.models import Patient
from records.models import Visit
from schedule.models import Doctor


class VisitTests(ClinicTestCase):
    def new(self, **data):
        return {
            "patient": Patient.objects.filter(practice=self.lakeside).first().pk,
            "doctor": Doctor.objects.filter(practice=self.lakeside).first().pk,
            "summary": "A cold.",
            "vitals": {"pulse": 71, "systolic": 120, "diastolic": 80},
            "prescriptions": [
                {"drug": "N02BE01", "dose": "500", "times_per_day": 3},
                {"drug": "N02AA01", "dose": 10, "until": "2031-03-10"},
            ],
            **data,
        }

    def test_everything_in_one_request(self):
        response = self.as_user("doctor").post("/api/v1/visits/", self.new())
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["vitals"], {"pulse": 71, "systolic": 120, "diastolic": 80})
        self.assertEqual(
            [(row["drug_name"], row["dose"]) for row in answer["prescriptions"]],
            [("Paracetamol", "500.000"), ("Morphine", "10.000")],
        )
        self.assertIs(answer["is_signed"], False)

    def test_what_is_not_valid(self):
        client = self.as_user("doctor")
        response = client.post(
            "/api/v1/visits/", self.new(prescriptions=[{"drug": "N02AA01", "dose": 1}])
        )
        self.assertIn("controlled", response.content.decode())
        self.assertEqual(response.status_code, 400)
        response = client.post("/api/v1/visits/", self.new(vitals={"systolic": 120}))
        self.assertIn("pressure", response.content.decode())
        response = client.post("/api/v1/visits/", self.new(vitals={"pulse": 10}, summary=" "))
        self.assert_error(response, 400, "invalid", summary="blank")
        self.assertEqual(
            response.json()["error"]["fields"]["vitals"]["pulse"][0]["code"], "min_value"
        )

    def test_vitals_are_added(self):
        visit = Visit.objects.filter(practice=self.lakeside, signed_at=None).exclude(vitals={})[0]
        response = self.as_user("doctor").patch(
            f"/api/v1/visits/{visit.pk}/", {"vitals": {"systolic": 110, "diastolic": 70}}
        )
        self.assertEqual(
            response.json()["vitals"], {**visit.vitals, "systolic": 110, "diastolic": 70}
        )
        response = self.as_user("doctor").patch(
            f"/api/v1/visits/{visit.pk}/", {"prescriptions": [{"drug": "J01CA04", "dose": 1}]}
        )
        self.assertEqual(len(response.json()["prescriptions"]), 1)

    def test_what_is_signed_does_not_change(self):
        client = self.as_user("doctor")
        visit = Visit.objects.filter(practice=self.lakeside, signed_at=None).first()
        url = f"/api/v1/visits/{visit.pk}/"
        response = client.post(f"{url}sign/")
        self.assertEqual(response.json()["signed_by"], "Doctor of Lakeside")
        self.assertEqual(response.json()["signed_at"], "2031-02-28T12:00:00+01:00")
        self.assert_error(client.post(f"{url}sign/"), 409, "signed")
        self.assert_error(client.patch(url, {"summary": "x"}), 409, "signed")
        self.assert_error(client.delete(url), 409, "signed")

    def test_only_doctors_write(self):
        response = self.as_user("reception").post("/api/v1/visits/", self.new())
        self.assert_error(response, 403, "permission_denied")

    def test_deleting_and_restoring(self):
        client = self.as_user("doctor")
        visit = Visit.objects.filter(practice=self.lakeside, signed_at=None).first()
        self.assertEqual(client.delete(f"/api/v1/visits/{visit.pk}/").status_code, 204)
        self.assertEqual(client.get(f"/api/v1/visits/{visit.pk}/").status_code, 404)
        self.assertEqual(client.post(f"/api/v1/visits/{visit.pk}/restore/").status_code, 200)


class DrugTests(ClinicTestCase):
    def test_drugs_go_by_their_code(self):
        client = self.as_user("reception")
        self.assertEqual(client.get("/api/v1/drugs/N02BE01/").json()["name"], "Paracetamol")
        response = client.get("/api/v1/drugs/?is_controlled=true")
        self.assertEqual([row["code"] for row in response.json()["results"]], ["N02AA01"])


class LabResultTests(ClinicTestCase):
    def new(self, **data):
        patient = Patient.objects.filter(practice=self.lakeside).first()
        return {
            "patient": patient.pk,
            "taken_at": "2031-02-27T08:00:00+01:00",
            "values": {"glucose": "5.5", "sodium": 140},
            "flags": ["low", "critical", "low"],
            "duration": "01:30:00",
            "source": "192.0.2.9",
            **data,
        }

    def test_creating(self):
        response = self.as_user("doctor").post("/api/v1/lab-results/", self.new())
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["values"], {"glucose": 5.5, "sodium": 140.0})
        self.assertEqual(answer["flags"], ["critical", "low"])
        self.assertIs(answer["is_critical"], True)
        self.assertEqual(answer["duration"], "01:30:00")

    def test_what_is_not_valid(self):
        response = self.as_user("doctor").post(
            "/api/v1/lab-results/",
            self.new(values={"glucose": "much"}, source="here", duration="long", flags="high"),
        )
        self.assert_error(
            response, 400, "invalid", source="invalid", duration="invalid", flags="not_a_list"
        )
        self.assertIn("glucose", response.json()["error"]["fields"]["values"])

    def test_results_do_not_change(self):
        client = self.as_user("doctor")
        response = client.post("/api/v1/lab-results/", self.new())
        url = f"/api/v1/lab-results/{response.json()['id']}/"
        self.assert_error(client.patch(url, {}), 405, "method_not_allowed")
