"""Plans that loop, nest and overlap: each ends in a verdict, or says that it is too much."""

from __future__ import annotations

import msgspec
import pytest
from setups import canonical, default_route, dummy, lan, wan

from sapper.address import Address, Attached, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, Plan, Route, Selector
from sapper.model.stated import Stated
from sapper.proof.bounds import SHARE_STEPS
from sapper.proof.enumeration import enumerate_all
from sapper.proof.over_sets.prove import TOO_MUCH, Prover
from sapper.proof.prove import prove


def gre(number: int, local: str, remote: str, inside: str) -> Link:
    return Link(
        name=f"tun{number}",
        kind="gre",
        addresses=(Attached.parse(inside),),
        encapsulating=Encapsulating(protocol=47, local=Address.parse(local), remote=Address.parse(remote)),
    )


def nested(depth: int) -> Plan:
    """Each tunnel's far end lies in the network of the next one; the last one is on the WAN."""
    links = [
        gre(number, f"10.{number + 1}.0.1", f"10.{number + 1}.0.2", f"10.{number}.0.1/24")
        for number in range(1, depth)
    ]
    links.append(gre(depth, "192.0.2.10", "203.0.113.20", f"10.{depth}.0.1/24"))
    plan = canonical("trap")
    links = [link for link in links if link.name != "tun0"]
    return msgspec.structs.replace(plan, links=(wan(), lan(), *links))


def ring(size: int) -> Plan:
    """Each tunnel's far end is routed into the next one, the last one's into the first."""
    links = [gre(number, "192.0.2.10", f"203.0.113.{number}", f"10.9.{number}.1/30") for number in range(size)]
    routes = [
        Route(prefix=Prefix.parse(f"203.0.113.{number}/32"), link=f"tun{(number + 1) % size}", metric=1)
        for number in range(size)
    ]
    plan = canonical("trap")
    return msgspec.structs.replace(plan, links=(wan(), lan(), *links), routes=(default_route(), *routes))


def into_itself() -> Plan:
    plan = dummy(blackhole=False)
    return msgspec.structs.replace(
        plan, routes=(*plan.routes, Route(prefix=Prefix.parse("10.10.0.2/32"), link="tun0", metric=1))
    )


def lattice(layers: int, width: int) -> Plan:
    """Every layer of tunnels leads over equal routes into each tunnel of the next layer."""
    links, routes = [], []
    for layer in range(layers):
        for at in range(width):
            links.append(
                gre(layer * width + at, f"10.{layer + 1}.{at}.1", f"10.{layer + 1}.{at}.2", f"10.{layer}.{at}.1/24")
            )
            for other in range(width):
                far = Prefix.parse(f"10.{layer + 1}.{at}.2/32")
                routes.append(Route(prefix=far, link=f"tun{(layer + 1) * width + other}", metric=1))
    last = [link.name for link in links]
    routes = [route for route in routes if route.link in last]
    plan = canonical("trap")
    return msgspec.structs.replace(plan, links=(wan(), lan(), *links), routes=(default_route(), *routes))


def overlapping(number: int) -> Plan:
    """Children that all select from one network to networks that hold each other."""
    children = [
        Child(
            name=f"c{at}",
            title=f"c{at}",
            mode="tunnel",
            local_ts=(Selector(Prefix.parse("10.1.0.0/24"), at % 250 + 1),),
            remote_ts=(Selector(Prefix(4, 10 << 24, 8 + at % 8)),),
            esp_proposals=("aes128-sha256",),
            start_action="trap",
        )
        for at in range(number)
    ]
    connections = [
        Connection(
            name=f"peer{at}",
            title=f"peer{at}",
            version=2,
            local_addrs=(Address.parse("192.0.2.10"),),
            remote_addrs=(Address(4, (203 << 24) + at),),
            proposals=("aes128-sha256-modp2048",),
            children=(child,),
        )
        for at, child in enumerate(children)
    ]
    return Plan(name="hub", links=(wan(), lan()), routes=(default_route(),), connections=tuple(connections))


@pytest.mark.parametrize(
    "plan", [nested(3), nested(10), ring(1), ring(2), ring(5), into_itself()],
    ids=["three nested", "ten nested", "ring of one", "ring of two", "ring of five", "into itself"],
)  # fmt: skip
def test_loops_and_nests_end_as_the_enumeration_says(plan: Plan) -> None:
    def words(verdicts: object) -> object:
        return [{name: v.verdict for name, v in item.verdicts.items()} for item in verdicts]  # type: ignore[attr-defined]

    assert words(prove(plan)) == words(enumerate_all(plan))


def test_a_lattice_of_equal_routes_is_given_up_by_name() -> None:
    """4^8 ways from the first layer; from the last one there is one."""
    plan = lattice(9, 4)
    names = tuple(link.name for link in plan.links if link.encapsulating)
    plan = complete(msgspec.structs.replace(plan, stated=Stated(tunnels=names)))
    prover = Prover(plan, limit=5_000, spare=0)
    verdicts = {entry.name: prover.verdicts(entry).verdicts["confidentiality"] for entry in prover.index.entries}
    assert verdicts["tun0"].reason == TOO_MUCH
    assert verdicts["tun35"].verdict == "refuted"


@pytest.mark.parametrize("number", [200])
def test_selectors_that_all_overlap_are_given_up_by_name(number: int) -> None:
    plan = complete(overlapping(number))
    prover = Prover(plan, limit=500, spare=1_000)
    verdicts = [prover.verdicts(entry) for entry in prover.index.entries]
    assert len(verdicts) == number
    assert {item.verdicts["confidentiality"].reason for item in verdicts} == {TOO_MUCH}


def test_who_comes_after_a_greedy_entry_still_has_its_share() -> None:
    plan = complete(overlapping(30))
    prover = Prover(plan, limit=100_000, spare=0)
    verdicts = [prover.verdicts(entry) for entry in prover.index.entries]
    assert prover.walk.steps <= (SHARE_STEPS + 100) * len(verdicts)


def test_a_ring_of_vlans_is_down() -> None:
    ringed = (
        Link(name="eth0.1", kind="vlan", parent="eth0.2", addresses=(Attached.parse("10.7.0.1/24"),)),
        Link(name="eth0.2", kind="vlan", parent="eth0.1"),
    )
    plan = canonical("trap")
    prover = Prover(complete(msgspec.structs.replace(plan, links=(*plan.links, *ringed))))
    assert not prover.index.links.up("eth0.1").holds
