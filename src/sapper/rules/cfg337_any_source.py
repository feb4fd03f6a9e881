"""CFG337: GRE from any address without a key.

The kernel would take it. VyOS compares the text and only for plain gre: ``0.0.0.0`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_ANY = instead(TUNNEL, "source-address 192.0.2.10", "source-address 0.0.0.0")

RULE = Rule(
    code="CFG337",
    title="gre from any address without a key",
    severity="error",
    why=(
        "VyOS refuses the commit, though the kernel would take it: a gre tunnel with source-address 0.0.0.0 "
        "answers on every address of the router, and only its key tells it from others."
    ),
    bad=_ANY,
    good=_ANY + "set interfaces tunnel tun0 parameters ip key 10\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        source = tunnel.in_force("source-address")
        if source is None or source.word != "0.0.0.0" or tunnel.text("encapsulation") != "gre":
            continue
        if not tunnel.has("parameters", "ip", "key"):
            message = (
                f"{tunnel.name} has source-address 0.0.0.0 and no key: VyOS refuses it; parameters ip key fits"
            )
            yield RULE.finding(message, f"{tunnel.where} source-address", source.span)
