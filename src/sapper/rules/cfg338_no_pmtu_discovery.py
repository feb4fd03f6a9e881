"""CFG338: no-pmtu-discovery with a fixed TTL, or with an outer header of IPv6.

The TTL is 64 where none is written (255 until 1.2), so the word alone is always refused. Source: VyOS'
interfaces_tunnel since 1.3; RFC 8200 section 5: IPv6 routers fragment nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding, Fix
from sapper.rules.refusal import refusal_since_1_3
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WORDS = ("parameters", "ip", "no-pmtu-discovery")
_BAD = TUNNEL + f"set interfaces tunnel tun0 {' '.join(_WORDS)}\n"

RULE = Rule(
    code="CFG338",
    title="no-pmtu-discovery without ttl 0",
    severity="error",
    why=(
        "VyOS refuses the commit unless `parameters ip ttl 0` is written too: without path MTU discovery a fixed "
        "TTL could let packets loop. The default of 64 counts as fixed. With ipip6, ip6ip6 and ip6gre it is always "
        "refused: routers do not fragment IPv6."
    ),
    bad=_BAD,
    good=_BAD + "set interfaces tunnel tun0 parameters ip ttl 0\n",
)

_NEVER = frozenset({"ipip6", "ip6ip6", "ip6gre"})


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        option = tunnel.below(*_WORDS)
        if option is None:
            continue
        encapsulation = tunnel.text("encapsulation")
        refusal = refusal_since_1_3(subject)
        if encapsulation in _NEVER:
            message = f"{tunnel.name} is {encapsulation} and has no-pmtu-discovery: {refusal.words}"
            fix = Fix("leave it out", (f"delete {option.where}",))
        elif tunnel.number("parameters", "ip", "ttl") != 0:
            ttl = tunnel.text("parameters", "ip", "ttl") or "64"
            message = f"{tunnel.name} has no-pmtu-discovery and ttl {ttl}: {refusal.words}; ttl 0 (copied) fits"
            fix = Fix("copy the inner TTL", (f"set {tunnel.where} parameters ip ttl 0",))
        else:
            continue
        yield RULE.finding(message, option.where, first_span(option.node), severity=refusal.severity, fixes=(fix,))
