"""CFG335: a source interface with an encapsulation that VyOS does not bind to one.

The kernel would take it; 1.2 called it ``dhcp-interface`` and took it for all. Source: VyOS' interfaces_tunnel.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding, Fix
from sapper.rules.refusal import refusal_since_1_3
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BOUND = TUNNEL + "set interfaces tunnel tun0 source-interface eth0\n"

RULE = Rule(
    code="CFG335",
    title="a source interface with sit, gretap or ip6gretap",
    severity="error",
    why=(
        "VyOS refuses the commit, though the kernel would take it: these three have a source-address only. An "
        "address by DHCP has to be written there by hand, or the tunnel runs between fixed addresses."
    ),
    bad=instead(_BOUND, "gre", "gretap"),
    good=_BOUND,
)

_NEVER_BOUND = frozenset({"sit", "gretap", "ip6gretap"})


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = tunnel.text("encapsulation")
        value = tunnel.in_force("source-interface")
        if encapsulation not in _NEVER_BOUND or value is None:
            continue
        refusal = refusal_since_1_3(subject)
        path = f"{tunnel.where} source-interface"
        message = f"{tunnel.name} is {encapsulation}, which is bound to no interface: {refusal.words}"
        fixes = (Fix("leave it out", (f"delete {path}",)),) if tunnel.has("source-address") else ()
        yield RULE.finding(message, path, value.span, severity=refusal.severity, fixes=fixes)
