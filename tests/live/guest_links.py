"""Every kind of link that install() can create, as Plans, and the agent that installs them in a guest.

The agent answers, for each Plan, what ``ip -d -j link`` shows and the bytes of the kernel's own answer, so that the
test compares both with the Plan. Most hosts lack these kinds, so it is the guest's kernel that judges.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Encapsulating, Link, LinkKind, Plan, Route, SourceNatRule, Sysctl
from sapper.live import nftables
from sapper.live.install import install, lower_link, raise_link
from sapper.live.namespace import create_namespace, delete_namespace, inside, open_namespace
from sapper.live.netlink.connection import NETLINK_XFRM, KernelRefused, NetlinkConnection
from sapper.live.netlink.link import create_veth, list_links
from sapper.live.netlink.state import Algorithm, StateMessage, add_state, flush_states, list_states
from sapper.live.netlink.xfrm import XfrmSelector
from sapper.secret import Secret

NAMESPACE = "sapper-links"
V4 = (Address.parse("192.0.2.1"), Address.parse("192.0.2.2"))
V6 = (Address.parse("2001:db8::1"), Address.parse("2001:db8::2"))
NAT = (
    SourceNatRule(number=10, action="accept", out_link="eth0", destination=Prefix.parse("10.2.0.0/24")),
    SourceNatRule(number=20, action="accept", out_link="eth0", protocol=47, negated=frozenset({"protocol"})),
    SourceNatRule(number=30, action="snat", source=Prefix.parse("10.3.0.0/24"), to=Address.parse("192.0.2.9")),
    SourceNatRule(number=40, action="masquerade", out_link="eth0", negated=frozenset({"outbound"})),
    SourceNatRule(number=50, action="masquerade", source=Prefix.parse("2001:db8:1::/48")),
)


def tunnel(kind: LinkKind, protocol: int, name: str = "tun0", **more: Any) -> Plan:
    """A Plan with one tunnel; ``more`` are fields of Encapsulating, ``mtu`` and ``multicast`` of the link."""
    mtu, multicast = more.pop("mtu", 1400), more.pop("multicast", False)
    local, remote = V6 if kind.startswith("ip6") else V4
    outer = Encapsulating(**{"protocol": protocol, "local": local, "remote": remote, **more})
    link = Link(
        name=name, kind=kind, mtu_bytes=mtu, multicast=multicast, addresses=INNER[kind], encapsulating=outer
    )
    return Plan(name="one", links=(ETHERNET, link))


ETHERNET = Link(name="eth0", kind="ethernet", addresses=(Attached(V4[0], 24), Attached(V6[0], 64)))
BOTH = (Attached.parse("10.0.0.1/29"), Attached.parse("fd00::1/64"))
INNER = {
    "gre": BOTH,
    "gretap": BOTH,
    "ip6gre": BOTH,
    "ip6gretap": BOTH,
    "ipip": BOTH[:1],
    "sit": BOTH[1:],
    "ip6tnl": BOTH,
}

STATES = (
    StateMessage(
        source=V4[0],
        destination=V4[1],
        spi=0xC0FFEE01,
        reqid=3,
        mode="transport",
        selector=XfrmSelector(
            source=Prefix.host(V4[0]),
            destination=Prefix.host(V4[1]),
            protocol=17,
            source_port=7,
            source_port_mask=65535,
        ),
        if_id=1,
        hard_s=3600,
        replay_window=32,
        aead=Algorithm("rfc4106(gcm(aes))", Secret("a1" * 20), 128),
    ),
    StateMessage(
        source=V4[1],
        destination=V4[0],
        spi=0xC0FFEE02,
        reqid=4,
        selector=XfrmSelector(source=Prefix.everything(4), destination=Prefix.everything(4)),
        udp_ports=(4500, 4501),
        cipher=Algorithm("cbc(aes)", Secret("b2" * 16)),
        integrity=Algorithm("hmac(sha256)", Secret("c3" * 32), 128),
    ),
    StateMessage(
        source=V6[0],
        destination=V6[1],
        spi=0x100,
        flags=32,
        cipher=Algorithm("cbc(aes)", Secret("d4" * 32)),
        integrity=Algorithm("hmac(sha1)", Secret("e5" * 20), 96),
    ),
)

PLANS: dict[str, Plan] = {
    "gre": tunnel("gre", 47),
    "gre-key": tunnel("gre", 47, key=4294967295, ttl=255),
    "gre-key-zero": tunnel("gre", 47, key=0),
    "gre-multipoint": tunnel("gre", 47, remote=None, key=7),
    "gre-link": tunnel("gre", 47, link="eth0", multicast=True),
    "gre-link-only": tunnel("gre", 47, local=None, link="eth0"),
    "gre-ttl-inherit": tunnel("gre", 47, ttl=0, pmtu_discovery=False, tos_inherit=False),
    "gretap": tunnel("gretap", 47, key=5),
    "gretap-ignore-df": tunnel("gretap", 47, ttl=0, pmtu_discovery=False, ignore_df=True),
    "ipip": tunnel("ipip", 4),
    "ipip-ttl-inherit": tunnel("ipip", 4, ttl=0, pmtu_discovery=False, tos_inherit=False, link="eth0"),
    "sit": tunnel("sit", 41),
    "ipip6": tunnel("ip6tnl", 4, payload=4, encaplimit=4),
    "ip6ip6": tunnel("ip6tnl", 41, payload=41, encaplimit=4),
    "ip6ip6-none": tunnel("ip6tnl", 41, payload=41, encaplimit=None, tos_inherit=False, ttl=3, link="eth0"),
    "ip6gre": tunnel("ip6gre", 47, encaplimit=4, key=9),
    "ip6gre-none": tunnel("ip6gre", 47, encaplimit=None, link="eth0"),
    "ip6gretap": tunnel("ip6gretap", 47, encaplimit=4, key=1),
    "xfrm": Plan(
        name="xfrm", links=(Link(name="vti0", kind="xfrm", if_id=1, up=False, mtu_bytes=1400, addresses=BOTH),)
    ),
    "vlan": Plan(
        name="vlan", links=(ETHERNET, Link(name="eth0.5", kind="vlan", parent="eth0", vlan=5, addresses=BOTH))
    ),
    "dummy": Plan(name="dummy", links=(Link(name="dum0", kind="dummy", multicast=False, addresses=BOTH),)),
    "bridge": Plan(
        name="bridge",
        links=(
            ETHERNET,
            Link(name="br0", kind="bridge", addresses=BOTH),
            Link(
                name="tun1",
                kind="gretap",
                master="br0",
                encapsulating=Encapsulating(protocol=47, local=V4[0], remote=V4[1]),
            ),
        ),
        sysctls=(Sysctl("net.ipv4.conf.br0.rp_filter", "2"),),
    ),
    "routes": Plan(
        name="routes",
        links=(ETHERNET, Link(name="vti0", kind="xfrm", if_id=1, up=False, addresses=BOTH)),
        routes=(
            Route(prefix=Prefix.parse("10.2.0.0/24"), link="vti0", metric=1),
            Route(prefix=Prefix.parse("10.2.0.0/24"), kind="unreachable", metric=254),
            Route(prefix=Prefix.parse("10.3.0.0/24"), via=Address.parse("10.0.0.2"), metric=1),
            Route(prefix=Prefix.parse("fd01::/64"), link="vti0", metric=1),
        ),
    ),
    "nat": Plan(name="nat", links=(ETHERNET,), source_nat=NAT),
}


def run(command: str) -> str:
    return subprocess.run(command.split(), capture_output=True, text=True, check=False).stdout


def observe(name: str) -> dict[str, Any]:
    """Install one Plan in a namespace of its own, and report what the kernel then says of it."""
    plan = PLANS[name]
    create_namespace(NAMESPACE)
    descriptor = open_namespace(NAMESPACE)
    try:
        with NetlinkConnection.open() as outside:
            outside.send([create_veth("eth0", "far0", netns_fd=descriptor, peer_netns_fd=descriptor)])
        with inside(NAMESPACE), NetlinkConnection.open() as connection:
            run("ip link set far0 up")
            waiting = install(plan, connection)
            answer = {
                "waiting": [str(route.prefix) for route in waiting],
                "links": json.loads(run("ip -d -j link show")),
                "addresses": json.loads(run("ip -j addr show")),
                "raw": [sent.payload.hex() for sent in connection.dump(list_links())],
                "nat": run("nft -s list ruleset"),
            }
            if name == "routes":
                answer["steps"] = raise_and_lower(plan, connection)
            if name == "xfrm":
                answer |= states()
            if name == "nat":
                nftables.apply(nftables.source_nat(plan.source_nat))
                nftables.apply(nftables.drop_udp_ports({4500, 500}))
                answer["dropping"] = run("nft -s list ruleset")
                nftables.apply(nftables.remove_table("inet", nftables.DROP_TABLE))
                answer["again"] = run("nft -s list ruleset")
            return answer
    finally:
        os.close(descriptor)
        delete_namespace(NAMESPACE)


def states() -> dict[str, Any]:
    """Write the states, and what iproute2 and our own dump then say of them."""
    with NetlinkConnection.open(NETLINK_XFRM) as connection:
        connection.send(map(add_state, STATES))
        shown = run("ip -s xfrm state")
        dumped = [answer.payload.hex() for answer in connection.dump(list_states())]
        connection.send([flush_states()])
        return {"shown": shown, "states": dumped, "left": len(connection.dump(list_states()))}


def raise_and_lower(plan: Plan, connection: NetlinkConnection) -> list[dict[str, Any]]:
    def routes() -> dict[str, Any]:
        return {"v4": json.loads(run("ip -j route show")), "v6": json.loads(run("ip -6 -j route show"))}

    steps = [routes()]
    for _ in range(2):
        assert raise_link(plan, "vti0", connection) == []
        assert raise_link(plan, "vti0", connection) == []
        steps.append(routes())
        lower_link(plan, "vti0", connection)
        steps.append(routes())
    return steps


def main() -> None:
    from sapper.lab.channel import ChannelClosed, LineChannel, open_port

    channel = LineChannel(open_port())
    channel.send({"hello": "links", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
        except ChannelClosed:
            return
        try:
            channel.send(observe(message["plan"]))
        except KernelRefused as refusal:
            channel.send({"refused": str(refusal)})


if __name__ == "__main__":
    main()
