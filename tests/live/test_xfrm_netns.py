"""Policies and larval states on this host's kernel, which has XFRM even where it has no ESP."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress

import pytest
from netns_of_a_test import installed, two_ethernets

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.live.namespace import (
    netlink_inside,
    socket_inside,
)
from sapper.live.netlink.connection import NETLINK_XFRM
from sapper.live.netlink.policy import (
    PolicyMessage,
    Template,
    add_policy,
    decode_policy,
    flush_policies,
    list_policies,
)
from sapper.live.netlink.state import StateMessage, decode_state, flush_states, list_states
from sapper.live.netlink.xfrm import XfrmSelector

pytestmark = pytest.mark.netns
ADDRESSED = Plan(
    name="one", links=(Link(name="eth0", kind="ethernet", addresses=(Attached.parse("192.0.2.1/24"),)),)
)


@pytest.fixture
def east() -> Iterator[str]:
    with two_ethernets() as name:
        yield name


SELECTORS = [
    XfrmSelector(source=Prefix.parse(f"10.{n}.0.0/16"), destination=Prefix.parse("10.2.0.0/24"), protocol=47)
    for n in range(3, 253)
] + [
    XfrmSelector(source=Prefix.parse("2001:db8:1::/48"), destination=Prefix.parse("2001:db8:2::/48")),
    XfrmSelector(
        source=Prefix.parse("10.1.0.0/16"),
        destination=Prefix.parse("10.2.0.0/24"),
        protocol=17,
        source_port=500,
        source_port_mask=65535,
        destination_port=4500,
        destination_port_mask=65535,
    ),
]


def test_policies_are_read_back_and_flushed(east: str) -> None:
    ends = {
        4: (Address.parse("192.0.2.1"), Address.parse("192.0.2.2")),
        6: (Address.parse("2001:db8::1"), Address.parse("2001:db8::2")),
    }
    wanted = [
        PolicyMessage(
            selector=selector,
            direction="out",
            priority=number,
            if_id=number,
            block=number == 7,
            templates=(
                Template(
                    source=ends[selector.source.family][0],
                    destination=ends[selector.source.family][1],
                    reqid=number,
                    mode="transport" if number % 2 else "tunnel",
                    optional=number == 5,
                ),
            ),
        )
        for number, selector in enumerate(SELECTORS, 1)
    ]
    with netlink_inside(east, NETLINK_XFRM) as connection:
        connection.send(map(add_policy, wanted))
        found = [decode_policy(answer.payload) for answer in connection.dump(list_policies())]
        shown = subprocess.run(
            ["ip", "-n", east, "xfrm", "policy"], capture_output=True, text=True, check=True
        ).stdout
        connection.send([flush_policies(), flush_states()])
        left = connection.dump(list_policies()) + connection.dump(list_states())

    def unnumbered(policy: PolicyMessage) -> PolicyMessage:
        return PolicyMessage(
            **{name: getattr(policy, name) for name in policy.__struct_fields__ if name != "index"}
        )

    assert sorted(map(repr, map(unnumbered, found))) == sorted(map(repr, wanted))
    assert shown.count("dir out") == len(wanted)
    assert "action block" in shown
    assert "src 10.1.0.0/16 dst 10.2.0.0/24 proto udp sport 500 dport 4500" in shown
    assert shown.count("level use") == 1
    assert left == []


def test_a_packet_that_meets_a_policy_leaves_a_larval_state(east: str) -> None:
    installed(east, ADDRESSED)
    far = Address.parse("192.0.2.2")
    selector = XfrmSelector(source=Prefix.parse("192.0.2.1/32"), destination=Prefix.host(far))
    template = Template(source=Address.parse("192.0.2.1"), destination=far, reqid=3, mode="transport")
    # The kernel makes a larval state only if somebody listens for acquires, which is multicast group 1 of XFRM.
    with (
        netlink_inside(east, NETLINK_XFRM) as connection,
        socket_inside(east, socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as listener,
    ):
        listener.bind((0, 1))
        connection.send([add_policy(PolicyMessage(selector=selector, direction="out", templates=(template,)))])
        with socket_inside(east, socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            with suppress(BlockingIOError):
                sender.sendto(b"x", (str(far), 9))
        states = [decode_state(answer.payload) for answer in connection.dump(list_states())]

    assert [(s.larval, s.destination, s.reqid, s.mode) for s in states] == [(True, far, 3, "transport")]
    assert isinstance(states[0], StateMessage)
