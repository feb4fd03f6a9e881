"""Every record comes back from its own bytes, and garbage never does anything but raise ValueError."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netlink_strategies import (
    address_messages,
    link_messages,
    policies,
    route_messages,
    rules,
    states,
    tunnels,
)

from sapper.kernel.plan import Encapsulating, LinkKind, Rule
from sapper.live.netlink.address import AddressMessage, decode_address, encode_address
from sapper.live.netlink.attribute import attribute, parse_attributes
from sapper.live.netlink.link import LinkMessage, decode_link, encode_link
from sapper.live.netlink.message import NLMSG_ERROR, Request, pack_batch, split_answers
from sapper.live.netlink.policy import PolicyMessage, decode_policy, encode_policy
from sapper.live.netlink.route import RouteMessage, decode_route, encode_route
from sapper.live.netlink.rule import decode_rule, encode_rule
from sapper.live.netlink.state import StateMessage, decode_state, encode_state
from sapper.live.netlink.tunnel import (
    decode_encapsulating,
    decode_vlan,
    decode_xfrm,
    encode_encapsulating,
    encode_vlan,
    encode_xfrm,
)


@given(link_messages())
def test_link(message: LinkMessage) -> None:
    assert decode_link(encode_link(message)) == message


@given(tunnels())
def test_tunnel(tunnel: tuple[LinkKind, Encapsulating]) -> None:
    kind, outer = tunnel
    data = encode_encapsulating(kind, outer, 7 if outer.link else None)

    assert decode_encapsulating(kind, data, {7: "eth0"}) == outer


@given(st.integers(1, 0xFFFFFFFF), st.none() | st.integers(1, 99), st.integers(1, 4094))
def test_xfrm_and_vlan(if_id: int, below: int | None, vlan: int) -> None:
    assert decode_xfrm(encode_xfrm(if_id, below)) == if_id
    assert decode_vlan(encode_vlan(vlan)) == vlan


@given(address_messages())
def test_address(message: AddressMessage) -> None:
    assert decode_address(encode_address(message)) == message


@given(route_messages())
def test_route(message: RouteMessage) -> None:
    assert decode_route(encode_route(message)) == message


@given(rules)
def test_rule(rule: Rule) -> None:
    assert decode_rule(encode_rule(rule)) == rule


@given(policies)
def test_policy(policy: PolicyMessage) -> None:
    assert decode_policy(encode_policy(policy)) == policy


@given(states())
def test_state(state: StateMessage) -> None:
    assert decode_state(encode_state(state)) == state


@given(states())
def test_a_state_never_prints_its_keys(state: StateMessage) -> None:
    shown = repr(state)

    for algorithm in (state.aead, state.cipher, state.integrity):
        if algorithm is not None and len(algorithm.key.reveal()) > 16:
            assert algorithm.key.reveal() not in shown


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=40)))
def test_attributes(values: dict[int, bytes]) -> None:
    assert parse_attributes(b"".join(attribute(kind, value) for kind, value in values.items())) == values


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=5))
def test_batch(messages: list[tuple[int, int, bytes]]) -> None:
    batch = pack_batch([Request(kind, flags, payload, "x") for kind, flags, payload in messages], 9)

    answers = list(split_answers(batch))

    assert [(a.kind, a.flags, a.payload) for a in answers] == [(k, f | 1, p) for k, f, p in messages]
    assert [answer.sequence for answer in answers] == list(range(9, 9 + len(messages)))


DECODERS: dict[str, tuple[Callable[[bytes], object], st.SearchStrategy[bytes]]] = {
    "link": (decode_link, link_messages().map(encode_link)),
    "address": (decode_address, address_messages().map(encode_address)),
    "route": (decode_route, route_messages().map(encode_route)),
    "rule": (decode_rule, rules.map(encode_rule)),
    "policy": (decode_policy, policies.map(encode_policy)),
    "state": (decode_state, states().map(encode_state)),
}


@pytest.mark.parametrize("kind", DECODERS)
@given(st.data())
def test_damaged_bytes_are_at_worst_a_value_error(kind: str, data: st.DataObject) -> None:
    decode, encoded = DECODERS[kind]
    damaged = bytearray(data.draw(encoded))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))

    with suppress(ValueError):
        decode(bytes(damaged[:cut]))


def test_refusal_carries_the_kernels_own_sentence() -> None:
    said = attribute(1, b"Unknown device type.\0")
    original = struct.pack("=IHHII", 16, 16, 5, 1, 0)
    payload = struct.pack("=i", -95) + original + said
    header = struct.pack("=IHHII", 16 + len(payload), NLMSG_ERROR, 0x200 | 0x100, 1, 0)

    (answer,) = split_answers(header + payload)

    assert (answer.error, answer.sentence) == (95, "Unknown device type.")
