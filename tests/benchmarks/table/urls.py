"""The URL patterns of all sides."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from tests.benchmarks.table import peers, sides

OWN = {
    "DRF": sides.drf,
    "nova_drf": sides.ours,
    "nova_drf, instances": sides.ours_with_instances,
    "nova_drf, async def": sides.ours_with_async_handlers,
    "Django and Pydantic": sides.django_and_pydantic,
    "by hand": sides.by_hand,
}

urlpatterns: list[Any] = []


def install(*, peers: bool) -> dict[str, str]:
    """Make the URL patterns; return the address of each side, DRF's first.

    Args:
        peers: Whether other libraries are among them.
    """
    found = {name: patterns() for name, patterns in OWN.items()}
    if peers:
        found |= _peers()
    addresses = {name: f"side{at}/" for at, name in enumerate(found)}
    urlpatterns[:] = [path(addresses[name], include(patterns)) for name, patterns in found.items()]
    return {name: f"/{address}" for name, address in addresses.items()}


def _peers() -> dict[str, Any]:
    return peers.installed()
