"""A task of Django 6 or newer."""

from __future__ import annotations

from importlib import import_module

task = import_module("django.tasks").task


@task
def tell(number: int) -> int:
    """Return a number."""
    return number
