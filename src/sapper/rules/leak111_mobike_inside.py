"""LEAK111: MOBIKE may move the IKE connection into the tunnel that it protects."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import REJECT, VTI
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_REACHED = (
    "set protocols static route 203.0.113.0/24 interface vti0\n"
    "set protocols static route 203.0.113.0/24 reject distance 254\n"
    "set protocols static route 203.0.113.20/32 next-hop 192.0.2.1\n"
)

_BEHIND = (
    "set protocols static route 203.0.113.128/25 interface vti0\n"
    "set protocols static route 203.0.113.128/25 reject distance 254\n"
)

RULE = Rule(
    code="LEAK111",
    title="MOBIKE may move IKE into the tunnel",
    severity="warning",
    why=(
        "With MOBIKE the daemon looks for another pair of addresses when the way to its peer is lost, and the peer has "
        "told it all of its own. The peer's network is routed into the tunnel: IKE moves into it and takes the ends of "
        "ESP along, which is then led into itself. The tunnel is dead and does not recover when the way is back. "
        "Route only what is behind the peer into the tunnel: the peer itself has to be reached beside it, in clear. Between "
        "two fixed addresses MOBIKE is of no use."
    ),
    reference="RFC 4555 3.5; strongSwan, ike_mobike.c",
    lab=(
        "The way to the peer goes and comes back, while a network between eats IKE for a moment. The daemon asks from "
        "the VTI's address, ESP carries it, and IKE stays there. Without MOBIKE nothing moves, and the tunnel works on."
    ),
    bad=VTI + REJECT + _REACHED,
    good=VTI + REJECT + _BEHIND + "set vpn ipsec ike-group IKE disable-mobike\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, _ in judged(subject):
        for connection in entry.connections:
            inside = [end for end in connection.remote_addrs for network in entry.networks if end in network]
            if inside and connection.mobike and connection.version != 1:
                origin = origin_of(subject.router, entry.name)
                message = (
                    f"{entry.name}: the peer's address {inside[0]} is routed into it, and MOBIKE of {connection.title} may "
                    "move IKE there"
                )
                yield RULE.finding(message, origin.path, origin.span)
