"""Sends all requests to the clinic of this process, and writes down every byte of its answers.

It runs in a clinic's directory, with its settings: ``python -m tests.drill.send answers.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import logging
import sqlite3
import time
from pathlib import Path
from typing import Any

import django
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import AsyncClient, Client
from django.test.client import encode_multipart
from django.test.utils import setup_test_environment
from django.utils.functional import empty

from tests.drill.exchanges import Request, exchanges
from tests.drill.fixed import World, fixed

_BOUNDARY = "BoUnDaRy"


class _AsyncClient(AsyncClient):
    """Sends the host that is asked for instead of its own, and not both."""

    async def request(self, **request: Any) -> Any:
        request["headers"] = list(dict(request["headers"]).items())
        return await super().request(**request)


class Clinic:
    """A clinic with its sample data, which can be put back to its beginning.

    Args:
        is_async: Whether it is asked through ASGI, and not through WSGI.
    """

    def __init__(self, *, is_async: bool = False) -> None:
        setup_test_environment()
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        self._world = World()
        self._beginning = sqlite3.connect(":memory:", check_same_thread=False)
        client: Any = (_AsyncClient if is_async else Client)(raise_request_exception=False)
        self._client = client
        self._send: Any = async_to_sync(_sending(client)) if is_async else client.generic
        with fixed(self._world):
            call_command("load_sample_data")
            self._tokens = self._make_tokens()
        self._file = (default_storage.open("documents/lakeside.txt").read(),)
        self.begin_here()

    def begin_here(self) -> None:
        """Let each round begin with the rows that are there now."""
        connection.connection.backup(self._beginning)

    def _make_tokens(self) -> dict[str, str]:
        from django.contrib.auth import get_user_model
        from rest_framework.authtoken.models import Token

        users: Any = get_user_model()._default_manager.order_by("pk")
        return {
            user.email: Token.objects.create(user=user, key=f"key{user.pk:037}").key
            for user in users
        }

    def round(self) -> tuple[list[dict[str, Any]], float]:
        """Send all requests to the clinic as it was at its beginning.

        Returns:
            The answers, and the processor time that they took.
        """
        self._beginning.backup(connection.connection)
        cache.clear()
        vars(storages)["_storages"].clear()
        vars(default_storage)["_wrapped"] = empty
        default_storage.save("documents/lakeside.txt", SimpleUploadedFile("x", self._file[0]))
        answers, seconds = [], 0.0
        with fixed(self._world):
            for number, request in enumerate(exchanges(), 1):
                self._world.begin(number)
                mail.outbox.clear()
                arguments, headers = self._arguments(request)
                self._client.cookies.clear()
                began = time.process_time()
                response = self._send(*arguments, headers=headers)
                seconds += time.process_time() - began
                answers.append(_answer(request, response))
        answers.append({"request": "rows", "rows": _rows()})
        return answers, seconds

    def _arguments(self, request: Request) -> tuple[tuple[Any, ...], dict[str, str]]:
        headers = {"accept-language": "en", **request.headers}
        if request.user and "authorization" not in headers:
            headers["authorization"] = f"Token {self._tokens[request.user]}"
        content, content_type = content_of(request)
        content_type = headers.pop("content-type", content_type)
        return (request.method, f"/api/v1/{request.path}", content, content_type), headers


def _sending(client: Any) -> Any:
    async def send(*arguments: Any, **options: Any) -> Any:
        return await client.generic(*arguments, **options)

    return send


def content_of(request: Request) -> tuple[bytes, str]:
    """Return the body of a request, and its type.

    Args:
        request: The request.
    """
    if request.is_form:
        fields = {
            name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value
            for name, value in request.body.items()
        }
        return encode_multipart(_BOUNDARY, fields), f"multipart/form-data; boundary={_BOUNDARY}"
    if isinstance(request.body, bytes):
        return request.body, "application/json"
    if request.body is None:
        return b"", "application/json"
    return json.dumps(request.body).encode(), "application/json"


def _answer(request: Request, response: Any) -> dict[str, Any]:
    error = response.exc_info[1] if response.exc_info else None
    return {
        "request": str(request),
        "endpoint": request.endpoint,
        "status": response.status_code,
        "headers": dict(sorted(response.headers.items())),
        "body": response.content.decode("latin-1"),
        "mail": [[message.to, message.subject, message.body] for message in mail.outbox],
        "crash": f"{type(error).__name__}: {error}" if error else "",
    }


def _rows() -> dict[str, list[str]]:
    """Return all rows that there are in the end, but those of what came with a step."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name.split(".")[0] not in ("nova_drf", "django"):
            names = [field.attname for field in model._meta.concrete_fields]
            order = [name for name in names if name != "password"]
            rows[model._meta.label] = [
                json.dumps(row, default=str)
                for row in model._base_manager.order_by("pk").values_list(*order)
            ]
    return rows


def main() -> None:
    """Send all requests, as often as is asked for, and write down what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("answers", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--asgi", action="store_true", help="ask through ASGI, not WSGI")
    parser.add_argument("--flip", action="store_true", help="let the new code answer")
    options = parser.parse_args()
    logging.disable()
    django.setup()
    clinic = Clinic(is_async=options.asgi)
    if options.flip:
        call_command("nova_switch", "all", "new", verbosity=0)
        clinic.begin_here()
    rounds = [clinic.round() for _ in range(options.rounds)]
    answers = rounds[0][0]
    if any(others != answers for others, _ in rounds):
        raise SystemExit("The same requests had other answers in another round.")
    with options.answers.open("w") as file:
        file.writelines(json.dumps(answer) + "\n" for answer in answers)
    print(json.dumps({"requests": len(answers) - 1, "seconds": min(took for _, took in rounds)}))


if __name__ == "__main__":
    main()
