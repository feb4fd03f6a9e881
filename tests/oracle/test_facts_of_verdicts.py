"""Facts that decide what a verdict asks and of whom: trust, protected networks, what is decapsulated, and the gaps.

Each is a small router with one verdict, as the proof over sets and the enumeration must both give it. Sources: the
design's definitions, the reference's table, the lab's notes; ip_input.c, ip_gre.c, sit.c.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from msgspec.structs import replace
from small_router import (
    DEFAULT,
    DUMMY,
    FAR,
    HOLE,
    LAN,
    MASQUERADE,
    OUTER,
    VTI,
    WAN,
    WAN_2,
    also,
    child,
    east,
    ethernet,
    narrow,
    route,
    tunnel,
    west,
)

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Guard, Link, Plan, Sysctl, WireguardDevice
from sapper.model.stated import Stated
from sapper.proof.enumeration import enumerate_all
from sapper.proof.prove import prove
from sapper.proof.verdict import Property, TunnelVerdicts, VerdictWord

TRAP = replace(OUTER, start_action="trap")
GRE = east(tunnel(), children=(TRAP,))
SIT = east(
    replace(tunnel("sit", 41), addresses=(Attached.parse("2001:db8:9::1/64"),)),
    children=(narrow("192.0.2.10/32", "203.0.113.20/32", 41, mode="transport"),),
)
HELD = east(
    replace(tunnel(local="10.10.0.1", remote="10.10.0.2")), DUMMY,
    routes=(DEFAULT, HOLE), children=(child("10.10.0.1/32", "10.10.0.2/32", start_action="start"),),
)  # fmt: skip
ANYTHING = child("0.0.0.0/0", "0.0.0.0/0", if_id=1, updown="vti0")
BEHIND_VTI = (DEFAULT, route("10.2.0.0/24", "vti0"), route("10.0.9.0/29", kind="unreachable", metric=254))
OPEN_VTI = east(VTI, routes=BEHIND_VTI, children=(ANYTHING,))
SAFE_VTI = replace(OPEN_VTI, routes=(*BEHIND_VTI, route("10.2.0.0/24", kind="unreachable", metric=254)))
OWN = child("192.0.2.10/32", name="own", title="own")
PLAIN = east(children=(child(),))


class Verdict(NamedTuple):
    plan: Plan
    name: str
    asked: Property
    word: VerdictWord
    failing: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    reason: str = ""


def leased(plan: Plan) -> Plan:
    return replace(plan, links=tuple(replace(link, dynamic=link.name == "eth0") for link in plan.links))


def guarded(plan: Plan, *hooks: str, **more: object) -> Plan:
    guards = tuple(replace(Guard(name=hook, hook=hook, family=4, protocol=47), **more) for hook in hooks)  # type: ignore[arg-type]
    return replace(plan, guards=guards)


def half_guarded(**scope: object) -> Plan:
    """Nothing of the router's own leaves in clear, and of what it forwards only what the scope leaves out."""
    plan = replace(east(children=(child(start_action="none"),)), stated=Stated(protect=(FAR,)))
    own = Guard(name="own", hook="output", family=4)
    return replace(plan, guards=(own, replace(Guard(name="others", hook="forward", family=4), **scope)))


def with_sysctl(plan: Plan, name: str, value: str) -> Plan:
    return replace(plan, sysctls=(Sysctl(name, value),))


def in_clear_to(plan: Plan, *links: Link, **more: object) -> Plan:
    """The GRE tunnel's packets leave by another interface: whose trust decides."""
    return replace(plan, links=(*plan.links, *links), **more)


LEAVES = route("203.0.113.20/32", "eth1")
FACTS: dict[str, Verdict] = {
    "plain GRE is decapsulated where no policy is installed": Verdict(
        GRE, "tun0", "authenticity", "refuted", ("boot", "stopped"), ("negotiating", "up", "crashed")
    ),
    "sit asks no inbound policy": Verdict(
        SIT, "tun0", "authenticity", "refuted", ("negotiating", "up", "crashed")
    ),
    "a bypass lets plain GRE in": Verdict(
        also(GRE, west(narrow("192.0.2.10/32", "203.0.113.20/32", 47, mode="pass"), name="other")),
        "tun0", "authenticity", "refuted", ("up",),
    ),
    "unloading closes what start has started": Verdict(
        east(tunnel(), children=(replace(OUTER, start_action="start"),)), "tun0", "confidentiality", "refuted", ("reloading",)
    ),
    "policies of one priority of which not all protect leave a doubt": Verdict(
        also(PLAIN, west(child(name="plain", title="plain", esp_proposals=("null-sha256",), priority=349_000), name="other"),
             west(child(name="third", title="third", priority=349_000), name="third")),
        "child", "confidentiality", "refuted", ("boot",),
    ),
    "a guard in input stops it": Verdict(guarded(GRE, "input"), "tun0", "authenticity", "proved"),
    "a guard in prerouting stops it": Verdict(guarded(GRE, "prerouting"), "tun0", "authenticity", "proved"),
    "a guard for half the destinations leaves the other half": Verdict(
        half_guarded(destination=Prefix.parse("10.2.0.0/25")), "child", "no-bypass", "refuted", ("boot",)
    ),
    "a guard for half the sources leaves the other half": Verdict(
        half_guarded(source=Prefix.parse("10.1.0.0/25")), "child", "no-bypass", "refuted", ("boot",)
    ),
    "guards for everything leave nothing": Verdict(half_guarded(), "child", "no-bypass", "proved"),
    "a guard in output does not": Verdict(guarded(GRE, "output"), "tun0", "authenticity", "refuted"),
    "a guard on another interface does not": Verdict(
        guarded(GRE, "input", link="eth2"), "tun0", "authenticity", "refuted"
    ),
    "a policy with an interface id guards nothing else": Verdict(
        east(tunnel(), children=(replace(TRAP, if_id=9),)), "tun0", "authenticity", "refuted", ("up",)
    ),
    "an xfrm interface takes nothing without an SA": Verdict(SAFE_VTI, "vti0", "authenticity", "proved"),
    "WireGuard takes nothing without a key": Verdict(
        east(Link(name="wg0", kind="wireguard", addresses=(Attached.parse("10.0.5.1/24"),), wireguard=WireguardDevice(private_key=None))),
        "wg0", "authenticity", "proved",
    ),
    "a device that is down takes nothing": Verdict(
        east(replace(tunnel(), up=False), children=(TRAP,)), "tun0", "authenticity", "proved"
    ),
    "an attacker sends on what is not trusted": Verdict(
        replace(GRE, stated=Stated(trusted=("eth0", "eth2"))), "tun0", "authenticity", "not-applicable"
    ),
    "what carries the default route is an underlay": Verdict(
        in_clear_to(GRE, ethernet("eth1", "203.0.113.1/24"), routes=(DEFAULT, route("0.0.0.0/0", "eth1", metric=5), LEAVES)),
        "tun0", "confidentiality", "refuted",
    ),
    "so is what the default route's next hop is on": Verdict(
        in_clear_to(GRE, ethernet("eth1", "203.0.113.1/24"), routes=(DEFAULT, route("0.0.0.0/0", "203.0.113.9", metric=5), LEAVES)),
        "tun0", "confidentiality", "refuted",
    ),
    "so is what has a leased address": Verdict(
        in_clear_to(GRE, ethernet("eth1", "203.0.113.1/24", dynamic=True), routes=(DEFAULT, LEAVES)),
        "tun0", "confidentiality", "refuted",
    ),
    "so is what has a tunnel's address": Verdict(
        east(ethernet("eth1", "203.0.113.1/24"), replace(tunnel(local="203.0.113.1")), routes=(DEFAULT,),
             children=(narrow("203.0.113.1/32", "203.0.113.20/32", 47, mode="transport"),)),
        "tun0", "confidentiality", "refuted",
    ),
    "so is what has a peer's address": Verdict(
        also(in_clear_to(GRE, ethernet("eth1", "203.0.113.1/24")), west(name="other", local_addrs=(Address.parse("203.0.113.1"),))),
        "tun0", "confidentiality", "refuted",
    ),
    "so is what a tunnel is bound to": Verdict(
        in_clear_to(east(tunnel(link="eth1"), children=(TRAP,)), ethernet("eth1", "203.0.113.1/24")),
        "tun0", "confidentiality", "refuted",
    ),
    "any other network is trusted with its own prefix": Verdict(
        in_clear_to(GRE, ethernet("eth1", "203.0.113.1/24")), "tun0", "confidentiality", "proved"
    ),
    "and with nothing else": Verdict(
        in_clear_to(GRE, WAN_2, routes=(DEFAULT, LEAVES)), "tun0", "confidentiality", "refuted"
    ),
    "a tunnel between dummies behind a blackhole is safe": Verdict(HELD, "tun0", "confidentiality", "proved"),
    "but for a flush, after which charon's route is left": Verdict(
        replace(HELD, routes=(DEFAULT,)), "tun0", "confidentiality", "refuted", ("boot", "deleted", "expired", "stopped")
    ),
    "a leased WAN may be given a better route than the blackhole": Verdict(
        leased(HELD), "tun0", "confidentiality", "refuted"
    ),
    "PPP announces no routes": Verdict(
        replace(HELD, links=(replace(WAN, kind="pppoe", dynamic=True), *HELD.links[1:]), routes=(route("0.0.0.0/0", "eth0"), HOLE)),
        "tun0", "confidentiality", "proved",
    ),
    "the tunnel's own packets are none that bypass it": Verdict(GRE, "tun0", "no-bypass", "proved"),
    "those of another tunnel do": Verdict(
        replace(GRE, links=(*GRE.links, replace(tunnel(remote="203.0.113.99"), name="tun1", addresses=())), stated=Stated(protect=(FAR,)),
                routes=(DEFAULT, route("10.2.0.0/24", "tun1"))),
        "tun0", "no-bypass", "refuted",
    ),
    "a VTI that goes down gives its routes to the default route": Verdict(
        OPEN_VTI, "vti0", "no-bypass", "refuted", ("boot", "negotiating", "deleted", "stopped"), ("up", "crashed")
    ),
    "unless an unreachable route is behind them": Verdict(SAFE_VTI, "vti0", "no-bypass", "proved"),
    "the connected prefix is protected, too": Verdict(
        replace(SAFE_VTI, routes=(DEFAULT, *SAFE_VTI.routes[1:2], SAFE_VTI.routes[3])), "vti0", "no-bypass", "refuted"
    ),
    "what is routed over a next hop behind it is protected": Verdict(
        replace(SAFE_VTI, routes=(*SAFE_VTI.routes, route("10.3.0.0/24", "10.0.9.2"))), "vti0", "no-bypass", "refuted"
    ),
    "the default route is not": Verdict(
        replace(SAFE_VTI, routes=(*SAFE_VTI.routes, route("0.0.0.0/0", "vti0", metric=5))), "vti0", "no-bypass", "proved"
    ),
    "what somebody states is protected": Verdict(
        replace(SAFE_VTI, stated=Stated(protect=(Prefix.parse("10.7.0.0/24"),))), "vti0", "no-bypass", "refuted"
    ),
    "packets come from the networks behind the router": Verdict(
        also(
            replace(PLAIN, connections=(west(child("10.0.0.0/16", start_action="trap")),), stated=Stated(protect=(FAR,))),
            west(child("192.0.2.10/32", name="own", title="own"), name="own"),
        ),
        "child", "no-bypass", "refuted", ("up",),
    ),
    "half a network outside the selector leaves in clear": Verdict(
        replace(east(children=(child(remote="10.2.0.0/25"), OWN)), stated=Stated(protect=(FAR,)), install_routes=False),
        "child", "no-bypass", "refuted", ("up",),
    ),
    "half the sources outside the selector send in clear": Verdict(
        replace(east(children=(child("10.1.0.0/25"), OWN)), stated=Stated(protect=(FAR,)), install_routes=False),
        "child", "no-bypass", "refuted", ("up",),
    ),
    "a policy-based connection fails with masquerade": Verdict(
        replace(PLAIN, source_nat=(MASQUERADE,)), "child", "confidentiality", "refuted", ("up",)
    ),
    "a tunnel without a selector, a peer or a profile is none that is meant to be protected": Verdict(
        east(tunnel()), "tun0", "confidentiality", "not-applicable"
    ),
    "one whose remote is a peer's is": Verdict(
        east(tunnel(), connections=(west(),)), "tun0", "confidentiality", "refuted"
    ),
    "one whose source lies in a selector is": Verdict(
        east(tunnel(remote="203.0.113.99"), children=(child("192.0.2.0/24", start_action="none"),)),
        "tun0", "confidentiality", "refuted",
    ),
    "one that somebody says must be is": Verdict(
        replace(east(tunnel()), stated=Stated(tunnels=("tun0",))), "tun0", "confidentiality", "refuted"
    ),
    "sit sends IPv4 past a selector for 41": Verdict(
        replace(SIT, links=(WAN, LAN, replace(tunnel("sit", 41), addresses=(Attached.parse("10.0.0.1/29"), Attached.parse("2001:db8:9::1/64"))))),
        "tun0", "confidentiality", "refuted", ("up",),
    ),
    "sit between IPv6 networks alone does not": Verdict(
        SIT, "tun0", "confidentiality", "refuted", ("boot",), ("up",)
    ),
    "a rule that leads past the tables walked adds ways": Verdict(
        replace(HELD, gaps=("protocols bgp: may add ways",)), "tun0", "confidentiality", "unknown", reason="protocols bgp"
    ),
    "what can only drop leaves a proof alone": Verdict(
        replace(HELD, gaps=("firewall: may drop",)), "tun0", "confidentiality", "proved"
    ),
    "what can only drop takes a refutation away": Verdict(
        replace(GRE, gaps=("firewall: may drop",)), "tun0", "confidentiality", "unknown", reason="firewall"
    ),
    "without larval drop a policy without a state proves nothing": Verdict(
        with_sysctl(SAFE_VTI, "net.core.xfrm_larval_drop", "0"), "vti0", "confidentiality", "unknown", reason="larval_drop"
    ),
    "redirects that are believed add ways": Verdict(
        with_sysctl(HELD, "net.ipv4.conf.all.accept_redirects", "1"), "tun0", "confidentiality", "unknown", reason="redirects"
    ),
    "an interface without XFRM adds ways": Verdict(
        with_sysctl(HELD, "net.ipv4.conf.eth0.disable_xfrm", "1"), "tun0", "confidentiality", "unknown", reason="disable_xfrm"
    ),
    "a setting that nobody knows adds ways": Verdict(
        with_sysctl(HELD, "net.ipv4.brand_new", "1"), "tun0", "confidentiality", "unknown", reason="brand_new"
    ),
    "the peer may choose ESP that encrypts nothing": Verdict(
        east(children=(child(esp_proposals=("aes256-sha256", "null-sha256")),)), "child", "confidentiality", "refuted", ("up",)
    ),
    "a selector that nobody knows beforehand proves nothing": Verdict(
        east(tunnel(), connections=(west(replace(TRAP, local_ts=(), mode="tunnel"), local_addrs=()),), links=(replace(WAN, dynamic=True), LAN, tunnel())),
        "tun0", "confidentiality", "refuted", ("boot",), ("up",),
    ),
}  # fmt: skip


def found(verdicts: tuple[TunnelVerdicts, ...], fact: Verdict) -> None:
    (entry,) = [item for item in verdicts if item.name == fact.name]
    said = entry.verdicts[fact.asked]
    assert said.verdict == fact.word, said
    assert set(fact.failing) <= set(said.failing_states)
    assert not set(fact.holding) & set(said.failing_states)
    assert fact.reason in (said.reason or "")


@pytest.mark.parametrize("says", FACTS)
def test_both_proofs_say_it(says: str) -> None:
    fact = FACTS[says]
    found(prove(fact.plan), fact)
    found(enumerate_all(fact.plan), fact)


def test_a_flush_is_told_apart() -> None:
    for verdicts in (prove(HELD), enumerate_all(HELD)):
        (entry,) = [item for item in verdicts if item.name == "tun0"]
        assert entry.verdicts["confidentiality"].tampering == ("flushed",)
