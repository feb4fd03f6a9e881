"""SEC501: a GRE key where nothing encrypts: it tells tunnels apart, it locks nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_KEYED = TUNNEL + "set interfaces tunnel tun0 parameters ip key 4711\n"

RULE = Rule(
    code="SEC501",
    title="a GRE key taken for security",
    severity="warning",
    why=(
        "The key is 32 bits in every packet, in clear, and whoever sees one packet can send others. It tells several "
        "tunnels between the same ends apart, and protects none of them. Nothing else protects this tunnel."
    ),
    reference="the third article, on tunnel keys; RFC 2890 2.1",
    lab="The key stands in the captured header of every packet; a forged packet with it is decapsulated.",
    bad=_KEYED,
    good=_KEYED + PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    bare = {tunnel.name for tunnel in subject.tunnels if tunnel.protection == "none"}
    for tunnel in subject.top.each("interfaces", "tunnel"):
        value = tunnel.in_force("parameters", "ip", "key")
        if value is not None and tunnel.name in bare:
            message = f"the key of {tunnel.name} protects nothing, and no IPsec selector meets its packets"
            yield RULE.finding(message, f"{tunnel.where} parameters ip key", value.span)
