"""CFG330: VLAN options of a bridge that does not look at VLANs, or VLANs where it does.

Source: VyOS' rules of ``interfaces bridge``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.devices import Device, by_name
from sapper.rules.finding import Finding, Fix
from sapper.rules.refusal import refusal_since_1_3
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BRIDGE = "set interfaces bridge br0 member interface eth1 allowed-vlan 10\n"

RULE = Rule(
    code="CFG330",
    title="VLANs of a bridge without enable-vlan",
    severity="error",
    why=(
        "VyOS refuses the commit: `vif`, `allowed-vlan` and `native-vlan` need `enable-vlan`. With it the bridge "
        "cuts the VLANs apart itself, so a member has no VLANs of its own, and `vif 1` is the bridge itself."
    ),
    bad=_BRIDGE,
    good=_BRIDGE + "set interfaces bridge br0 enable-vlan\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    known = by_name(subject.top)
    for bridge in subject.top.each("interfaces", "bridge"):
        if bridge.has("enable-vlan"):
            yield from _aware(bridge, known)
        else:
            yield from _unaware(subject, bridge)


def _aware(bridge: Branch, known: dict[str, Device]) -> Iterator[Finding]:
    for vif in bridge.each("vif"):
        if vif.name == "1":
            message = f"{bridge.name} with enable-vlan is VLAN 1 itself: VyOS refuses vif 1"
            yield RULE.finding(message, vif.where, first_span(vif.node))
    for member in bridge.each("member", "interface"):
        device = known.get(member.name)
        vlans = [word for word in ("vif", "vif-s") if device is not None and device.branch.has(word)]
        if vlans:
            message = (
                f"{member.name} has VLANs ({vlans[0]}) and is in {bridge.name}, which has enable-vlan: "
                f"VyOS refuses it; {bridge.name} may have the VLANs"
            )
            yield RULE.finding(message, member.where, first_span(member.node))


def _unaware(subject: Subject, bridge: Branch) -> Iterator[Finding]:
    fix = Fix("let the bridge look at VLANs", (f"set {bridge.where} enable-vlan",))
    for vif in bridge.each("vif"):
        refusal = refusal_since_1_3(subject)
        message = f"{bridge.name} has vif {vif.name} and no enable-vlan: {refusal.words}"
        yield RULE.finding(message, vif.where, first_span(vif.node), severity=refusal.severity, fixes=(fix,))
    for member in bridge.each("member", "interface"):
        for word in ("allowed-vlan", "native-vlan"):
            leaf = member.below(word)
            if leaf is not None:
                message = f"{member.name} has {word} and {bridge.name} no enable-vlan: VyOS refuses it"
                yield RULE.finding(message, leaf.where, first_span(leaf.node), fixes=(fix,))
