"""Arguments of commands that can be wrong: each says what it takes instead."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import check_for_language
from django.views import View

_METHODS = tuple(View.http_method_names)


def whole_number(least: int) -> Callable[[str], int]:
    """Return what reads a whole number.

    Args:
        least: The smallest one that is taken.
    """

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return number

    return read


def seconds(text: str) -> float:
    """Read a time in seconds.

    Args:
        text: What was typed.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise ArgumentTypeError(f"{text!r} is not a time in seconds above 0")
    return number


def directory(text: str) -> Path:
    """Read the path of a directory that exists.

    Args:
        text: What was typed.
    """
    path = Path(text)
    if not path.is_dir():
        raise ArgumentTypeError(f"there is no directory {text}")
    return path


def language(text: str) -> str:
    """Read the code of a language that Django has translations for.

    Args:
        text: What was typed.
    """
    if not check_for_language(text):
        raise ArgumentTypeError(f"{text!r} is no language of Django's. Write a code such as 'de'")
    return text


def time_zone(text: str) -> str:
    """Read the name of a time zone.

    Args:
        text: What was typed.
    """
    try:
        ZoneInfo(text)
    except (ValueError, OSError) as error:
        raise ArgumentTypeError(f"{text!r} is no time zone. Write 'Europe/Berlin'") from error
    except KeyError as error:  # ZoneInfoNotFoundError
        raise ArgumentTypeError(f"{text!r} is no time zone. Write 'Europe/Berlin'") from error
    return text


def http_method(text: str) -> str:
    """Read an HTTP method, in small letters.

    Args:
        text: What was typed.
    """
    if text.lower() not in _METHODS:
        raise ArgumentTypeError(f"{text!r} is no HTTP method. Write one of {', '.join(_METHODS)}")
    return text.lower()
