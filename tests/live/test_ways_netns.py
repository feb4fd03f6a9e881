"""Several ways of one distance over links that come and go, on this host's kernel, as iproute2 shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from netns_of_a_test import installed, ip, two_ethernets

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan, Route
from sapper.live.install import lower_link, raise_link
from sapper.live.namespace import netlink_inside
from sapper.live.netlink.route import decode_route, list_routes

pytestmark = pytest.mark.netns

V4, V6 = Prefix.parse("10.9.0.0/16"), Prefix.parse("fd09::/48")


def bridge(name: str, number: int) -> Link:
    addresses = (Attached.parse(f"10.{number}.0.1/24"), Attached.parse(f"fd00:{number}::1/64"))
    return Link(name=name, kind="bridge", up=False, addresses=addresses)


PLAN = Plan(
    name="east",
    links=(Link(name="eth0", kind="ethernet"), bridge("br1", 1), bridge("br2", 2)),
    routes=(
        Route(prefix=V4, link="br1", metric=5),
        Route(prefix=V4, via=Address.parse("10.2.0.2"), metric=5),
        Route(prefix=V4, kind="unreachable", metric=254),
        Route(prefix=V6, via=Address.parse("fd00:1::2"), metric=5),
        Route(prefix=V6, via=Address.parse("fd00:2::2"), metric=5),
        Route(prefix=Prefix.parse("10.10.0.0/16"), link="br1", metric=1),
    ),
)


@pytest.fixture
def east() -> Iterator[str]:
    with two_ethernets() as name:
        yield name


def ways(name: str) -> tuple[set[str], set[str]]:
    """The devices that each of the two prefixes is reached by; a next hop that the kernel calls dead is none."""
    found: list[set[str]] = []
    for family, prefix in (("-4", V4), ("-6", V6)):
        devices: set[str] = set()
        for route in ip(name, family, "route", "show", "to", str(prefix)):
            hops: list[dict[str, Any]] = route.get("nexthops", [route] if "dev" in route else [])
            devices |= {hop["dev"] for hop in hops if "dead" not in hop.get("flags", [])}
        found.append(devices - {"lo"})
    return found[0], found[1]


def test_each_link_brings_its_way_and_takes_it_along(east: str) -> None:
    waiting = installed(east, PLAN)

    assert len(waiting) == 5
    with netlink_inside(east) as connection:
        assert ways(east) == (set(), set())
        raise_link(PLAN, "br1", connection)
        assert ways(east) == ({"br1"}, {"br1"})
        raise_link(PLAN, "br2", connection)
        assert ways(east) == ({"br1", "br2"}, {"br1", "br2"})
        raise_link(PLAN, "br2", connection)
        assert ways(east) == ({"br1", "br2"}, {"br1", "br2"})
        lower_link(PLAN, "br1", connection)
        assert ways(east) == ({"br2"}, {"br2"})
        raise_link(PLAN, "br1", connection)
        assert ways(east) == ({"br1", "br2"}, {"br1", "br2"})


def test_only_the_ways_of_that_link_are_still_waiting(east: str) -> None:
    installed(east, PLAN)

    with netlink_inside(east) as connection:
        assert raise_link(PLAN, "br1", connection) == []


def test_the_kernels_list_of_next_hops_is_read(east: str) -> None:
    installed(east, PLAN)

    with netlink_inside(east) as connection:
        for name in ("br1", "br2"):
            raise_link(PLAN, name, connection)
        routes = [decode_route(answer.payload) for answer in connection.dump(list_routes(4))]

    (route,) = [route for route in routes if route.prefix == V4 and route.metric == 5]
    assert [way.via for way in route.ways] == [None, Address.parse("10.2.0.2")]


def test_three_ways_are_three(east: str) -> None:
    links = tuple(msgspec.structs.replace(bridge(f"br{n}", n), up=True) for n in (1, 2, 3))
    routes = [Route(prefix=V4, via=Address.parse(f"10.{n}.0.2"), metric=5) for n in (1, 2, 3)]
    routes += [Route(prefix=V6, via=Address.parse(f"fd00:{n}::2"), metric=5) for n in (1, 2, 3)]

    assert installed(east, Plan(name="east", links=links, routes=tuple(routes))) == []
    assert ways(east) == ({"br1", "br2", "br3"}, {"br1", "br2", "br3"})
