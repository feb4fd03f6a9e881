"""VXLAN, GENEVE, L2TPv3 and WireGuard come back from their own bytes; no key shows, and no message outgrows a page."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from device_strategies import (
    geneve_headers,
    l2tp_sessions,
    vxlan_headers,
    wireguard_devices,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.address import Address, Prefix
from sapper.kernel.plan import GeneveHeader, L2tpSession, VxlanHeader, WireguardDevice, WireguardPeer
from sapper.live.netlink.attribute import nested, parse_array, parse_attributes, u16, u32
from sapper.live.netlink.geneve import decode_geneve, encode_geneve
from sapper.live.netlink.l2tp import create_session, decode_sessions
from sapper.live.netlink.message import NLM_F_APPEND
from sapper.live.netlink.vxlan import decode_default_entry, decode_vxlan, encode_vxlan, further_remotes
from sapper.live.netlink.wireguard import PAGE_BYTES, decode_device, set_device
from sapper.secret import Secret

PRIVATE = base64.b64encode(b"p" * 32).decode()
PUBLIC = base64.b64encode(b"q" * 32).decode()


@given(vxlan_headers())
def test_vxlan_with_its_further_remotes(header: VxlanHeader) -> None:
    requests = list(further_remotes(header, 9, "vxlan0"))
    entries = [decode_default_entry(request.payload) for request in requests]

    decoded = decode_vxlan(
        encode_vxlan(header, 7 if header.link else None), {7: "eth0"}, [entry[1] for entry in entries if entry]
    )

    assert decoded == header
    assert all(entry is not None and entry[0] == 9 for entry in entries)
    assert all(request.flags & NLM_F_APPEND for request in requests)


@given(geneve_headers)
def test_geneve(header: GeneveHeader) -> None:
    assert decode_geneve(encode_geneve(header)) == header


@given(l2tp_sessions())
def test_an_l2tp_session_and_its_tunnel(session: L2tpSession) -> None:
    tunnel, within = (request.payload for request in create_session(30, session, "l2tpeth0"))

    assert decode_sessions(iter([tunnel]), iter([within])) == {"l2tpeth0": session}


@settings(max_examples=30)
@given(wireguard_devices)
def test_a_wireguard_device_in_pieces_of_a_page(device: WireguardDevice) -> None:
    requests = list(set_device(30, "wg0", device))

    assert decode_device(request.payload for request in requests) == device
    assert all(len(request.payload) <= PAGE_BYTES + 64 for request in requests)


@settings(max_examples=30)
@given(wireguard_devices)
def test_only_the_first_message_replaces_and_a_peer_is_emptied_once(device: WireguardDevice) -> None:
    replacing, emptied = [], []
    for request in set_device(30, "wg0", device):
        attributes = parse_attributes(request.payload, 4)
        replacing.append(5 in attributes)
        emptied += [peer[1] for peer in map(parse_attributes, parse_array(attributes.get(8, b""))) if 3 in peer]

    assert replacing == [True] + [False] * (len(replacing) - 1)
    assert len(emptied) == len(set(emptied)) == len(device.peers)


def test_a_long_list_does_take_several_messages() -> None:
    allowed = tuple(Prefix(4, number << 8, 24) for number in range(600))
    device = WireguardDevice(
        private_key=Secret(PRIVATE), peers=(WireguardPeer(public_key=PUBLIC, allowed=allowed),)
    )

    assert len(list(set_device(30, "wg0", device))) > 3


@pytest.mark.parametrize("key", ["", "no base64 at all!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_named_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="the private key of wg0") as failure:
        list(set_device(30, "wg0", WireguardDevice(private_key=Secret(key))))
    assert not key or key not in str(failure.value)


def test_nothing_that_names_a_message_shows_a_key() -> None:
    peer = WireguardPeer(public_key=PUBLIC, preshared_key=Secret(PRIVATE))
    device = WireguardDevice(private_key=Secret(PRIVATE), peers=(peer,))

    assert all(PRIVATE not in request.about for request in set_device(30, "wg0", device))
    assert PRIVATE not in repr(decode_device(request.payload for request in set_device(30, "wg0", device)))


def test_an_entry_for_a_learnt_address_is_no_default_entry() -> None:
    header = VxlanHeader(vni=1, remotes=(Address.parse("192.0.2.2"), Address.parse("192.0.2.3")))
    (request,) = further_remotes(header, 9, "vxlan0")

    assert decode_default_entry(request.payload) == (9, Address.parse("192.0.2.3"))
    assert decode_default_entry(request.payload.replace(bytes(6), b"\x02\0\0\0\0\x01", 1)) is None


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_lists_of_attributes(values: list[bytes]) -> None:
    inside = b"".join(nested(0, value) for value in values)

    assert parse_array(inside) == values
    assert parse_array(parse_attributes(nested(8, inside) + u16(1, 2) + u32(2, 3))[8]) == values


@settings(max_examples=50)
@given(st.data())
def test_damaged_bytes_are_at_worst_a_value_error(data: st.DataObject) -> None:
    device = data.draw(wireguard_devices)
    damaged = bytearray(next(iter(set_device(30, "wg0", device))).payload)
    for _ in range(3):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    for decode in (decode_geneve, lambda raw: decode_vxlan(raw, {}), decode_default_entry):
        with suppress(ValueError):
            decode(bytes(damaged))
    with suppress(ValueError):
        decode_device([bytes(damaged)])
    with suppress(ValueError):
        decode_sessions(iter([bytes(damaged)]), iter([bytes(damaged)]))
