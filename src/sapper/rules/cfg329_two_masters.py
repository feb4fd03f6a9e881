"""CFG329: an interface that is in two bridges, or in a bridge and a bond.

Source: VyOS' rule for members of bridges; a device of the kernel has one master.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import Member, members
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces bridge br0 member interface eth1
set interfaces bridge br1 member interface eth1
"""

RULE = Rule(
    code="CFG329",
    title="a member of two bridges",
    severity="error",
    why="VyOS refuses the commit: an interface has one master in the kernel, a bridge or a bond.",
    bad=_BAD,
    good=_BAD.replace("br1 member interface eth1", "br1 member interface eth2"),
)


def find(subject: Subject) -> Iterator[Finding]:
    first: dict[str, Member] = {}
    for member in members(subject.top):
        other = first.setdefault(member.name, member)
        if other.master != member.master:
            message = (
                f"{member.name} is in {other.master} already: VyOS refuses it in {member.master} too, "
                f"where the kernel would move it"
            )
            yield RULE.finding(message, member.path, member.span)
