"""``manage.py check`` names services that ask for what cannot be done."""

from __future__ import annotations

from nova_drf.checks.definitions import check_services
from nova_drf.services import Service, atomic


def test_services_are_checked() -> None:
    class Impossible(Service):
        @atomic
        async def capture(self) -> None: ...

        def find(self, thing: Nowhere) -> None: ...  # noqa: F821  # there is no such name, which the test is about

        def fine(self, number: int) -> int:
            return number

    messages = [message for message in check_services() if message.obj is Impossible]
    assert {message.id for message in messages} == {"nova_drf.E003"}
    first, second = sorted(message.msg for message in messages)
    assert "Impossible.capture: an `async def` is not atomic" in first
    assert "Nowhere" in second
