"""Facts of destination NAT, one small router each: the walk, the sets and the second opinion say what the kernel does.

Then the verdicts that follow, by the proof over sets and by the enumeration. Sources: nf_nat_core.c, ip_forward.c,
xfrm_policy.c (__xfrm_policy_check).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from at_a_point import by_opinion, by_sets, by_walk
from msgspec.structs import replace
from small_router import (
    DEFAULT,
    DELIVERED,
    DROPPED,
    LAN,
    VTI,
    WAN_2,
    Fact,
    child,
    clear,
    east,
    encrypted,
    narrow,
    packet,
    route,
    state,
    tunnel,
    west,
)

from sapper.address import Address, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.plan import DestinationNatRule, Link, MarkRule, Plan, Rule, Sysctl, VxlanHeader
from sapper.proof.enumeration import enumerate_all
from sapper.proof.properties.unwalked import unwalked
from sapper.proof.prove import prove
from sapper.proof.verdict import Property, PropertyVerdict, VerdictWord

UP, BOOT = state("up"), state("boot")
SERVER, ELSEWHERE = "10.1.0.77", "198.51.100.77"
ANYTHING = child("0.0.0.0/0", "0.0.0.0/0", if_id=1, updown="vti0")
BEHIND_VTI = (
    DEFAULT,
    route("10.2.0.0/24", "vti0"),
    route("10.2.0.0/24", kind="unreachable", metric=254),
    route("10.0.9.0/29", kind="unreachable", metric=254),
)


def rule(to: str | None = ELSEWHERE, number: int = 10, **fields: object) -> DestinationNatRule:
    made = DestinationNatRule(number=number, action="dnat", in_link="eth2", to=Address.parse(to) if to else None)
    return replace(made, **fields)


def translating(*rules: DestinationNatRule, plan: Plan | None = None, **more: object) -> Plan:
    return replace(plan or east(), destination_nat=rules, **more)


WHOLE = clear("eth0")
SENT = clear("eth0", destination=ELSEWHERE)
EXEMPT = rule(None, 5, action="accept", destination=Prefix.parse("10.2.0.0/16"))
MARKING: dict[str, Any] = {
    "rules": (Rule(50, 10, 4, 5),),
    "marks": (MarkRule(family=4, mark=5, in_links=("eth2",), destination=Prefix.parse("10.2.0.0/24")),),
}
FACTS: dict[str, Fact] = {
    "a rule sends it elsewhere, or it is an answer": Fact(translating(rule()), BOOT, packet(), WHOLE | SENT),
    "by its own interface only": Fact(translating(rule(in_link="eth0")), BOOT, packet(), WHOLE),
    "what does not match stays": Fact(translating(rule(protocol=17)), BOOT, packet(), WHOLE),
    "a negated match": Fact(
        translating(rule(destination=Prefix.parse("10.2.0.0/24"), negated=frozenset({"destination"}))), BOOT, packet(), WHOLE
    ),
    "the first rule decides": Fact(translating(EXEMPT, rule()), BOOT, packet(), WHOLE),
    "a redirect is for the router": Fact(
        translating(rule(None, action="redirect")), BOOT, packet(), WHOLE | DELIVERED
    ),
    "the reverse path filter asks about a redirected one, too": Fact(
        translating(
            rule(None, action="redirect"), plan=east(sysctls=(Sysctl("net.ipv4.conf.eth2.rp_filter", "1"),))
        ),
        BOOT,
        packet("10.9.0.5"),
        DROPPED,
    ),
    "what the router sends meets no rule": Fact(translating(rule()), BOOT, packet("10.1.0.1"), clear("eth0", "10.1.0.1")),
    "to an address of the router": Fact(translating(rule("192.0.2.10")), BOOT, packet(), WHOLE | DELIVERED),
    "to a host behind the router": Fact(
        translating(rule(SERVER)), BOOT, packet(), WHOLE | clear("eth2", destination=SERVER)
    ),
    "the policy for what is forwarded sees it as it came in": Fact(
        translating(rule(SERVER), plan=east(children=(child("10.2.0.0/24", "10.1.0.0/24"),))), UP, packet(), DROPPED
    ),
    "and not as it goes on": Fact(
        translating(rule("10.3.0.9"), plan=east(children=(child("10.3.0.0/24", "10.1.0.0/24"),))),
        UP,
        packet(),
        WHOLE | clear("eth0", destination="10.3.0.9"),
    ),
    "a mark is by how it came in": Fact(
        translating(
            rule("203.0.113.99"),
            plan=east(WAN_2, routes=(DEFAULT, route("0.0.0.0/0", "198.51.100.1", table=10)), **MARKING),
        ),
        BOOT,
        packet(),
        clear("eth1") | clear("eth1", destination="203.0.113.99"),
    ),
    "it may be sent into another policy": Fact(
        translating(rule("10.3.0.9"), plan=east(children=(child(remote="10.3.0.0/24"),))),
        UP,
        packet(),
        WHOLE | encrypted(),
    ),
    "a router that does not forward still takes what is for itself": Fact(
        translating(rule("192.0.2.10"), plan=east(sysctls=(Sysctl("net.ipv4.ip_forward", "0"),))),
        BOOT,
        packet(),
        DELIVERED | DROPPED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_all_three_say_so(name: str) -> None:
    fact = FACTS[name]
    asked = fact.plan, fact.situation, fact.packet
    assert by_walk(*asked) == fact.ends
    assert by_sets(*asked) == fact.ends
    assert by_opinion(*asked) == fact.ends


PLAIN = east(children=(child(),))
HELD = east(routes=(DEFAULT, route("10.2.0.0/24", kind="unreachable")), children=(child(),))
GRE = east(tunnel(), children=(narrow("192.0.2.10/32", "203.0.113.20/32", 47, mode="transport"),))
SAFE = east(VTI, routes=BEHIND_VTI, children=(ANYTHING,))
HTTPS = rule(SERVER, in_link="eth0", protocol=6, port="443")


class Said(NamedTuple):
    plan: Plan
    asked: Property
    word: VerdictWord
    reason: str = ""


VERDICTS: dict[str, Said] = {
    "without a rule": Said(SAFE, "no-bypass", "proved"),
    "a rule of the WAN is met by nobody behind the router": Said(translating(HTTPS, plan=SAFE), "no-bypass", "proved"),
    "sent to the Internet in clear": Said(translating(rule(), plan=SAFE), "no-bypass", "refuted"),
    "perhaps sent to the Internet": Said(
        translating(rule(port="53"), plan=SAFE), "no-bypass", "unknown", "nat destination rule 10: destination port 53"
    ),
    "by an interface that nobody knows of": Said(
        translating(rule(), plan=replace(SAFE, links=tuple(link for link in SAFE.links if link != LAN))),
        "no-bypass",
        "unknown",
        "whether the packet comes in by eth2",
    ),
    "sent to a host behind the router": Said(translating(rule(SERVER), plan=SAFE), "no-bypass", "proved"),
    "taken by the router": Said(translating(rule(None, action="redirect"), plan=SAFE), "no-bypass", "proved"),
    "to one of several": Said(
        translating(rule(None, action="redirect", unmodelled=("load-balance",)), plan=SAFE),
        "no-bypass",
        "unknown",
        "nat destination rule 10: where it sends the packet",
    ),
    "sent into a protected network": Said(
        translating(rule("10.2.0.5", destination=Prefix.parse("192.0.2.0/24")), plan=SAFE), "no-bypass", "unknown", "rule 10"
    ),
    "the same from the WAN": Said(translating(rule("10.2.0.5", in_link="eth0"), plan=SAFE), "no-bypass", "proved"),
    "a device's own packets meet no rule": Said(translating(rule(), plan=SAFE), "confidentiality", "proved"),
    "the answer of a server behind a policy leaves with another source": Said(
        translating(HTTPS, plan=HELD), "no-bypass", "unknown", "nat destination rule 10"
    ),
    "not of one that the policy does not hold": Said(
        translating(replace(HTTPS, to=Address.parse("10.7.0.1")), plan=HELD), "no-bypass", "proved"
    ),
    "not to anybody that the policy does not hold": Said(
        translating(replace(HTTPS, source=Prefix.parse("198.51.100.0/24")), plan=HELD), "no-bypass", "proved"
    ),
    "GRE's answers are no TCP": Said(translating(HTTPS, plan=GRE), "confidentiality", "refuted"),
    "a tunnel's liveness": Said(translating(HTTPS, plan=GRE), "liveness", "proved"),
    "flows that a rule takes": Said(translating(rule(), plan=PLAIN), "liveness", "unknown", "nat destination rule 10"),
    "flows that no rule takes": Said(
        translating(rule("10.7.0.1", in_link="eth0"), plan=PLAIN), "liveness", "proved"
    ),
}  # fmt: skip


def verdicts(said: Said) -> list[PropertyVerdict]:
    plan = complete(said.plan)
    return [made(plan)[0].verdicts[said.asked] for made in (prove, enumerate_all)]


@pytest.mark.parametrize("name", VERDICTS)
def test_both_proofs_give_the_verdict(name: str) -> None:
    said = VERDICTS[name]
    over_sets, one_by_one = verdicts(said)
    assert (over_sets.verdict, one_by_one.verdict) == (said.word, said.word), (over_sets.reason, one_by_one.reason)
    assert said.reason in (over_sets.reason or "")


def test_a_witness_names_what_became_of_its_destination() -> None:
    witness = verdicts(VERDICTS["sent to the Internet in clear"])[0].witness
    assert witness is not None
    assert witness.wire is not None
    assert (witness.packet.in_, witness.wire.interface, witness.wire.dst) == ("eth2", "eth0", ELSEWHERE)
    assert witness.packet.dst.startswith("10.")
    assert any("nat destination rule 10 rewrites the destination" in line for line in witness.trace)


FOREIGN = Prefix.parse("198.51.100.9/32")
VXLAN = Link(name="vxlan0", kind="vxlan", vxlan=VxlanHeader(vni=1, remotes=(Address.parse("203.0.113.20"),)))


@pytest.mark.parametrize(
    ("plan", "made", "effects"),
    [
        (GRE, rule("192.0.2.10", in_link="eth0"), {ADDS_WAYS, DROPS}),
        (GRE, rule("192.0.2.10", in_link="eth0", destination=FOREIGN), {ADDS_WAYS}),
        (GRE, rule(None, action="redirect", in_link="eth0"), {ADDS_WAYS, DROPS}),
        (GRE, rule(SERVER, in_link="eth0"), {DROPS}),
        (GRE, rule(SERVER, in_link="eth0", source=FOREIGN), set()),
        (GRE, rule(SERVER, in_link="eth0", protocol=47, negated=frozenset({"protocol"})), set()),
        (GRE, rule(SERVER, in_link="eth2"), set()),
        (GRE, HTTPS, set()),
        (GRE, rule(SERVER, in_link="eth0", unmodelled=("protocol tcp_udp",)), set()),
        (east(VXLAN), rule(SERVER, in_link="eth0", protocol=17), {DROPS}),
        (SAFE, rule("192.0.2.10", in_link="eth0"), set()),
    ],
)
def test_who_is_translated_to_a_tunnel_s_end_is_decapsulated(
    plan: Plan, made: DestinationNatRule, effects: set[str]
) -> None:
    found = {gap.rpartition(": ")[2] for gap in unwalked(translating(made, plan=plan), "authenticity")}
    assert found == effects


def test_two_homes_are_two_ways_in() -> None:
    """A source in two networks comes in by either."""
    twice = replace(WAN_2, name="eth3", addresses=LAN.addresses)
    plan = complete(
        translating(rule(in_link="eth3"), plan=east(twice, children=(child(),), connections=(west(child()),)))
    )
    over_sets, one_by_one = (made(plan)[0].verdicts["confidentiality"] for made in (prove, enumerate_all))
    assert over_sets.verdict == one_by_one.verdict
