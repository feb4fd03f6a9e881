"""pyroute2 reads the bytes that we write, and names the same things."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from device_strategies import vxlan_headers
from guest_links import PLANS
from hypothesis import given
from hypothesis import strategies as st
from netlink_strategies import addresses, families, link_messages, prefixes, rules, tunnels, u32
from pyroute2.netlink.rtnl.fibmsg import fibmsg
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from sapper.address import Address, Attached, Family
from sapper.kernel.plan import Encapsulating, Link, LinkKind, Route, Rule, VxlanHeader
from sapper.live.device import creation
from sapper.live.netlink.address import add_address
from sapper.live.netlink.link import LinkMessage, change_link, create_link, create_veth
from sapper.live.netlink.message import Request, pack_batch
from sapper.live.netlink.route import add_route
from sapper.live.netlink.rule import add_rule

NAMES = {"ipip": "IPIP", "sit": "SIT", "ip6tnl": "IP6TNL", "ip6gre": "IP6GRE", "ip6gretap": "IP6GRE"}


def read(reader: Any, request: Request) -> Any:
    message = reader(pack_batch([request], 1))
    message.decode()
    return message


def swapped(value: int) -> int:
    return int.from_bytes(value.to_bytes(2, "little"), "big")


# pyroute2 has no ERSPAN; the guest's iproute2 judges it.
@given(tunnels().filter(lambda drawn: "erspan" not in drawn[0]))
def test_tunnels(tunnel: tuple[LinkKind, Encapsulating]) -> None:
    kind, outer = tunnel
    link = Link(name="tun0", kind=kind, encapsulating=outer)
    info = read(ifinfmsg, create_link(creation(link, {"eth0": 7}))).get_attr("IFLA_LINKINFO")
    data = info.get_attr("IFLA_INFO_DATA")
    anything = "::" if kind.startswith("ip6") else "0.0.0.0"

    def field(name: str) -> Any:
        return data.get_attr(f"IFLA_{NAMES.get(kind, 'GRE')}_{name}")

    assert info.get_attr("IFLA_INFO_KIND") == kind
    assert field("LOCAL") == str(outer.local or anything)
    assert field("REMOTE") == str(outer.remote or anything)
    assert field("LINK") == (7 if outer.link else None)
    assert field("TTL") == outer.ttl
    if outer.protocol == 47:
        # pyroute2 takes the flags of ip6gre for host order, which they are not (net/ipv6/ip6_gre.c: __be16).
        flags = field("OFLAGS") if kind in ("gre", "gretap") else swapped(field("OFLAGS"))
        assert flags == (0x2000 if outer.key is not None else 0) + 0x1000 * outer.sequence
        assert field("IKEY") == field("OKEY") == (outer.key or 0)
    else:
        assert field("PROTO") == outer.protocol
    if kind.startswith("ip6"):
        assert field("FLAGS") == (outer.encaplimit is None) + 2 * outer.tos_inherit + 4 * (outer.flow_label is None)
        assert field("ENCAP_LIMIT") == (outer.encaplimit or 0)
    else:
        assert field("TOS") == outer.tos + outer.tos_inherit
        assert field("PMTUDISC") == int(outer.pmtu_discovery)


@given(vxlan_headers())
def test_vxlan(header: VxlanHeader) -> None:
    link = Link(name="vxlan0", kind="vxlan", vxlan=header)
    info = read(ifinfmsg, create_link(creation(link, {"eth0": 7}))).get_attr("IFLA_LINKINFO")
    data = info.get_attr("IFLA_INFO_DATA")
    far = header.group or next(iter(header.remotes), None)
    six = "6" if far is not None and far.family == 6 else ""

    assert info.get_attr("IFLA_INFO_KIND") == "vxlan"
    assert data.get_attr("IFLA_VXLAN_ID") == header.vni
    assert data.get_attr(f"IFLA_VXLAN_GROUP{six}") == (None if far is None else str(far))
    assert data.get_attr("IFLA_VXLAN_LINK") == (7 if header.link else None)
    assert data.get_attr("IFLA_VXLAN_PORT") == header.port
    assert data.get_attr("IFLA_VXLAN_TTL") == header.ttl
    assert data.get_attr("IFLA_VXLAN_TOS") == (1 if header.tos is None else header.tos)
    assert data.get_attr("IFLA_VXLAN_LEARNING") == int(header.learning)


@given(link_messages())
def test_links(message: LinkMessage) -> None:
    seen = read(ifinfmsg, change_link(message, "x"))

    assert (seen["index"], seen["flags"], seen["change"]) == (message.index, message.flags, message.change)
    assert seen.get_attr("IFLA_IFNAME") == message.name
    assert seen.get_attr("IFLA_MTU") == message.mtu_bytes
    assert seen.get_attr("IFLA_MASTER") == message.master
    assert seen.get_attr("IFLA_LINK") == message.below


def test_veth_peer() -> None:
    seen = read(ifinfmsg, create_veth("eth0", "eth1", netns_fd=3, peer_netns_fd=4))
    peer = seen.get_attr("IFLA_LINKINFO").get_attr("IFLA_INFO_DATA").get_attr("VETH_INFO_PEER")

    assert (seen.get_attr("IFLA_IFNAME"), seen.get_attr("IFLA_NET_NS_FD")) == ("eth0", 3)
    assert (peer.get_attr("IFLA_IFNAME"), peer.get_attr("IFLA_NET_NS_FD")) == ("eth1", 4)


@given(st.data(), families, st.sampled_from(("unicast", "blackhole", "unreachable")), st.booleans())
def test_routes(data: st.DataObject, family: Family, kind: Any, onlink: bool) -> None:
    via = data.draw(st.none() | addresses(family)) if kind == "unicast" else None
    route = Route(
        prefix=data.draw(prefixes(family)),
        kind=kind,
        via=via,
        source=data.draw(st.none() | addresses(family)),
        metric=data.draw(u32),
        table=data.draw(st.integers(1, 0xFFFFFFFF)),
        onlink=onlink,
    )
    seen = read(rtmsg, add_route(route, 7 if kind == "unicast" else None))

    assert seen["family"] == (socket.AF_INET if family == 4 else socket.AF_INET6)
    assert seen["dst_len"] == route.prefix.length
    assert seen.get_attr("RTA_DST") == (str(route.prefix.network) if route.prefix.length else None)
    assert seen.get_attr("RTA_GATEWAY") == (str(via) if via else None)
    assert seen.get_attr("RTA_OIF") == (7 if kind == "unicast" else None)
    assert seen.get_attr("RTA_PREFSRC") == (str(route.source) if route.source else None)
    assert (seen.get_attr("RTA_PRIORITY") or 0) == route.metric
    assert seen.get_attr("RTA_TABLE") == route.table
    assert seen["type"] == {"unicast": 1, "blackhole": 6, "unreachable": 7}[kind]
    assert seen["flags"] == (4 if onlink else 0)
    assert seen["scope"] == (253 if kind == "unicast" and via is None and family == 4 else 0)


@given(rules)
def test_rules(rule: Rule) -> None:
    seen = read(fibmsg, add_rule(rule))

    assert (seen.get_attr("FRA_PRIORITY"), seen.get_attr("FRA_TABLE")) == (rule.priority, rule.table)
    assert seen.get_attr("FRA_FWMARK") == rule.mark
    assert (seen["family"], seen["action"]) == (socket.AF_INET if rule.family == 4 else socket.AF_INET6, 1)


@pytest.mark.parametrize("text", ["192.0.2.1/24", "192.0.2.1/32", "127.0.0.2/8", "2001:db8::1/64"])
def test_addresses(text: str) -> None:
    attached = Attached.parse(text)
    seen = read(ifaddrmsg, add_address(3, "eth0", attached))

    assert Attached(Address.parse(seen.get_attr("IFA_LOCAL")), seen["prefixlen"]) == attached
    assert seen.get_attr("IFA_BROADCAST") == (
        "192.0.2.255" if text.endswith(".1/24") else "127.255.255.255" if text.endswith("/8") else None
    )
    assert seen.get_attr("IFA_FLAGS") == (2 if ":" in text else 0)
    assert seen["scope"] == (254 if text.startswith("127.") else 0)


def test_multicast_is_what_the_plan_says() -> None:
    for plan, flags in (("gre", (0, 4096)), ("gre-link", (4096, 4096)), ("dummy", (0, 4096)), ("xfrm", (0, 0))):
        link = PLANS[plan].links[-1]
        seen = read(ifinfmsg, create_link(creation(link, {"eth0": 2})))
        assert (seen["flags"], seen["change"]) == flags
