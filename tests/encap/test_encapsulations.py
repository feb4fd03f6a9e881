"""The register against the numbers of the RFCs and against what other programs know."""

from __future__ import annotations

import ast
import struct
from pathlib import Path

import pytest

import sapper.encap
from sapper.encap.encapsulation import Family
from sapper.encap.register import ENCAPSULATIONS

# Bytes in front of the payload with the outer header (IPv4's where both are possible): plain, with key, with limit.
# RFC 2784, 2890, 2003, 2473, 7348, 8926, 3931; the ERSPAN draft; the WireGuard paper.
OVERHEADS = {
    "erspan": (50, 50, None),
    "ip6erspan": (70, 70, 78),
    "vxlan": (50, None, None),
    "geneve": (50, None, None),
    "l2tpv3": (54, None, None),
    "wireguard": (60, None, None),
    "gre": (24, 28, None),
    "gretap": (38, 42, None),
    "ipip": (20, None, None),
    "sit": (20, None, None),
    "ipip6": (40, None, 48),
    "ip6ip6": (40, None, 48),
    "ip6gre": (44, 48, 52),
    "ip6gretap": (58, 62, 66),
    "vti": (20, None, None),
}
# What else changes the length, with the outer header of either family.
WITH_OPTIONS = {
    ("gre", 4, ("checksum",)): 28,
    ("gre", 4, ("checksum", "sequence")): 32,
    ("erspan", 4, ("version 2",)): 54,
    ("ip6erspan", 6, ("version 2",)): 74,
    ("vxlan", 6, ()): 70,
    ("geneve", 6, ()): 70,
    ("l2tpv3", 4, ("ip",)): 42,
    ("l2tpv3", 6, ("ip", "no sublayer", "cookie 8")): 66,
    ("l2tpv3", 6, ("cookie 4",)): 78,
    ("wireguard", 6, ()): 80,
}


@pytest.mark.parametrize("name", ENCAPSULATIONS)
def test_overheads_are_those_of_the_rfcs(name: str) -> None:
    encapsulation = ENCAPSULATIONS[name]
    plain, keyed, limited = OVERHEADS[name]

    assert encapsulation.overhead_bytes(family=4) == plain
    assert (encapsulation.overhead_bytes(key=True) if encapsulation.keys else None) == keyed
    assert (encapsulation.overhead_bytes(encaplimit=True) if encapsulation.encaplimit else None) == limited


@pytest.mark.parametrize(("name", "family", "options"), WITH_OPTIONS)
def test_options_change_the_length(name: str, family: Family, options: tuple[str, ...]) -> None:
    encapsulation = ENCAPSULATIONS[name]

    assert encapsulation.overhead_bytes(family=family, options=options) == WITH_OPTIONS[name, family, options]
    with pytest.raises(ValueError, match=f"{name} has no option jumbo"):
        encapsulation.header_bytes(options=("jumbo",))


def test_the_outer_family_is_asked_for_only_where_it_is_open() -> None:
    assert ENCAPSULATIONS["gre"].overhead_bytes(family=6) == ENCAPSULATIONS["gre"].overhead_bytes()
    assert ENCAPSULATIONS["vxlan"].overhead_bytes() == ENCAPSULATIONS["vxlan"].header_bytes()


@pytest.mark.parametrize("name", ENCAPSULATIONS)
def test_an_option_that_is_not_there_is_refused(name: str) -> None:
    encapsulation = ENCAPSULATIONS[name]

    for option in ("keys", "encaplimit"):
        if not getattr(encapsulation, option):
            with pytest.raises(ValueError, match=name):
                encapsulation.header_bytes(key=option == "keys", encaplimit=option == "encaplimit")


def test_gre_header_as_a_packet_has_it() -> None:
    # RFC 2890 2: flags and version, protocol type, key.
    keyed = struct.pack("!HHI", 0x2000, 0x0800, 42)

    assert ENCAPSULATIONS["gre"].header_bytes(key=True) == len(keyed)


def test_names_kinds_and_families_agree() -> None:
    for name, encapsulation in ENCAPSULATIONS.items():
        assert encapsulation.name == name
        assert encapsulation.payload_families
        assert encapsulation.multipoint == (name in ("gre", "vxlan", "wireguard"))
        assert encapsulation.encrypts == (name in ("vti", "wireguard"))
        assert (encapsulation.udp_port is not None) == (encapsulation.protocol == 17 and name != "wireguard")
        if encapsulation.link_kind.startswith("ip6"):
            assert encapsulation.outer_family == 6
        if encapsulation.attribute_family == "IFLA_GRE":
            assert (encapsulation.protocol, encapsulation.keys) == (47, True)
        if encapsulation.outer_family is None:
            assert not encapsulation.encaplimit
        if encapsulation.protocol == 4:
            assert encapsulation.payload_families == {4}
        if encapsulation.protocol == 41:
            assert encapsulation.payload_families == {6}


def test_every_file_is_registered_and_imports_only_its_own_room() -> None:
    room = Path(sapper.encap.__path__[0])
    rest = {"__init__", "encapsulation", "register"}

    assert {path.stem for path in room.glob("*.py")} - rest == set(ENCAPSULATIONS)
    for path in room.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sapper"):
                assert (node.module or "").startswith("sapper.encap"), path.name
