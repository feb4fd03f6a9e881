"""CFG373: a protocol or port of a peer's tunnel that a traffic selector cannot say as it is meant.

RFC 7296 (3.13.1) has one protocol or any, and ports for TCP, UDP and their like only. VyOS hands the words on as
they are; charon asks /etc/protocols for the number. Seen with strongSwan 5.9.8: ``[all/]``, ``[tcp_udp/443]``,
``[icmpv6/]`` and ``[!gre/]`` are an "invalid value for: local_ts", and the whole connection is discarded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.model.branch import Branch
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding, Severity
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.protocol import PROTOCOL_NUMBERS, protocol_number

_PORT = PEER + "set vpn ipsec site-to-site peer west tunnel 1 remote port 443\n"

RULE = Rule(
    code="CFG373",
    title="a protocol or port that a selector cannot say",
    severity="warning",
    why=(
        "Until 1.3 VyOS refuses a port with any protocol but tcp and udp. Since 1.4 it looks at neither: a port "
        "without a protocol is nothing that IKEv2 has, so a peer may refuse it; with a protocol without ports the "
        "kernel compares the number with something else (the halves of GRE's key, ICMP's type and code) or with "
        "nothing. all, tcp_udp, icmpv6 and a negated protocol are no single protocol for the IKE daemon, which then "
        "discards the whole connection. And ipip is number 94, while the packets of an ipip tunnel are ipencap."
    ),
    bad=_PORT,
    good=instead(_PORT, "protocol gre", "protocol tcp"),
)

_OLD = frozenset({6, 17})
_WITH_PORTS = frozenset({6, 17, 33, 132, 136})
_UNKNOWN_TO_THE_DAEMON = frozenset({"all", "tcp_udp", "icmpv6"})
_IPIP = PROTOCOL_NUMBERS["ipip"]


class _Said(NamedTuple):
    message: str
    words: tuple[str, ...]
    severity: Severity = "warning"


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        for tunnel in peer.each("tunnel"):
            for said in (_old(tunnel) if old else _new(tunnel), _not_ipencap(tunnel)):
                value = tunnel.in_force(*said.words) if said is not None else None
                if said is not None and value is not None:
                    path = " ".join((*tunnel.path, *said.words))
                    yield RULE.finding(said.message, path, value.span, severity=said.severity)


def _port(tunnel: Branch) -> tuple[str, ...] | None:
    return next(((side, "port") for side in ("local", "remote") if tunnel.texts(side, "port")), None)


def _old(tunnel: Branch) -> _Said | None:
    """The script of 1.3 and before takes a port with tcp, with udp and without a protocol."""
    port, protocol = _port(tunnel), tunnel.in_force("protocol")
    if port is None or protocol is None or protocol.word == "all" or protocol_number(protocol.word) in _OLD:
        return None
    return _Said(f"a port goes with tcp or udp, not with {protocol.word}: VyOS refuses it", port, "error")


def _new(tunnel: Branch) -> _Said | None:
    port, protocol = _port(tunnel), tunnel.in_force("protocol")
    if protocol is not None and (protocol.word in _UNKNOWN_TO_THE_DAEMON or protocol.word.startswith("!")):
        message = (
            f"{protocol.word} is not the name of one protocol: VyOS takes it, and the IKE daemon discards this "
            "whole connection"
        )
        return _Said(message, ("protocol",), "error")
    if port is None:
        return None
    if protocol is None:
        return _Said("a port without a protocol: VyOS takes it, and the peer may refuse it", port)
    number = protocol_number(protocol.word)
    if number is None or number in _WITH_PORTS:
        return None
    return _Said(f"{protocol.word} has no ports: VyOS takes it, and the number is compared with no port", port)


def _not_ipencap(tunnel: Branch) -> _Said | None:
    protocol = tunnel.in_force("protocol")
    if protocol is None or protocol_number(protocol.word) != _IPIP:
        return None
    message = f"{protocol.word} is protocol {_IPIP}; the packets of an ipip tunnel are 4, which VyOS calls ipencap"
    return _Said(message, ("protocol",))
