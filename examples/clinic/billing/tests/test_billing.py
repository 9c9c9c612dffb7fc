from billing.models import Invoice, Tariff
from common.testing import ClinicTestCase
from patients.models import Patient


class TariffTests(ClinicTestCase):
    def test_codes_are_unique_in_a_practice(self):
        client = self.as_user("billing")
        data = {"code": "a1", "description": "Again", "price": "1.00"}
        self.assert_error(client.post("/api/v1/tariffs/", data), 400, "invalid", code="unique")
        data["code"] = "d4"
        self.assertEqual(client.post("/api/v1/tariffs/", data).json()["code"], "D4")

    def test_many_at_once(self):
        client = self.as_user("billing")
        rows = [{"code": f"x{n}", "description": "Many", "price": n} for n in range(3)]
        self.assertEqual(client.post("/api/v1/tariffs/bulk/", rows).json(), {"created": 3})
        rows[2]["price"] = "-1"
        response = client.post("/api/v1/tariffs/bulk/", rows)
        self.assertEqual(response.status_code, 400)

    def test_a_tariff_that_is_needed(self):
        client = self.as_user("billing")
        needed = Tariff.objects.get(practice=self.lakeside, code="A1")
        self.assert_error(client.delete(f"/api/v1/tariffs/{needed.pk}/"), 409, "protected")


class InvoiceTests(ClinicTestCase):
    def new(self, **data):
        tariff = Tariff.objects.get(practice=self.lakeside, code="B2")
        return {
            "patient": Patient.objects.filter(practice=self.lakeside).first().pk,
            "discount": "10",
            "lines": [
                {"tariff": tariff.pk, "quantity": "2"},
                {"description": "Taxi", "unit_price": "30.50"},
            ],
            **data,
        }

    def get(self, number, practice="LAKESIDE"):
        return Invoice.objects.get(number=f"{practice}-{number:05}")

    def test_creating(self):
        response = self.as_user("billing", accept_language="de").post(
            "/api/v1/invoices/", self.new()
        )
        self.assertEqual(response.status_code, 201, response.content)
        answer = response.json()
        self.assertEqual(answer["number"], "LAKESIDE-00007")
        self.assertEqual(answer["total"], {"amount": "103.95", "currency": "CHF"})
        self.assertEqual(answer["status_label"], "Entwurf")
        self.assertEqual(answer["lines"][0]["description"], "Blood count")
        self.assertEqual(answer["lines"][0]["amount"], {"amount": "85.00", "currency": "CHF"})

    def test_the_currency_of_the_practice(self):
        invoice = self.get(2, "RIVERSIDE")
        response = self.as_user("billing", "riverside").get(f"/api/v1/invoices/{invoice.pk}/")
        self.assertEqual(response.json()["paid"], {"amount": "20.00", "currency": "EUR"})

    def test_what_is_not_valid(self):
        client = self.as_user("billing")
        response = client.post("/api/v1/invoices/", self.new(lines=[], discount="101"))
        self.assert_error(response, 400, "invalid", discount="max_value", lines="empty")
        response = client.post("/api/v1/invoices/", self.new(lines=[{"description": "Taxi"}]))
        self.assertIn("unit_price", response.content.decode())
        self.assertEqual(response.status_code, 400)

    def test_tariffs_of_others_do_not_exist(self):
        tariff = Tariff.objects.filter(practice=self.riverside).first()
        response = self.as_user("billing").post(
            "/api/v1/invoices/", self.new(lines=[{"tariff": tariff.pk}])
        )
        self.assertIn("does_not_exist", response.content.decode())

    def test_only_drafts_change(self):
        client = self.as_user("billing")
        draft, sent = self.get(4), self.get(2)
        response = client.patch(f"/api/v1/invoices/{draft.pk}/", {"lines": self.new()["lines"]})
        self.assertEqual(len(response.json()["lines"]), 2)
        self.assert_error(
            client.patch(f"/api/v1/invoices/{sent.pk}/", {"discount": 1}), 409, "status"
        )

    def test_sending(self):
        client = self.as_user("billing")
        draft = self.get(1)
        response = client.post(f"/api/v1/invoices/{draft.pk}/send/")
        self.assertEqual(response.json()["status"], "sent")
        self.assertEqual(response.json()["due"], "2031-03-30")
        self.assert_error(client.post(f"/api/v1/invoices/{draft.pk}/send/"), 409, "status")

    def test_taking_back(self):
        client = self.as_user("billing")
        response = client.post(f"/api/v1/invoices/{self.get(3).pk}/void/")
        self.assertEqual(response.json()["status"], "void")
        self.assert_error(client.post(f"/api/v1/invoices/{self.get(2).pk}/void/"), 409, "paid")

    def test_a_list(self):
        response = self.as_user("billing").get("/api/v1/invoices/?status__in=sent,paid")
        self.assertEqual(
            [(row["number"], row["patient"], row["total"]) for row in response.json()["results"]],
            [
                ("LAKESIDE-00003", "O'Brien, Dov", "147.40"),
                ("LAKESIDE-00002", "Nguyen, Chloé", "255.00"),
            ],
        )

    def test_an_export(self):
        response = self.as_user("billing").get("/api/v1/invoices/export/?search=00002")
        self.assertEqual(
            response.content.decode(),
            "number,patient,status,due,total\r\n"
            'LAKESIDE-00002,"Nguyen, Chloé",sent,2031-04-02,255.00\r\n',
        )


class PaymentTests(ClinicTestCase):
    def pay(self, amount, **data):
        invoice = Invoice.objects.get(number="LAKESIDE-00002")
        data = {"amount": amount, "method": "card", **data}
        return self.as_user("billing").post(f"/api/v1/invoices/{invoice.pk}/payments/", data)

    def test_paying_all_of_it(self):
        self.assertEqual(self.pay("135").status_code, 201)
        self.assertEqual(Invoice.objects.get(number="LAKESIDE-00002").status, "sent")
        self.assertEqual(self.pay("100").status_code, 201)
        self.assertEqual(Invoice.objects.get(number="LAKESIDE-00002").status, "paid")
        self.assert_error(self.pay("1"), 409, "status")

    def test_what_is_not_valid(self):
        self.assert_error(self.pay("300"), 400, "invalid", amount="invalid")
        self.assert_error(self.pay("0.01"), 400, "invalid", amount="min_value")
        self.assert_error(self.pay("1.005"), 400, "invalid", amount="max_decimal_places")
        self.assert_error(self.pay("1", method="transfer"), 400, "invalid", reference="reference")


class RevenueTests(ClinicTestCase):
    def test_managers_only(self):
        response = self.as_user("manager").get("/api/v1/reports/revenue/2031/")
        self.assertEqual(
            response.json()["months"], [{"month": 2, "methods": {"cash": 20.0}, "total": 20.0}]
        )
        response = self.as_user("billing", accept_language="fr").get(
            "/api/v1/reports/revenue/2031/"
        )
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json(), {"detail": "Seule la direction peut faire cela."})
