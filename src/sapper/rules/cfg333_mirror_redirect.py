"""CFG333: mirror and redirect on one interface, onto itself, or beside an ingress QoS policy.

Source: VyOS' rule for mirror and redirect: all three hang on the one ingress hook of the interface. That the target
is configured at all is CFG312's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import Device, devices
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_MIRROR = "set interfaces ethernet eth0 mirror ingress eth1\nset interfaces ethernet eth1 description probe\n"

RULE = Rule(
    code="CFG333",
    title="mirror or redirect that cannot be",
    severity="error",
    why=(
        "VyOS refuses mirror and redirect on one interface, a mirror onto the interface itself, and either beside "
        "an ingress QoS policy of the interface."
    ),
    bad=_MIRROR + "set interfaces ethernet eth0 redirect eth1\n",
    good=_MIRROR,
)


def find(subject: Subject) -> Iterator[Finding]:
    shaped = {shaper.name for shaper in subject.top.each("qos", "interface") if shaper.has("ingress")}
    for device in devices(subject.top):
        redirect = device.branch.in_force("redirect")
        mirrors = device.branch.below("mirror")
        if redirect is None and mirrors is None:
            continue
        yield from _onto_itself(device)
        word = "redirect" if redirect is not None else "mirror"
        span = redirect.span if redirect is not None else device.branch.node.children["mirror"].span
        if redirect is not None and mirrors is not None:
            message = f"{device.name} has mirror and redirect: VyOS refuses both on one interface"
            yield RULE.finding(message, device.where(word), span)
        if device.name in shaped or device.branch.has("traffic-policy", "in"):
            message = f"{device.name} has {word} and an ingress QoS policy: VyOS refuses both on one interface"
            yield RULE.finding(message, device.where(word), span)


def _onto_itself(device: Device) -> Iterator[Finding]:
    for direction in ("ingress", "egress"):
        target = device.branch.in_force("mirror", direction)
        if target is not None and target.word == device.name:
            message = f"{device.name} is mirrored onto itself: VyOS refuses it"
            yield RULE.finding(message, device.where("mirror", direction), target.span)
