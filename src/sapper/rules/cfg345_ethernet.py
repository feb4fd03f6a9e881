"""CFG345: half a fixed speed on an Ethernet interface, or one VLAN number twice.

Source: VyOS' rules of ``interfaces ethernet``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG345",
    title="an Ethernet interface that contradicts itself",
    severity="error",
    why=(
        "VyOS refuses a fixed speed with automatic duplex and the other way round, and a VLAN number that is both "
        "a vif and a vif-s."
    ),
    bad="set interfaces ethernet eth0 speed 1000\n",
    good="set interfaces ethernet eth0 speed 1000\nset interfaces ethernet eth0 duplex full\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for ethernet in subject.top.each("interfaces", "ethernet"):
        yield from _speed(ethernet)
        plain = {vif.name for vif in ethernet.each("vif")}
        for stacked in ethernet.each("vif-s"):
            if stacked.name in plain:
                message = f"{ethernet.name} has vif {stacked.name} and vif-s {stacked.name}: VyOS refuses it"
                yield RULE.finding(message, stacked.where, first_span(stacked.node))


def _speed(ethernet: Branch) -> Iterator[Finding]:
    speed, duplex = ethernet.in_force("speed"), ethernet.in_force("duplex")
    fixed = speed is not None and speed.word != "auto"
    if fixed == (duplex is not None and duplex.word != "auto"):
        return
    value, other = (speed, "duplex") if fixed else (duplex, "speed")
    word = "speed" if fixed else "duplex"
    if value is not None:
        message = (
            f"{ethernet.name} has {word} {value.word} and {other} auto: VyOS refuses it; both auto or both fixed"
        )
        yield RULE.finding(message, f"{ethernet.where} {word}", value.span)
