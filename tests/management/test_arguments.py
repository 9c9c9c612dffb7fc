"""A wrong argument of a command is told with what to write, and never with a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from nova_drf.management.databases import DatabaseCommand

VIEWS = ("tests.viewsapp.views.Old", "tests.viewsapp.views.New")

WRONG: list[tuple[tuple[str, ...], str]] = [
    (("nova_verify", *VIEWS, "--examples", "-3"), "'-3' is not a whole number from 0 on"),
    (("nova_verify", *VIEWS, "--examples", "many"), "'many' is not a whole number from 0 on"),
    (("nova_verify", *VIEWS, "--method", "fetch"), "'fetch' is no HTTP method. Write one of get"),
    (("nova_verify", *VIEWS, "--language", "xx"), "'xx' is no language of Django's"),
    (("nova_verify", *VIEWS, "--time-zone", "Mars"), "'Mars' is no time zone"),
    (("nova_verify", *VIEWS, "--time-zone", "../x"), "'../x' is no time zone"),
    (("nova_migrate", "--tests", "/not/there"), "there is no directory /not/there"),
    (("nova_report", "--tests", "/not/there"), "there is no directory /not/there"),
    (("nova_replay", "x.jsonl", "--limit", "0"), "'0' is not a whole number from 1 on"),
    (("nova_replay", "x.jsonl", "--timeout", "-1"), "'-1' is not a time in seconds above 0"),
    (("nova_replay", "x.jsonl", "--timeout", "x"), "'x' is not a time in seconds above 0"),
    (("nova_convert", "--examples", "0"), "'0' is not a whole number from 1 on"),
    (("nova_verify", "not.there.Old", "not.there.New"), "not.there.Old was not found"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_a_wrong_argument(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError) as raised:
        call_command(*words)
    assert said in str(raised.value)


def test_right_arguments_are_read() -> None:
    from nova_drf.management import arguments

    assert arguments.whole_number(1)("7") == 7
    assert arguments.seconds("0.5") == 0.5
    assert arguments.http_method("PATCH") == "patch"
    assert arguments.language("de") == "de"
    assert arguments.time_zone("Europe/Berlin") == "Europe/Berlin"
    assert arguments.directory(".").is_dir()


def test_a_database_that_cannot_be_used_is_told_without_a_traceback() -> None:
    class Asking(DatabaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            raise OperationalError("connection refused")

    with pytest.raises(CommandError, match=r"connection refused\. Check DATABASES") as raised:
        call_command(Asking())
    assert raised.value.returncode == 2
