from datetime import date

from django.core import mail

from audit.models import Entry
from common.testing import ClinicTestCase
from patients.models import Patient

NEW = {
    "number": "n77",
    "first_name": "Ines",
    "last_name": "Costa",
    "birth_date": "2001-02-28",
    "email": "ines@costa.example",
    "weight": "61.5",
    "height": "170",
    "language": "fr",
    "allergies": [{"substance": "Latex", "severity": "severe"}],
}


class PatientTests(ClinicTestCase):
    def test_a_list_has_pages(self):
        client = self.as_user("reception")
        response = client.get("/api/v1/patients/?page=3&page_size=10")
        self.assertEqual(response.json()["meta"], {"count": 25, "pages": 3, "page": 3})
        self.assertEqual(len(response.json()["results"]), 5)
        self.assert_error(client.get("/api/v1/patients/?page=9"), 404, "not_found")

    def test_a_row_of_a_list(self):
        response = self.as_user("reception", accept_language="de").get(
            "/api/v1/patients/?search=P0003"
        )
        self.assertEqual(
            response.json()["results"],
            [
                {
                    "id": Patient.objects.get(practice=self.lakeside, number="P0003").pk,
                    "number": "P0003",
                    "first_name": "Dov",
                    "last_name": "O'Brien",
                    "birth_date": "1949-04-04",
                    "sex": {"value": "f", "label": "weiblich"},
                    "phone": "+41 44 555 03 03",
                    "language": "de",
                    "allergy_count": 3,
                }
            ],
        )

    def test_filters(self):
        client = self.as_user("reception")
        for query, count in [
            ("sex=f", 8),
            ("language=fr&sex=m", 9),
            ("born_after=1990-01-01", 9),
            ("born_before=1950-01-01", 3),
            ("allergic_to=latex", 12),
        ]:
            response = client.get(f"/api/v1/patients/?{query}")
            self.assertEqual(response.json()["meta"]["count"], count, query)
        self.assert_error(
            client.get("/api/v1/patients/?born_after=soon"), 400, "invalid", born_after="invalid"
        )

    def test_ordering(self):
        response = self.as_user("reception").get("/api/v1/patients/?ordering=-birth_date")
        numbers = [row["number"] for row in response.json()["results"]]
        self.assertEqual(numbers[:2], ["P0025", "P0024"])

    def test_chosen_fields(self):
        client = self.as_user("reception")
        patient = Patient.objects.filter(practice=self.lakeside).first()
        response = client.get(f"/api/v1/patients/{patient.pk}/?fields=id,age,nothing")
        self.assertEqual(response.json(), {"id": patient.pk, "age": 19})

    def test_creating(self):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.as_user("reception").post("/api/v1/patients/", NEW)
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["number"], "N77")
        self.assertEqual(answer["weight"], "61.50")
        self.assertEqual(answer["bmi"], 21.3)
        self.assertEqual(answer["age"], 30)
        self.assertEqual(
            answer["allergies"], [{"substance": "Latex", "severity": "severe", "since": None}]
        )
        patient = Patient.objects.get(pk=answer["id"])
        self.assertEqual(patient.practice, self.lakeside)
        self.assertEqual(patient.birth_date, date(2001, 2, 28))
        (message,) = mail.outbox
        self.assertEqual(message.subject, "Bienvenue chez Lakeside")
        entry = Entry.objects.first()
        self.assertEqual((entry.model, entry.object_id), ("patient", patient.pk))

    def test_what_is_not_valid(self):
        client = self.as_user("reception")
        response = client.post(
            "/api/v1/patients/",
            {**NEW, "number": "P0001", "birth_date": "2031-03-01", "sex": "?", "weight": "1234"},
        )
        self.assert_error(
            response,
            400,
            "invalid",
            number="unique",
            birth_date="future",
            sex="invalid_choice",
            weight="max_whole_digits",
        )

    def test_allergies_that_are_not_valid(self):
        response = self.as_user("reception").post(
            "/api/v1/patients/", {**NEW, "allergies": [{"substance": "Nuts"}, {"since": "once"}]}
        )
        self.assertEqual(response.status_code, 400)
        errors = response.json()["error"]["fields"]["allergies"]
        self.assertIn("substance", str(errors))

    def test_errors_in_three_languages(self):
        messages = set()
        for language in ("en", "de", "fr"):
            client = self.as_user("reception", accept_language=language)
            error = client.post("/api/v1/patients/", {**NEW, "number": "P0001"}).json()["error"]
            messages.add((error["message"], error["fields"]["number"][0]["message"]))
        self.assertEqual(
            messages,
            {
                ("The data is not valid.", "This number is taken."),
                ("Die Angaben sind ungültig.", "Diese Nummer ist vergeben."),
                ("Les données ne sont pas valides.", "Ce numéro est déjà pris."),
            },
        )

    def test_a_number_that_another_practice_has(self):
        self.as_user("reception").post("/api/v1/patients/", NEW)
        response = self.as_user("reception", "riverside").post("/api/v1/patients/", NEW)
        self.assertEqual(response.status_code, 201)

    def test_changing(self):
        client = self.as_user("doctor")
        patient = Patient.objects.get(practice=self.lakeside, number="P0003")
        response = client.patch(f"/api/v1/patients/{patient.pk}/", {"phone": " 1 "})
        self.assertEqual(response.json()["phone"], "1")
        self.assertEqual(len(response.json()["allergies"]), 3)
        response = client.patch(f"/api/v1/patients/{patient.pk}/", {"allergies": []})
        self.assertEqual(response.json()["allergies"], [])
        response = client.put(f"/api/v1/patients/{patient.pk}/", {"phone": "2"})
        self.assert_error(response, 400, "invalid", number="required", birth_date="required")

    def test_billing_may_only_read(self):
        client = self.as_user("billing", accept_language="de")
        patient = Patient.objects.filter(practice=self.lakeside).first()
        self.assertEqual(client.get(f"/api/v1/patients/{patient.pk}/").status_code, 200)
        response = client.delete(f"/api/v1/patients/{patient.pk}/")
        self.assert_error(response, 403, "permission_denied")
        self.assertEqual(response.json()["error"]["message"], "Ihre Rolle erlaubt das nicht.")

    def test_deleting_and_restoring(self):
        client = self.as_user("reception")
        patient = Patient.objects.filter(practice=self.lakeside).first()
        self.assertEqual(client.delete(f"/api/v1/patients/{patient.pk}/").status_code, 204)
        self.assert_error(client.get(f"/api/v1/patients/{patient.pk}/"), 404, "not_found")
        self.assertTrue(Patient.all_objects.filter(pk=patient.pk).exists())
        response = client.post(f"/api/v1/patients/{patient.pk}/restore/")
        self.assertEqual(response.json()["id"], patient.pk)
        self.assertEqual(client.get(f"/api/v1/patients/{patient.pk}/").status_code, 200)
        self.assertEqual(client.post(f"/api/v1/patients/{patient.pk}/restore/").status_code, 404)

    def test_many_at_once(self):
        client = self.as_user("reception")
        people = [{**NEW, "number": f"B{index}", "email": ""} for index in range(3)]
        response = client.post("/api/v1/patients/bulk/", people)
        self.assertEqual((response.status_code, response.json()), (201, {"created": 3}))
        people[1]["first_name"] = ""
        before = Patient.objects.count()
        self.assertEqual(client.post("/api/v1/patients/bulk/", people).status_code, 400)
        self.assertEqual(Patient.objects.count(), before)

    def test_an_export(self):
        response = self.as_user("reception").get("/api/v1/patients/export/?search=P0001")
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="patients.csv"')
        self.assertEqual(
            response.content.decode(),
            "number,last_name,first_name,birth_date,language\r\n"
            "P0001,Müller,Béla,1943-02-02,fr\r\n",
        )

    def test_a_list_needs_few_queries(self):
        client = self.as_user("reception")
        with self.assertNumQueries(3):
            client.get("/api/v1/patients/")

    def test_who_covers_a_patient(self):
        patient = Patient.objects.filter(practice=self.lakeside, number="P0001").get()
        response = self.as_user("billing").get(f"/api/v1/patients/{patient.pk}/coverage/")
        self.assertEqual(
            [(answer["insurer"], answer["share"]) for answer in response.json()["insurers"]],
            [("Alpina", 90), ("Helvia", 0), ("Mutuelle", 90)],
        )

    def test_a_timeline(self):
        patient = Patient.objects.filter(practice=self.lakeside, number="P0001").get()
        response = self.as_user("doctor").get(f"/api/v1/patients/{patient.pk}/timeline/")
        self.assertEqual(response.json()["patient"], "Müller, Béla")
        self.assertEqual(response.json()["events"][0]["kind"], "appointment")
        times = [event["at"] for event in response.json()["events"]]
        self.assertEqual(times, sorted(times, reverse=True))
        theirs = Patient.objects.filter(practice=self.riverside).first()
        response = self.as_user("doctor").get(f"/api/v1/patients/{theirs.pk}/timeline/")
        self.assert_error(response, 404, "not_found")


class OptionsTests(ClinicTestCase):
    def test_options_say_what_is_there(self):
        response = self.as_user("reception", accept_language="de").options("/api/v1/patients/")
        actions = response.json()["actions"]["POST"]
        self.assertEqual(actions["last_name"]["label"], "Nachname")
        self.assertEqual(actions["last_name"]["max_length"], 60)
        self.assertEqual(actions["sex"]["choices"][0], {"value": "f", "display_name": "weiblich"})
