"""The base of all tests."""

from datetime import UTC, datetime
from unittest import mock

from django.core.cache import cache
from rest_framework.test import APIClient, APITestCase

from accounts.models import User
from practices.models import Practice
from practices.sample_data import load_sample_data

NOON = datetime(2031, 2, 28, 11, 0, tzinfo=UTC)


class ClinicTestCase(APITestCase):
    """Has the sample data, a fixed clock, and clients that are logged in."""

    @classmethod
    def setUpTestData(cls):
        with mock.patch("django.utils.timezone.now", return_value=NOON):
            load_sample_data()
        cls.lakeside = Practice.objects.get(slug="lakeside")
        cls.riverside = Practice.objects.get(slug="riverside")

    def setUp(self):
        cache.clear()
        clock = mock.patch("django.utils.timezone.now", return_value=NOON)
        clock.start()
        self.addCleanup(clock.stop)

    def as_user(self, role, practice="lakeside", **headers):
        """Return a client of somebody with a role.

        Args:
            role: The role.
            practice: The slug of the practice in which the user works.
            headers: Headers that are always sent, such as ``accept_language``.
        """
        client = APIClient(headers={key.replace("_", "-"): text for key, text in headers.items()})
        client.force_authenticate(User.objects.get(email=f"{role}@{practice}.example"))
        return client

    def assert_error(self, response, status, code, /, **fields):
        """Check the envelope of an error.

        Args:
            response: The response.
            status: The status.
            code: The code of the envelope.
            fields: For each field, the code of its first error.
        """
        self.assertEqual(response.status_code, status, response.content)
        error = response.json()["error"]
        self.assertEqual(error["code"], code)
        for name, expected in fields.items():
            self.assertEqual(error["fields"][name][0]["code"], expected)
