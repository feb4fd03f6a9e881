"""CFG318: a key on an encapsulation that has no field for one."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_KEYED = TUNNEL + "set interfaces tunnel tun0 parameters ip key 10\n"

RULE = Rule(
    code="CFG318",
    title="a key without GRE",
    severity="error",
    why="Only GRE and its kin have a key in their header (RFC 2890). VyOS refuses a key with ipip and sit.",
    bad=instead(_KEYED, "gre", "ipip"),
    good=_KEYED,
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = tunnel.text("encapsulation")
        key = tunnel.in_force("parameters", "ip", "key")
        if encapsulation in ("ipip", "sit") and key is not None:
            path = f"{tunnel.where} parameters ip key"
            message = f"{encapsulation} has no key: VyOS refuses it"
            fix = Fix("leave the key out", (f"delete {path}",))
            yield RULE.finding(message, path, key.span, fixes=(fix,))
