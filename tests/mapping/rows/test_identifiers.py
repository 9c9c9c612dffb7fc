"""UUIDs and IP addresses: DRF's field and the schema agree on every value."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from uuid import UUID

import pytest
from pydantic import UUID4, IPvAnyAddress
from rest_framework import fields as drf

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import Side

KNOWN = UUID("0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11")
UUIDS: tuple[Any, ...] = (
    *(str(KNOWN), KNOWN.hex, str(KNOWN).upper(), f"{{{KNOWN}}}", KNOWN.urn, KNOWN, KNOWN.bytes),
    *(KNOWN.int, 0, 1, -1, 2**128, True, 1.5, "1", "", None, str(KNOWN)[:-1], f" {KNOWN}", [], {}),
    *("0e9b4a5d2f4c-4b0a-9a3c-5f1f2f8c7d11", "g" * 32, "\u0661" * 32, f"{KNOWN}\n"),
)


@pytest.mark.parametrize("value", UUIDS, ids=ascii)
@pytest.mark.parametrize(
    ("annotation", "arguments"), [(UUID, {}), (UUID | None, {"allow_null": True})]
)
def test_every_uuid_gets_the_verdict_and_value_of_drfs_field(
    annotation: Any, arguments: dict[str, Any], value: Any
) -> None:
    Side(annotation, drf.UUIDField(**arguments)).check(value)


def test_a_whole_number_is_a_uuid_and_raw_bytes_are_not() -> None:
    side = Side(UUID, drf.UUIDField())
    assert side.accepts(1) == UUID(int=1)
    assert side.refuses(KNOWN.bytes) == "invalid"


@pytest.mark.parametrize("stored", [KNOWN, "not a uuid", 5, ""], ids=ascii)
def test_a_stored_uuid_is_printed_whatever_it_is(stored: Any) -> None:
    assert Side(UUID, drf.UUIDField()).prints(stored) == str(stored)


def test_the_version_that_a_schema_demands_is_checked() -> None:
    class Versioned(Schema):
        id: UUID4

    serializer_class = serializer_from_schema(Versioned)
    assert serializer_class(data={"id": "7a4f4b5c-8f5e-4b0a-9a3c-5f1f2f8c7d11"}).is_valid()
    refused = serializer_class(data={"id": "7a4f4b5c-8f5e-1b0a-9a3c-5f1f2f8c7d11"})
    assert not refused.is_valid()
    assert refused.errors["id"][0].code == "uuid_version"


ADDRESSES: tuple[Any, ...] = (
    *("1.2.3.4", " 1.2.3.4 ", "::1", "::FFFF:1.2.3.4", "::ffff:102:304", "1.2.3", "01.2.3.4"),
    *(
        "256.1.1.1",
        "fe80::1%eth0",
        "2001:DB8::1",
        "::",
        ":::",
        "1.2.3.4/24",
        "[::1]",
        "\u0661.2.3.4",
    ),
    *(
        16909060,
        True,
        None,
        "",
        " ",
        "\x00",
        "::1\n",
        [],
        b"1.2.3.4",
        IPv4Address("1.2.3.4"),
        "1:2",
    ),
)


@pytest.fixture(
    params=[
        (IPvAnyAddress, "both"),
        (IPv4Address, "ipv4"),
        (IPv6Address, "ipv6"),
        (IPvAnyAddress | None, "both"),
    ],
    ids=str,
)
def address(request: pytest.FixtureRequest) -> Side:
    """An IP address on both sides."""
    annotation, protocol = request.param
    nullable = type(None) in getattr(annotation, "__args__", ())
    return Side(annotation, drf.IPAddressField(protocol=protocol, allow_null=nullable))


@pytest.mark.parametrize("value", ADDRESSES, ids=ascii)
def test_every_address_gets_the_verdict_and_value_of_drfs_field(address: Side, value: Any) -> None:
    address.check(value)


def test_addresses_are_trimmed_and_normalised_texts_in_validated_data() -> None:
    side = Side(IPvAnyAddress, drf.IPAddressField())
    assert side.accepts(" 1.2.3.4 ") == "1.2.3.4"
    assert side.accepts("::FFFF:1.2.3.4") == "1.2.3.4"
    assert side.refuses(16909060) == "invalid"
    assert side.refuses(True) == "invalid"


def test_the_schema_itself_holds_an_address() -> None:
    class Host(Schema):
        address: IPv4Address
        other: IPvAnyAddress

    host = Host(address="1.2.3.4", other="::1")
    assert host.address == IPv4Address("1.2.3.4")
    assert host.other == IPv6Address("::1")
    serializer = serializer_from_schema(Host)(data={"address": "1.2.3.4", "other": "::1"})
    assert serializer.is_valid()
    assert serializer.validated_schema == host
    assert serializer.validated_data == {"address": "1.2.3.4", "other": "::1"}


@pytest.mark.parametrize("stored", ["1.2.3.4", "::1", ip_address("1.2.3.4"), "nonsense", ""])
def test_a_stored_address_is_printed_as_text(address: Side, stored: Any) -> None:
    assert address.prints(stored) == str(stored)
