"""Liveness against plain code: what is proved lets every packet through, and what is refuted drops the one that is shown.

``SAPPER_EXAMPLES`` raises the number of routers and draws others each time.
"""

from __future__ import annotations

import os
import re

from brute_alive import established, gets_out, let_pass, through_the_router
from brute_force import Oracle
from brute_kernel import Datagram, ip, net
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from random_plans import plans
from test_second_opinion import short

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan, Selector
from sapper.proof.properties.protected import Entry, entries_of, networks_of
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "60"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
PORTS = re.compile(r" (\d+)→(\d+)")
NUMBERS = {"udp": 17, "tcp": 6, "icmp": 1, "icmpv6": 58, "gre": 47, "ipip": 4, "ipv6": 41, "esp": 50}


def shown(plan: Plan, entry: Entry, what: object) -> str:
    parts = (*plan.links, *plan.routes, *plan.rules, *plan.marks, *plan.source_nat, *plan.connections)
    return "\n".join(["", *map(short, parts), f"{entry.name}: {what}"])


def somewhere(data: st.DataObject, prefix: Prefix) -> Address:
    return Address(prefix.family, data.draw(st.integers(prefix.first, prefix.last)))


def drawn(data: st.DataObject, plan: Plan, entry: Entry) -> Datagram | None:
    """A packet that is meant to go through the entry; None if that one would not pass the router."""
    if entry.link is None:
        local, remote = data.draw(st.sampled_from(entry.flows))
        source, there = ip(somewhere(data, local.prefix)), ip(somewhere(data, remote.prefix))
        if not through_the_router(plan, net(local.prefix), net(remote.prefix), source, there):
            return None
        protocol = local.protocol or remote.protocol or data.draw(st.sampled_from([1, 6, 17]))
        return Datagram(source, there, protocol, port(local, protocol), port(remote, protocol))
    networks = list(networks_of(plan, entry.link))
    if entry.link.kind == "xfrm" or not networks:
        return None
    inside = somewhere(data, data.draw(st.sampled_from(networks)))
    own = next((item.address for item in entry.link.addresses if item.address.family == inside.family), None)
    return Datagram(ip(own) if own else None, ip(inside), 17, 40000, 40000)


def port(selector: Selector, protocol: int) -> int:
    return selector.port or (40000 if protocol in (6, 17) else 0)


def witnessed(verdict: PropertyVerdict) -> Datagram | None:
    """The packet of the witness; None for a frame, or for a protocol that has no name here."""
    assert verdict.witness is not None
    packet = verdict.witness.packet
    if packet.dst == "any":
        return None
    number = NUMBERS.get(packet.protocol) or int(packet.protocol)
    said = PORTS.search(verdict.witness.trace[0]) if verdict.witness.trace else None
    near, far = map(int, said.groups()) if said else (40000, 40000)
    ports = (near, far) if number in (6, 17) else (0, 0)
    return Datagram(ip(packet.src) if packet.src != "any" else None, ip(packet.dst), number, *ports)


def settled(oracle: Oracle) -> bool:
    """Whether the second opinion is sure: nothing went in a circle."""
    return not oracle.circled


@DRAWS
@given(plans(), st.data())
def test_what_is_proved_lets_every_packet_through(plan: Plan, data: st.DataObject) -> None:
    for entry, said in zip(entries_of(plan), prove(plan), strict=True):
        verdict = said.verdicts["liveness"]
        event(f"{verdict.verdict}")
        if verdict.verdict != "proved":
            continue
        for _ in range(4):
            packet = drawn(data, plan, entry)
            oracle = established(plan)
            if packet is None or (entry.link is None and let_pass(oracle, packet)):
                continue
            passes = gets_out(oracle, entry.link.name if entry.link else None, packet)
            assert passes or not settled(oracle), shown(plan, entry, packet)


@DRAWS
@given(plans())
def test_the_packet_that_refutes_does_not_get_through(plan: Plan) -> None:
    for entry, said in zip(entries_of(plan), prove(plan), strict=True):
        verdict = said.verdicts["liveness"]
        if verdict.verdict != "refuted" or verdict.witness is None:
            continue
        packet, oracle = witnessed(verdict), established(plan)
        frame = packet or Datagram(None, ip("10.2.0.9"), 17, 40000, 40000)
        if packet is None and entry.link is not None and entry.link.encapsulating is not None:
            family = 6 if entry.link.kind == "sit" or entry.link.encapsulating.payload == 41 else 4
            frame = frame if family == 4 else Datagram(None, ip("2001:db8:b::9"), 17, 40000, 40000)
        if verdict.witness.wire is not None and verdict.witness.wire.protocol == "esp":
            continue  # encrypted for another peer: the second opinion does not tell peers apart
        lost = not gets_out(oracle, entry.link.name if entry.link else None, frame)
        assert lost or not settled(oracle), shown(plan, entry, verdict)
