"""Text that names something: UUIDs and IP addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models
from pydantic import IPvAnyAddress
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.core.core_schema import column_printer
from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import method_owner, only
from nova_drf.mapping.rows.text import StringMapping, fast_text, text_constraints

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


_print_uuids = column_printer(core_schema.uuid_schema())


class UUIDMapping(FieldMapping):
    """``UUID`` and ``UUIDField``."""

    core_type = "uuid"
    python_type = UUID
    field_class = drf.UUIDField
    output = ("uuid_format",)
    model_fields = (models.UUIDField,)
    stored_values = (UUID("0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11"),)
    openapi_types = ("UUID",)

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

    def inputs(self, field: AnyField) -> Inputs | None:
        good = ("0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11", "0E9B4A5D2F4C4B0A9A3C5F1F2F8C7D11")
        return Inputs(good, (f"urn:uuid:{good[0]}", 1, 2**128, "0e9b4a5d"))

    def source_arguments(self, value: object) -> str | None:
        return f'"{value}"'


class IPAddressMapping(FieldMapping):
    """``IPvAnyAddress``, ``IPv4Address``, ``IPv6Address`` and ``IPAddressField``."""

    python_type = IPvAnyAddress
    field_class = drf.IPAddressField
    input = (*StringMapping.input, "protocol", "unpack_ipv4")
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

    def given_as(self, shape: TypeShape) -> Convert | None:
        classes = tuple(self.protocols)
        return lambda value: _written(value) if isinstance(value, classes) else value

    def validated(self, shape: TypeShape) -> Convert | None:
        return _written

    def represent(self, shape: TypeShape) -> Convert:
        return str

    def description(self, field: AnyField) -> Described | None:
        types = {protocol: address for address, protocol in self.protocols.items()}
        constraints, attributes = text_constraints(field)
        return Described(
            types.get(field.protocol, IPvAnyAddress),
            attributes=attributes | {"protocol", "unpack_ipv4"},
            left=tuple(sorted(constraints)),
        )

    def field_arguments(self, field: AnyField) -> dict[str, Any]:
        return {**super().field_arguments(field), "protocol": field.protocol}

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = (" 1.2.3.4 ", "::ffff:1.2.3.4", "1.2.3", "256.1.1.1", 16909060)
        return Inputs(("1.2.3.4", "::1", "2001:db8::1"), odd)


def _written(value: object) -> str:
    """Return an address as Django writes it, which Python before 3.13 does otherwise."""
    mapped = getattr(value, "ipv4_mapped", None)
    return str(value) if mapped is None else f"::ffff:{mapped}"
