"""CFG339: ignore-df without gretap, or without no-pmtu-discovery.

The kernel refuses it with path MTU discovery as well. Source: VyOS' interfaces_tunnel; ipgre_netlink_parms in the
kernel's net/ipv4/ip_gre.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = TUNNEL + "set interfaces tunnel tun0 parameters ip ignore-df\n"

RULE = Rule(
    code="CFG339",
    title="ignore-df without gretap and no-pmtu-discovery",
    severity="error",
    why=(
        "VyOS refuses the commit: ignore-df fragments frames whose inner packet forbids it, which only gretap "
        "does, and only without path MTU discovery. The kernel refuses the second as well."
    ),
    bad=_BAD,
    good=instead(_BAD, "gre", "gretap")
    + "set interfaces tunnel tun0 parameters ip no-pmtu-discovery\n"
    + "set interfaces tunnel tun0 parameters ip ttl 0\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        option = tunnel.below("parameters", "ip", "ignore-df")
        if option is None:
            continue
        encapsulation = tunnel.text("encapsulation") or "no gretap"
        if encapsulation != "gretap":
            message = f"{tunnel.name} has ignore-df and is {encapsulation}: VyOS refuses it; only gretap fits"
        elif not tunnel.has("parameters", "ip", "no-pmtu-discovery"):
            message = (
                f"{tunnel.name} has ignore-df without no-pmtu-discovery: VyOS refuses it, and so does the kernel"
            )
        else:
            continue
        yield RULE.finding(message, option.where, first_span(option.node))
