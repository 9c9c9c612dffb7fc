"""Text that names something: UUIDs and IP addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from pydantic import IPvAnyAddress
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import column_printer
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import method_owner, only
from nova_drf.mapping.rows.text import fast_text

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import TypeShape


_print_uuids = column_printer(core_schema.uuid_schema())


class UUIDMapping(FieldMapping):
    """``UUID`` and ``UUIDField``."""

    core_type = "uuid"
    python_type = UUID
    field_class = drf.UUIDField

    def remainder(self, core: Core) -> Core | None:
        return only(core, "version")

    def fast(self, shape: TypeShape) -> Core | None:
        canonical = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
        number = core_schema.uuid_schema(strict=False)
        return dict(core_schema.chain_schema([fast_text(canonical), number]))

    def represent(self, shape: TypeShape) -> Convert:
        # What DRF does, unless a field asks for another format; then it runs itself.
        return str

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        return {UUID: _print_uuids}


class IPAddressMapping(FieldMapping):
    """``IPvAnyAddress``, ``IPv4Address``, ``IPv6Address`` and ``IPAddressField``."""

    python_type = IPvAnyAddress
    field_class = drf.IPAddressField
    protocols: ClassVar[dict[type, str]] = {
        ipaddress.IPv4Address: "ipv4",
        ipaddress.IPv6Address: "ipv6",
    }

    def matches(self, core: Core) -> bool:
        if core["type"] == "lax-or-strict":
            python = core["strict_schema"].get("python_schema", {})
            return python.get("cls") in self.protocols
        return core["type"] == "function-plain" and method_owner(core) is IPvAnyAddress

    def options(self, core: Core) -> dict[str, Any]:
        if core["type"] == "function-plain":
            return {}
        return {"protocol": self.protocols[core["strict_schema"]["python_schema"]["cls"]]}

    def typed(self, shape: TypeShape) -> Convert | None:
        return ipaddress.ip_address

    def plain(self, shape: TypeShape) -> Convert | None:
        return _written

    def represent(self, shape: TypeShape) -> Convert:
        return str


def _written(value: Any) -> str:
    """Return an address as Django writes it, which Python before 3.13 does otherwise."""
    mapped = getattr(value, "ipv4_mapped", None)
    return str(value) if mapped is None else f"::ffff:{mapped}"
