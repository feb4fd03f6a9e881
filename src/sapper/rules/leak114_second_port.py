"""LEAK114: a bridge that joins a protected tunnel and an interface outside."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Plan
from sapper.proof.facts.trust import trust_of
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import WAN, WAN_GUARD_IN, WAN_GUARD_OUT
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BRIDGED = WAN.replace("encapsulation gre", "encapsulation gretap").replace(
    "set interfaces tunnel tun0 address 10.0.0.1/29\n", ""
) + "".join(f"set interfaces bridge br0 member interface {name}\n" for name in ("tun0", "eth1"))
_OUTSIDE = "set interfaces bridge br0 member interface eth2\nset interfaces ethernet eth2 address dhcp\n"

RULE = Rule(
    code="LEAK114",
    title="a bridge that leads out by a second port",
    severity="error",
    why=(
        "A bridge forwards a frame to every port that may have its destination. With an interface outside among "
        "its ports, frames for the far network leave there in clear as well: broadcasts always, others until the "
        "bridge has learnt, and again when the tunnel is down."
    ),
    reference="the third article, on bridging; net/bridge/br_forward.c",
    lab="With the SA up, the ARP request of the inner host is seen on the second port.",
    bad=_BRIDGED + _OUTSIDE,
    good=_BRIDGED + "set interfaces ethernet eth1 mtu 1400\n" + WAN_GUARD_IN + WAN_GUARD_OUT,
)


def find(subject: Subject) -> Iterator[Finding]:
    if subject.plan is None:
        return
    for entry, _ in judged(subject):
        bridge = entry.link.master if entry.link is not None else None
        if entry.link is None or bridge is None or not _is_bridge(subject.plan, bridge):
            continue
        ports = [link for link in subject.plan.links if link.master == bridge and link.name != entry.name]
        outside = [link.name for link in ports if link.dynamic or _is_underlay(subject.plan, link.name)]
        if outside:
            origin = origin_of(subject.router, bridge)
            message = f"{bridge} joins {entry.name} and {', '.join(outside)}: its frames leave there in clear"
            yield RULE.finding(message, origin.path, origin.span)


def _is_bridge(plan: Plan, name: str) -> bool:
    link = plan.link(name)
    return link is not None and link.kind == "bridge"


def _is_underlay(plan: Plan, name: str) -> bool:
    return name in trust_of(plan).underlays
