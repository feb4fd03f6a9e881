"""CFG328: a member of a bridge with an address or a VRF of its own, or a member of a bond with a VRF.

Source: VyOS' rule for members of bridges, checked from both sides.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import Device, Member, by_name, members
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_MEMBER = "set interfaces bridge br0 member interface eth1\n"

RULE = Rule(
    code="CFG328",
    title="a bridge member with an address or a VRF",
    severity="error",
    why=(
        "VyOS refuses the commit: the address and the VRF belong to the bridge, which answers for its members. A "
        "member of a bond has no VRF either."
    ),
    bad=_MEMBER + "set interfaces ethernet eth1 address 10.1.0.1/24\n",
    good=_MEMBER + "set interfaces ethernet eth1 description LAN\nset interfaces bridge br0 address 10.1.0.1/24\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    known = by_name(subject.top)
    for member in members(subject.top):
        device = known.get(member.name)
        if device is None:
            continue
        if member.kind == "bridge":
            yield from _own(member, device, "address")
        yield from _own(member, device, "vrf")


def _own(member: Member, device: Device, word: str) -> Iterator[Finding]:
    value = device.branch.in_force(word)
    if value is not None:
        what = f"the address {value.word}" if word == "address" else f"the VRF {value.word}"
        message = (
            f"{member.name} is in {member.master} and has {what} of its own: VyOS refuses it; "
            f"{member.master} may have it"
        )
        yield RULE.finding(message, device.where(word), value.span)
