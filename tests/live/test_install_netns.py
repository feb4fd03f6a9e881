"""Install Plans into namespaces of this host and let iproute2 say what is there."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from netns_of_a_test import installed, ip, two_ethernets

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Encapsulating, Link, Plan, Route, Rule, SourceNatRule, Sysctl
from sapper.live.install import install, lower_link, raise_link, sysctl_path
from sapper.live.namespace import (
    inside,
    netlink_inside,
)
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.route import add_route, decode_route, list_routes

pytestmark = pytest.mark.netns

LINKS = (
    Link(name="lo", kind="loopback", addresses=(Attached.parse("10.255.0.1/32"),)),
    Link(
        name="eth0",
        kind="ethernet",
        mtu_bytes=1400,
        addresses=(Attached.parse("192.0.2.1/24"), Attached.parse("2001:db8::1/64")),
    ),
    Link(name="eth1", kind="ethernet", master="br0"),
    Link(name="br0", kind="bridge", addresses=(Attached.parse("10.0.0.1/24"), Attached.parse("fd00::1/64"))),
    Link(
        name="br1", kind="bridge", up=False, addresses=(Attached.parse("10.1.0.1/24"), Attached.parse("fd01::1/64"))
    ),
)
DOWN = (
    Route(prefix=Prefix.parse("10.8.0.0/16"), link="br1"),
    Route(prefix=Prefix.parse("fd08::/48"), link="br1", metric=3),
    Route(prefix=Prefix.parse("10.7.0.0/16"), via=Address.parse("10.1.0.2"), source=Address.parse("10.1.0.1")),
)
PLAN = Plan(
    name="east",
    links=LINKS,
    routes=(
        # The gateway of the first is reached by the second.
        Route(prefix=Prefix.parse("0.0.0.0/0"), via=Address.parse("198.51.100.1"), metric=2),
        Route(prefix=Prefix.parse("198.51.100.1/32"), link="eth0"),
        Route(prefix=Prefix.parse("::/0"), via=Address.parse("2001:db8::fe"), metric=7),
        Route(prefix=Prefix.parse("10.9.0.0/16"), kind="blackhole", metric=250),
        Route(prefix=Prefix.parse("2001:db8:9::/48"), kind="unreachable", table=1000),
        Route(
            prefix=Prefix.parse("10.6.0.0/16"),
            via=Address.parse("203.0.113.7"),
            link="eth0",
            onlink=True,
            table=220,
        ),
        *DOWN,
    ),
    rules=(Rule(220, 220, 4), Rule(221, 1000, 6), Rule(32766, 254, 4)),
    sysctls=(
        Sysctl("net.ipv4.ip_forward", "1"),
        Sysctl("net.ipv4.conf.br1.rp_filter", "2"),
        Sysctl("net.ipv4.conf.eth0.rp_filter", "1"),
    ),
)


@pytest.fixture
def east() -> Iterator[str]:
    with two_ethernets() as name:
        yield name


def routes(name: str) -> set[tuple[Any, ...]]:
    """Static routes as iproute2 shows them: type, prefix, gateway, device, metric, table."""
    found = set()
    for family in ("-4", "-6"):
        for route in ip(name, family, "route", "show", "table", "all"):
            if route.get("protocol") == "static":
                words = (route.get("type", "unicast"), route["dst"], route.get("gateway"))
                device = None if words[0] != "unicast" else route["dev"]
                found.add((*words, device, route.get("metric", 0), route.get("table", "main")))
    return found


ALWAYS = {
    ("unicast", "default", "198.51.100.1", "eth0", 2, "main"),
    ("unicast", "198.51.100.1", None, "eth0", 0, "main"),
    ("unicast", "default", "2001:db8::fe", "eth0", 7, "main"),
    ("blackhole", "10.9.0.0/16", None, None, 250, "main"),
    ("unreachable", "2001:db8:9::/48", None, None, 1024, "1000"),
    ("unicast", "10.6.0.0/16", "203.0.113.7", "eth0", 0, "220"),
}
RAISED = {
    ("unicast", "10.8.0.0/16", None, "br1", 0, "main"),
    ("unicast", "fd08::/48", None, "br1", 3, "main"),
    ("unicast", "10.7.0.0/16", "10.1.0.2", "br1", 0, "main"),
}


def test_links_and_addresses(east: str) -> None:
    installed(east, PLAN)

    for link in LINKS:
        (shown,) = ip(east, "addr", "show", "dev", link.name)
        addresses = {f"{a['local']}/{a['prefixlen']}": a for a in shown["addr_info"] if a["scope"] == "global"}
        assert addresses.keys() == {str(attached) for attached in link.addresses}
        assert all("tentative" not in address for address in addresses.values())
        assert ("UP" in shown["flags"]) == link.up
        assert shown.get("master") == link.master
        assert link.mtu_bytes in (None, shown["mtu"])


def test_routes_wait_for_their_link_come_with_it_and_go_with_it(east: str) -> None:
    waiting = installed(east, PLAN)
    assert sorted(map(str, waiting)) == sorted(map(str, DOWN))
    assert routes(east) == ALWAYS

    with inside(east), NetlinkConnection.open() as connection:
        for _ in range(2):
            assert raise_link(PLAN, "br1", connection) == []
            assert raise_link(PLAN, "br1", connection) == []
            assert routes(east) == ALWAYS | RAISED
            lower_link(PLAN, "br1", connection)
            assert routes(east) == ALWAYS


def test_our_own_dump_lists_the_same_routes(east: str) -> None:
    installed(east, PLAN)
    with netlink_inside(east) as connection:
        families: tuple[Any, ...] = (4, 6)
        ours = [decode_route(a.payload) for family in families for a in connection.dump(list_routes(family))]

    assert {(str(route.prefix), route.table) for route in ours if route.protocol == 4} == {
        ("0.0.0.0/0", 254),
        ("198.51.100.1/32", 254),
        ("::/0", 254),
        ("10.9.0.0/16", 254),
        ("2001:db8:9::/48", 1000),
        ("10.6.0.0/16", 220),
    }


def test_thousands_of_routes(east: str) -> None:
    many = tuple(Route(prefix=Prefix(4, 0x0A000000 + (n << 8), 24), kind="blackhole") for n in range(4000))
    plan = Plan(name="many", routes=many)

    assert installed(east, plan) == []
    with netlink_inside(east) as connection:
        ours = [decode_route(answer.payload) for answer in connection.dump(list_routes(4))]
        again = connection.attempt(add_route(route, None) for route in many)
    assert {route.prefix for route in ours if route.protocol == 4} == {route.prefix for route in many}
    assert [refusal.errno for _, refusal in again] == [errno.EEXIST] * len(many)


def test_rules_are_there_once(east: str) -> None:
    installed(east, PLAN)
    v4 = [(rule["priority"], rule["table"]) for rule in ip(east, "rule", "show")]
    v6 = [(rule["priority"], rule["table"]) for rule in ip(east, "-6", "rule", "show")]

    assert v4 == [(0, "local"), (220, "220"), (32766, "main"), (32767, "default")]
    assert v6 == [(0, "local"), (221, "1000"), (32766, "main")]


def test_sysctls_of_this_namespace_only(east: str) -> None:
    outside = Path("/proc/sys/net/ipv4/ip_forward").read_text()
    installed(east, PLAN)

    with inside(east):
        for sysctl in PLAN.sysctls:
            assert sysctl_path(sysctl.name, PLAN).read_text().strip() == sysctl.value
    assert Path("/proc/sys/net/ipv4/ip_forward").read_text() == outside


def one(link: Link, **more: Any) -> Plan:
    return Plan(name="one", links=(link,), **more)


GRE = Link(
    name="tun0",
    kind="gre",
    encapsulating=Encapsulating(protocol=47, local=Address.parse("2001:db8::1"), remote=None),
)
REFUSALS = [
    (one(Link(name="eth9", kind="ethernet")), "link eth9: No such device"),
    (one(Link(name="eth9.5", kind="vlan", parent="eth9", vlan=5)), "link eth9.5: there is no link eth9"),
    (one(Link(name="eth0.5", kind="vlan", parent="eth0")), "link eth0.5: a VLAN without"),
    (one(Link(name="eth0", kind="bridge")), "link eth0: File exists"),
    (one(GRE), "link tun0: 2001:db8::1 cannot be the end of a tunnel over IPv4"),
    (Plan(name="one", routes=(Route(prefix=Prefix.everything(4), link="tun7"),)), "link tun7: No such device"),
    (Plan(name="one", sysctls=(Sysctl("net.ipv4.no_such", "1"),)), "sysctl net.ipv4.no_such: No such file"),
    (
        Plan(name="one", source_nat=(SourceNatRule(number=5, action="masquerade", unmodelled=("x",)),)),
        "source NAT: source NAT rule 5 has a match",
    ),
    (
        one(Link(name="eth0", kind="ethernet", mtu_bytes=1000, addresses=(Attached.parse("2001:db8::1/64"),))),
        "address 2001:db8::1/64 on link eth0: ",
    ),
    (
        Plan(
            name="one",
            routes=(
                Route(prefix=Prefix.everything(4), kind="blackhole"),
                Route(prefix=Prefix.everything(4), kind="unreachable"),
            ),
        ),
        "route unreachable 0.0.0.0/0: File exists",
    ),
]


@pytest.mark.parametrize(("plan", "line"), REFUSALS, ids=[line for _, line in REFUSALS])
def test_a_refusal_is_one_line_that_names_the_object(east: str, plan: Plan, line: str) -> None:
    with pytest.raises(KernelRefused) as caught:
        installed(east, plan)

    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_existing_links_are_not_created(east: str) -> None:
    ip(east, "link", "add", "br0", "type", "bridge")
    plan = one(Link(name="br0", kind="bridge", addresses=(Attached.parse("10.0.0.1/24"),)))

    with inside(east), NetlinkConnection.open() as connection:
        assert install(plan, connection, existing=frozenset({"br0"})) == []
    assert "UP" in ip(east, "link", "show", "br0")[0]["flags"]
