from django.core.files.uploadedfile import SimpleUploadedFile

from common.testing import ClinicTestCase
from patients.models import Document, Patient


class DocumentTests(ClinicTestCase):
    def setUp(self):
        super().setUp()
        self.patient = Patient.objects.get(practice=self.lakeside, number="P0001")
        self.url = f"/api/v1/patients/{self.patient.pk}/documents/"

    def upload(self, client, content=b"%PDF", **data):
        data = {
            "title": "Scan",
            "kind": "image",
            "file": SimpleUploadedFile("scan.pdf", content),
            **data,
        }
        return client.post(self.url, data, format="multipart")

    def test_uploading(self):
        response = self.upload(self.as_user("doctor"))
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["size"], 4)
        self.assertEqual(answer["uploaded_by"], "Doctor of Lakeside")
        self.assertTrue(answer["file"].startswith("http://testserver/media/documents/scan"))
        document = Document.objects.get(pk=answer["id"])
        self.assertEqual(document.file.read(), b"%PDF")
        storage, name = document.file.storage, document.file.name
        document.file.close()
        response = self.as_user("doctor").delete(f"{self.url}{document.pk}/")
        self.assertEqual(response.status_code, 204)
        self.assertFalse(storage.exists(name))

    def test_what_is_not_valid(self):
        client = self.as_user("doctor")
        response = self.upload(client, content=b"x" * 100_001, kind="film")
        self.assert_error(response, 400, "invalid", file="size", kind="invalid_choice")
        self.assert_error(self.upload(client, content=b""), 400, "invalid", file="empty")
        response = client.post(self.url, {"title": "Nothing"}, format="multipart")
        self.assert_error(response, 400, "invalid", file="required", kind="required")

    def test_only_forms(self):
        response = self.as_user("doctor").post(self.url, {"title": "Scan"}, format="json")
        self.assert_error(response, 415, "unsupported_media_type")

    def test_documents_of_patients_of_others(self):
        theirs = Document.objects.get(patient__practice=self.riverside)
        client = self.as_user("doctor")
        url = f"/api/v1/patients/{theirs.patient_id}/documents/"
        self.assertEqual(client.get(url).json()["results"], [])
        self.assert_error(client.get(f"{url}{theirs.pk}/"), 404, "not_found")
        response = client.post(
            url,
            {"title": "x", "kind": "image", "file": SimpleUploadedFile("x.txt", b"x")},
            format="multipart",
        )
        self.assert_error(response, 404, "not_found")


class AllergyTests(ClinicTestCase):
    def test_the_label_is_translated(self):
        response = self.as_user("doctor", accept_language="fr").get(
            "/api/v1/allergies/?severity=severe&ordering=since"
        )
        self.assertEqual(
            response.json()["results"][0]["severity"], {"value": "severe", "label": "sévère"}
        )

    def test_only_doctors_write(self):
        patient = Patient.objects.get(practice=self.lakeside, number="P0004")
        data = {"patient": patient.pk, "substance": "Iodine", "severity": "mild"}
        url = "/api/v1/allergies/"
        self.assert_error(self.as_user("reception").post(url, data), 403, "permission_denied")
        response = self.as_user("doctor").post(url, data)
        self.assertEqual(response.status_code, 201)
        response = self.as_user("doctor").post(url, data)
        self.assert_error(response, 400, "invalid", non_field_errors="unique")

    def test_patients_of_others_do_not_exist(self):
        theirs = Patient.objects.filter(practice=self.riverside).first()
        response = self.as_user("doctor").post(
            "/api/v1/allergies/", {"patient": theirs.pk, "substance": "Iodine"}
        )
        self.assert_error(response, 400, "invalid", patient="does_not_exist")
