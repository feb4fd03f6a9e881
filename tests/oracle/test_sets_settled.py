"""Small Plans that random ones seldom hit: what only a move of the network, another connection or a binding decides.

Each is proved over sets and by enumeration; what they must say is written down beside it.
"""

from __future__ import annotations

import msgspec
from setups_of_a_hub import WAN, many
from test_sets_against_enumeration import both

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Guard,
    Link,
    Plan,
    Route,
    Selector,
    SourceNatRule,
)
from sapper.proof.prove import prove
from sapper.proof.standing import StandingProof

FAR = Address.parse("203.0.113.0")
ETH1 = Link(name="eth2", kind="ethernet", addresses=(Attached.parse("198.51.100.10/24"),))


def words(plan: Plan, name: str) -> dict[str, str]:
    over_sets, one_by_one = both(plan)
    assert over_sets == one_by_one
    found = next(item for item in prove(plan) if item.name == name)
    return {asked: verdict.verdict for asked, verdict in found.verdicts.items()}


def policy_based(start: str = "trap") -> Connection:
    child = Child(
        name="site-tunnel-0",
        title="site tunnel 0",
        mode="tunnel",
        local_ts=(Selector(Prefix.parse("10.1.0.0/24")),),
        remote_ts=(Selector(Prefix.parse("10.7.0.0/24")),),
        esp_proposals=("aes128-sha256",),
        start_action=start,  # type: ignore[arg-type]
    )
    return Connection(
        name="site",
        title="site",
        version=2,
        local_addrs=(WAN,),
        remote_addrs=(Address.parse("203.0.113.99"),),
        proposals=("aes128-sha256-modp2048",),
        children=(child,),
    )


def test_only_the_other_wan_has_nat() -> None:
    """While the first WAN is up its way out has no NAT; when it is down, NAT takes the packet out of its policy."""
    plan = many(0)
    backup = Route(prefix=Prefix.everything(4), via=Address.parse("198.51.100.1"), metric=20)
    plan = msgspec.structs.replace(
        plan,
        links=(*plan.links, ETH1),
        routes=(*plan.routes, backup),
        connections=(policy_based(),),
        install_routes=False,
        source_nat=(SourceNatRule(number=100, action="masquerade", out_link="eth2"),),
    )
    found = next(item for item in prove(plan) if item.name == "site tunnel 0").verdicts["confidentiality"]
    assert words(plan, "site tunnel 0")["confidentiality"] == "refuted"
    assert "up" in found.failing_states
    plain = msgspec.structs.replace(plan, source_nat=())
    found = next(item for item in prove(plain) if item.name == "site tunnel 0").verdicts["confidentiality"]
    assert "up" not in found.failing_states


def test_what_another_connection_leaves_behind_decides() -> None:
    """The tunnel's packets would leave in clear in `boot` at the latest; a bypass of the other peer lets them in `up`."""
    plan = many(1)
    passing = Child(
        name="bypass",
        title="bypass",
        mode="pass",
        local_ts=(Selector(Prefix.host(WAN)),),
        remote_ts=(Selector(Prefix.host(FAR)),),
        esp_proposals=(),
        start_action="trap",
    )
    other = msgspec.structs.replace(policy_based(), children=(passing,))
    plan = msgspec.structs.replace(plan, connections=(*plan.connections, other))
    found = next(item for item in prove(plan) if item.name == "tun0").verdicts["confidentiality"]
    assert words(plan, "tun0")["confidentiality"] == "refuted"
    assert "up" in found.failing_states


def test_the_other_connection_is_in_a_row_of_its_own() -> None:
    """A trap holds the flow until its SA is there; but another SA that hides nothing takes it meanwhile."""
    plan = many(0)
    readable = msgspec.structs.replace(
        policy_based("none").children[0],
        name="wide-0",
        title="wide 0",
        remote_ts=(Selector(Prefix.parse("10.7.0.0/16")),),
        esp_proposals=("null-sha256",),
        priority=7,
    )
    other = msgspec.structs.replace(policy_based(), name="wide", title="wide", children=(readable,))
    plan = msgspec.structs.replace(plan, connections=(policy_based(), other))
    found = next(item for item in prove(plan) if item.name == "site tunnel 0").verdicts["confidentiality"]
    assert words(plan, "site tunnel 0")["confidentiality"] == "refuted"
    assert "negotiating" in found.failing_states


def test_a_bound_sit_device_takes_nothing_from_elsewhere() -> None:
    plan = many(0)
    outer = Encapsulating(protocol=41, local=WAN, remote=FAR, link="eth0")
    sit = Link(name="tun0", kind="sit", addresses=(Attached.parse("2001:db8:1::1/64"),), encapsulating=outer)
    backup = Route(prefix=Prefix.everything(4), via=Address.parse("198.51.100.1"), metric=20)
    guard = Guard(name="guard", hook="input", family=4, link="eth0", protocol=41)
    plan = msgspec.structs.replace(
        plan,
        links=(*plan.links, ETH1, sit),
        routes=(*plan.routes, backup),
        connections=many(1).connections,
        guards=(guard,),
    )
    assert words(plan, "tun0")["authenticity"] == "proved"
    unbound = msgspec.structs.replace(sit, encapsulating=msgspec.structs.replace(outer, link=None))
    plan = msgspec.structs.replace(plan, links=(*plan.links[:-1], unbound))
    assert words(plan, "tun0")["authenticity"] == "refuted"


def test_a_standing_proof_sees_a_peer_become_a_tunnel_s() -> None:
    plan = many(3)
    spare = msgspec.structs.replace(policy_based(), remote_addrs=(Address.parse("203.0.113.200"),))
    lonely = msgspec.structs.replace(plan.connections[1], children=())
    plan = msgspec.structs.replace(plan, connections=(plan.connections[0], lonely, plan.connections[2], spare))
    standing = StandingProof(plan)
    moved = msgspec.structs.replace(spare, remote_addrs=(Address.parse("203.0.113.1"),))
    plan = msgspec.structs.replace(plan, connections=(*plan.connections[:3], moved))
    again = standing.follow(plan)
    assert "tun1" in again
    assert standing.verdicts == prove(plan)


def test_selectors_for_every_everyday_protocol_leave_the_others_out() -> None:
    """Policies for UDP and ICMP hold neither TCP nor what nobody has heard of."""
    plan = many(0)
    child = policy_based().children[0]
    some = tuple(
        msgspec.structs.replace(
            child,
            name=f"p{number}",
            title=f"p{number}",
            local_ts=(Selector(Prefix.everything(4), number),),
        )
        for number in (17, 1)
    )
    stated = msgspec.structs.replace(plan.stated, protect=(Prefix.parse("10.7.0.0/24"),))
    site = msgspec.structs.replace(policy_based(), children=some)
    plan = msgspec.structs.replace(plan, connections=(site,), stated=stated)
    found = next(item for item in prove(plan) if item.name == "p17").verdicts["no-bypass"]
    assert "up" in found.failing_states
    assert words(plan, "p17")["no-bypass"] == "refuted"
