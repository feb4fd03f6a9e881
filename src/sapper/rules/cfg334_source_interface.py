"""CFG334: a source interface that comes and goes, or that is in a bridge or a bond.

Source: VyOS' rule for source interfaces. That it is configured at all is CFG312's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.rules.devices import Member, devices, members
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.refusal import refusal_since_1_3
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SOURCE = TUNNEL + "set interfaces tunnel tun0 source-interface "

RULE = Rule(
    code="CFG334",
    title="a source interface that VyOS does not take",
    severity="error",
    why=(
        "VyOS refuses the commit: an interface of a dial-up session is not there at the time of the commit, and a "
        "member of a bridge or a bond sends nothing of its own. A tunnel over a dial-up session has a "
        "source-address."
    ),
    bad=_SOURCE + "pppoe0\nset interfaces pppoe pppoe0 source-interface eth0\n",
    good=_SOURCE + "eth0\n",
)

COMES_AND_GOES = re.compile(r"(ppp|pppoe|sstpc|l2tp|ipoe)[0-9]+")
_VERIFIED = frozenset({"tunnel", "vxlan"})


def find(subject: Subject) -> Iterator[Finding]:
    masters: dict[str, Member] = {}
    for member in members(subject.top):
        masters.setdefault(member.name, member)
    for device in devices(subject.top):
        value = device.branch.in_force("source-interface")
        if value is None:
            continue
        where = device.where("source-interface")
        if device.kind in _VERIFIED and COMES_AND_GOES.fullmatch(value.word):
            refusal = refusal_since_1_3(subject)
            message = f"{value.word} comes and goes, {device.name} cannot be bound to it: {refusal.words}"
            yield RULE.finding(message, where, value.span, severity=refusal.severity)
        master = masters.get(value.word)
        if master is not None:
            message = (
                f"{value.word} is in {master.master} and cannot be the source-interface of {device.name}: "
                f"VyOS refuses it; {master.master} may be"
            )
            yield RULE.finding(message, where, value.span)
