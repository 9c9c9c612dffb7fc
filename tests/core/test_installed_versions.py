"""Versions that cannot work together are named, with what to install instead."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from nova_drf.core import installed_versions
from nova_drf.core.installed_versions import complaints, refuse_combinations


def test_what_is_installed_here_works() -> None:
    refuse_combinations()
    assert list(complaints()) == []


@pytest.mark.parametrize(
    ("django", "drf", "works"),
    [
        ("6.1", "3.17.2", False),
        ("6.2.1", "3.16.0", False),
        ("6.1", "3.18.0", True),
        ("6.0.7", "3.17.2", True),
        ("10.0", "4.0", True),
        ("6.1rc1", "3.18.1", True),
    ],
)
def test_django_needs_a_framework_that_knows_it(
    monkeypatch: pytest.MonkeyPatch, django: str, drf: str, works: bool
) -> None:
    installed = {"django": django, "djangorestframework": drf}
    monkeypatch.setattr(installed_versions, "version", installed.__getitem__)
    if works:
        refuse_combinations()
        return
    with pytest.raises(ImproperlyConfigured) as caught:
        refuse_combinations()
    for word in (django, drf, "djangorestframework>=3.18", "django<6.1"):
        assert word in str(caught.value)
