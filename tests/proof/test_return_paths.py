"""Whether a reverse path filter may stop what liveness needs: who comes in there is known, or taken to fit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from setups import FAR_LAN, WEST_WAN, canonical, lan, wan

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan, Route, Sysctl
from sapper.proof.enumeration import enumerate_all
from sapper.proof.properties.return_paths import filtered_in_doubt
from sapper.proof.prove import prove

EVERY = canonical(start="trap")
HALF = Prefix.parse("10.1.0.128/25")
WAN_2 = Link(name="eth2", kind="ethernet", addresses=(Attached.parse("198.51.100.10/24"),))
FORTH = Route(prefix=Prefix.host(WEST_WAN), via=Address.parse("198.51.100.1"))


def filtering(*names: str, value: str = "1", **fields: Any) -> Plan:
    settings = tuple(Sysctl(f"net.ipv4.conf.{name}.rp_filter", value) for name in names)
    return msgspec.structs.replace(EVERY, sysctls=settings, **fields)


def routed(*routes: Route) -> dict[str, Any]:
    return {"routes": (*EVERY.routes, *routes)}


@pytest.mark.parametrize(
    ("plan", "doubtful"),
    [
        (filtering(), set()),
        (filtering("eth0", "eth1", "tun0"), set()),
        (filtering("all"), set()),
        (filtering("eth1", **routed(Route(prefix=HALF, link="tun0"))), {"eth1"}),
        (filtering("eth1", value="2", **routed(Route(prefix=HALF, link="tun0"))), set()),
        (filtering("eth1", value="2", **routed(Route(prefix=HALF, kind="blackhole"))), {"eth1"}),
        (filtering("tun0", **routed(Route(prefix=HALF, link="tun0"))), set()),
        (filtering("tun0", **routed(Route(prefix=Prefix.parse("10.2.0.0/25"), link="eth0"))), {"tun0"}),
        (filtering("eth0", links=(*EVERY.links, WAN_2), **routed(FORTH)), {"eth0"}),
        (filtering("eth0", value="2", links=(*EVERY.links, WAN_2), **routed(FORTH)), set()),
        (filtering("eth2", links=(*EVERY.links, WAN_2), **routed(FORTH)), set()),
        (filtering("eth1", links=(wan(), msgspec.structs.replace(lan(), up=False), EVERY.links[2])), set()),
    ],
)
def test_a_filter_is_in_doubt_where_somebody_s_way_back_is_another(plan: Plan, doubtful: set[str]) -> None:
    assert filtered_in_doubt(plan) == doubtful
    said = [made(plan)[0].verdicts["liveness"] for made in (prove, enumerate_all)]
    assert [one.verdict for one in said] == ["unknown" if doubtful else "proved"] * 2
    assert all(("rp_filter" in (one.reason or "")) == bool(doubtful) for one in said)
    assumed = [line for line in said[0].assumptions if "comes in by the interface that leads back" in line]
    assert len(assumed) == bool(plan.sysctls)
    assert FAR_LAN in {route.prefix for route in plan.routes}
