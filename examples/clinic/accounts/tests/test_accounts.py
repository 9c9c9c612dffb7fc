from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import User
from common.testing import ClinicTestCase
from practices.sample_data import PASSWORD


class LoginTests(ClinicTestCase):
    def login(self, **data):
        data = {"email": "doctor@lakeside.example", "password": PASSWORD, **data}
        return self.client.post("/api/v1/auth/token/", data)

    def test_a_token_is_given(self):
        response = self.login()
        self.assertEqual(response.status_code, 200)
        user = response.json()["user"]
        self.assertEqual(user["practice"], "lakeside")
        client = APIClient(headers={"authorization": f"Token {response.json()['token']}"})
        self.assertEqual(client.get("/api/v1/me/").json(), user)

    def test_a_wrong_password(self):
        response = self.login(password="wrong")
        self.assert_error(response, 400, "invalid", non_field_errors="login")

    def test_a_wrong_password_in_german(self):
        response = self.client.post(
            "/api/v1/auth/token/",
            {"email": "doctor@lakeside.example", "password": "wrong"},
            headers={"accept-language": "de"},
        )
        message = response.json()["error"]["fields"]["non_field_errors"][0]["message"]
        self.assertEqual(message, "Adresse oder Passwort ist falsch.")

    def test_what_is_no_address(self):
        self.assert_error(self.login(email="doctor"), 400, "invalid", email="invalid")

    def test_a_password_keeps_its_spaces(self):
        self.assertEqual(self.login(password=f" {PASSWORD} ").status_code, 400)

    def test_eleven_times_in_a_minute_is_too_often(self):
        cache.clear()
        statuses = [self.login(password="wrong").status_code for _ in range(11)]
        self.assertEqual(statuses, [400] * 10 + [429])

    def test_web_tokens(self):
        response = self.client.post(
            "/api/v1/auth/jwt/", {"email": "billing@lakeside.example", "password": PASSWORD}
        )
        self.assertEqual(sorted(response.json()), ["access", "refresh"])
        client = APIClient(headers={"authorization": f"Bearer {response.json()['access']}"})
        self.assertEqual(client.get("/api/v1/me/").json()["role"], "billing")
        refreshed = self.client.post(
            "/api/v1/auth/jwt/refresh/", {"refresh": response.json()["refresh"]}
        )
        self.assertEqual(list(refreshed.json()), ["access"])

    def test_a_web_token_that_is_none(self):
        client = APIClient(headers={"authorization": "Bearer nothing"})
        self.assert_error(client.get("/api/v1/me/"), 401, "token_not_valid")


class MeTests(ClinicTestCase):
    def test_nobody(self):
        response = self.client.get("/api/v1/me/")
        self.assert_error(response, 401, "not_authenticated")
        self.assertEqual(response["WWW-Authenticate"], 'Bearer realm="api"')

    def test_the_role_is_told_in_the_language_of_the_client(self):
        for language, label in [("en", "Reception"), ("de", "Empfang"), ("fr", "Accueil")]:
            client = self.as_user("reception", accept_language=language)
            self.assertEqual(client.get("/api/v1/me/").json()["role_label"], label)

    def test_a_name_changes_and_a_role_does_not(self):
        client = self.as_user("reception")
        response = client.patch("/api/v1/me/", {"full_name": " Zoe ", "role": "manager"})
        self.assertEqual(response.json()["full_name"], "Zoe")
        self.assertEqual(response.json()["role"], "reception")

    def test_a_language_that_there_is_not(self):
        response = self.as_user("reception").patch("/api/v1/me/", {"language": "tlh"})
        self.assert_error(response, 400, "invalid", language="invalid_choice")

    def test_a_new_password(self):
        client = self.as_user("reception")
        response = client.post(
            "/api/v1/me/password/", {"old_password": PASSWORD, "new_password": "battery staple"}
        )
        self.assertEqual((response.status_code, response.content), (204, b""))
        user = User.objects.get(email="reception@lakeside.example")
        self.assertTrue(user.check_password("battery staple"))

    def test_a_new_password_that_is_not_good(self):
        response = self.as_user("reception").post(
            "/api/v1/me/password/", {"old_password": "wrong", "new_password": "12345678"}
        )
        self.assert_error(response, 400, "invalid", old_password="password", new_password="invalid")


class StaffTests(ClinicTestCase):
    def test_the_staff_of_ones_own_practice(self):
        response = self.as_user("doctor").get("/api/v1/staff/?ordering=-date_joined,full_name")
        self.assertEqual(response.json()["meta"], {"count": 4, "pages": 1, "page": 1})

    def test_only_managers_hire(self):
        data = {"email": "New@Lakeside.example", "full_name": "New", "password": "long enough"}
        self.assert_error(
            self.as_user("doctor").post("/api/v1/staff/", data), 403, "permission_denied"
        )
        response = self.as_user("manager").post("/api/v1/staff/", data)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json()["email"], "new@lakeside.example")
        self.assertNotIn("password", response.json())
        user = User.objects.get(email="new@lakeside.example")
        self.assertEqual(user.practice, self.lakeside)
        self.assertTrue(user.check_password("long enough"))

    def test_an_address_that_is_taken(self):
        data = {"email": "doctor@lakeside.example", "full_name": "New"}
        response = self.as_user("manager").post("/api/v1/staff/", data)
        self.assert_error(response, 400, "invalid", email="unique")

    def test_deactivating(self):
        manager = self.as_user("manager")
        doctor = User.objects.get(email="doctor@lakeside.example")
        response = manager.post(f"/api/v1/staff/{doctor.pk}/deactivate/")
        self.assertIs(response.json()["is_active"], False)
        me = User.objects.get(email="manager@lakeside.example")
        self.assert_error(manager.post(f"/api/v1/staff/{me.pk}/deactivate/"), 409, "self")
