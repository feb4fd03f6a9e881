"""CFG320: a bridge member that carries no Ethernet frames."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL, instead, without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.tunnel import LAYER2_ENCAPSULATIONS

_MEMBER = without(TUNNEL, "address 10") + "set interfaces bridge br0 member interface tun0\n"

RULE = Rule(
    code="CFG320",
    title="a bridge member that is no Ethernet device",
    severity="warning",
    why=(
        "VyOS takes it, and then the kernel refuses to put the interface into the bridge. Only gretap, ip6gretap "
        "and the erspan kinds carry Ethernet frames. The loopback interface is refused by VyOS itself (an error)."
    ),
    bad=_MEMBER,
    good=instead(_MEMBER, "gre", "gretap"),
)

_LAYER3_KINDS = {"vti": "a VTI", "wireguard": "a WireGuard interface", "pppoe": "a PPPoE session"}
_LOOPBACK = "lo"


def find(subject: Subject) -> Iterator[Finding]:
    layer3 = {
        tunnel.name: f"{tunnel.encapsulation}"
        for tunnel in subject.router.tunnels
        if tunnel.encapsulation not in LAYER2_ENCAPSULATIONS
    }
    for kind, what in _LAYER3_KINDS.items():
        layer3.update((branch.name, what) for branch in subject.top.each("interfaces", kind))
    for bridge in subject.top.each("interfaces", "bridge"):
        for member in bridge.each("member", "interface"):
            if member.name == _LOOPBACK:
                message = f"{_LOOPBACK} is the loopback interface: VyOS refuses it in a bridge"
                yield RULE.finding(message, member.where, first_span(member.node), severity="error")
            elif member.name in layer3:
                message = (
                    f"{member.name} is {layer3[member.name]} and carries no Ethernet frames: "
                    "VyOS takes it, the kernel does not put it into a bridge"
                )
                yield RULE.finding(message, member.where, first_span(member.node))
