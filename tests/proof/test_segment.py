"""A tunnel on layer 2: no-bypass is decided where its bridge leads nowhere else, by all three ways of proving."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from setups import EAST_WAN, WEST_WAN, canonical, default_route, lan, tunnel, wan

from sapper.address import Attached, Prefix
from sapper.certificate.check import hold_against
from sapper.certificate.given import Router
from sapper.certificate.write import certificate_of
from sapper.kernel.plan import Link, Plan, Route
from sapper.model.stated import Stated
from sapper.proof.enumeration import enumerate_all
from sapper.proof.facts.segment import closed_segments
from sapper.proof.prove import prove
from sapper.rules import leak114_second_port
from sapper.rules.check import check_end

BRIDGE = Link(name="br0", kind="bridge")
PORT = msgspec.structs.replace(lan(), addresses=(), master="br0")
TUNNEL = msgspec.structs.replace(tunnel(EAST_WAN, WEST_WAN, "gretap"), addresses=(), master="br0")
SECOND = Link(name="eth2", kind="ethernet", master="br0")
PROVIDERS = Link(name="pppoe0", kind="pppoe", dynamic=True)


def changed(plan: Plan, **fields: Any) -> Plan:
    return msgspec.structs.replace(plan, **fields)


def bridged(*more: Link, bridge: Link = BRIDGE, port: Link = PORT, routes: tuple[Route, ...] = ()) -> Plan:
    return changed(canonical(), links=(wan(), bridge, port, TUNNEL, *more), routes=(default_route(), *routes))


def said(plan: Plan) -> str:
    """Of no-bypass, by the sets; the reference has to say the same, and a certificate to hold."""
    found = [
        {name: one.verdict for name, one in verdicts.verdicts.items()}
        for verdicts in (prove(plan)[0], enumerate_all(plan)[0])
    ]
    assert found[0] == found[1]
    given = [Router("east", plan)]
    hold_against(certificate_of(given, (), None, "model", "0"), given)
    return found[0]["no-bypass"]


def with_fields(link: Link, **fields: Any) -> Link:
    return msgspec.structs.replace(link, **fields)


@pytest.mark.parametrize(
    "plan",
    [
        bridged(),
        changed(bridged(SECOND), stated=Stated(trusted=("eth2",))),
        changed(bridged(with_fields(SECOND, kind="vlan", parent="eth9", vlan=5)), stated=Stated(trusted=("eth2",))),
        bridged(Link(name="eth1.7", kind="vlan", parent="eth1", vlan=7)),
    ],
    ids=["one port", "a second port that is trusted", "a trusted VLAN as a port", "a VLAN beside a port"],
)
def test_a_bridge_that_leads_nowhere_else_bypasses_nothing(plan: Plan) -> None:
    assert said(plan) == "proved"


@pytest.mark.parametrize(
    "plan",
    [
        bridged(with_fields(SECOND, dynamic=True)),
        bridged(with_fields(SECOND, addresses=(Attached.parse("10.9.0.1/24"),))),
        bridged(with_fields(SECOND, kind="vxlan")),
        bridged(with_fields(TUNNEL, name="tun1")),
        bridged(with_fields(PROVIDERS, parent="eth1")),
        bridged(bridge=with_fields(BRIDGE, addresses=(Attached.parse("10.1.0.1/24"),))),
        bridged(bridge=with_fields(BRIDGE, dynamic=True)),
        bridged(Link(name="br0.7", kind="vlan", parent="br0", vlan=7)),
        bridged(routes=(Route(prefix=Prefix.parse("10.7.0.0/16"), link="br0"),)),
        changed(bridged(), gaps=("interfaces ethernet eth1 mirror",)),
    ],
    ids=[
        "a port with DHCP", "a port with an address", "another tunnel on layer 2", "a second GRE tunnel",
        "the provider's line on a port", "the bridge has an address", "the bridge has DHCP", "a VLAN of the bridge",
        "a route by the bridge", "a gap",
    ],
)  # fmt: skip
def test_of_any_other_bridge_nothing_is_said(plan: Plan) -> None:
    plan = changed(plan, stated=Stated(trusted=("eth2",)))  # a second port alone is not the reason
    assert closed_segments(plan) == frozenset()
    assert prove(plan)[0].verdicts["no-bypass"].verdict == "unknown"
    assert enumerate_all(plan)[0].verdicts["no-bypass"].verdict == "unknown"


@pytest.mark.parametrize("trusted", [(), ("eth0", "tun0")])
def test_a_second_port_may_be_the_providers(trusted: tuple[str, ...]) -> None:
    plan = changed(bridged(SECOND), stated=Stated(trusted=trusted))

    assert closed_segments(plan) == frozenset()
    assert said(plan) == "unknown"


def test_a_port_that_carries_a_tunnel_leads_outside() -> None:
    assert TUNNEL.encapsulating is not None
    bound = with_fields(TUNNEL, encapsulating=msgspec.structs.replace(TUNNEL.encapsulating, link="eth1"))
    plan = changed(canonical(), links=(wan(), BRIDGE, PORT, bound), routes=(default_route(),))

    assert closed_segments(plan) == frozenset()


def test_the_examples_of_the_rule_are_told_apart() -> None:
    rule = leak114_second_port.RULE
    bad, good = (check_end(text, "east.set").report for text in (rule.bad, rule.good))

    assert "LEAK114" in {finding.code for finding in bad.findings}
    assert [one.verdict for one in good.tunnels[0].verdicts.values()] == ["proved"] * 4
    assert bad.tunnels[0].verdicts["no-bypass"].verdict == "unknown"
