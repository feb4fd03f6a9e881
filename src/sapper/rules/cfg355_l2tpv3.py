"""CFG355: L2TPv3 ports without UDP, or its two ends in two families.

VyOS passes the ports on for IP encapsulation too, where no header has them (RFC 3931 section 4.1.1). It does not
compare the families; the kernel does when it connects the socket.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch
from sapper.rules.devices import end_of
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_L2TP = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces l2tpv3 l2tpeth0 encapsulation ip
set interfaces l2tpv3 l2tpeth0 source-address 192.0.2.10
set interfaces l2tpv3 l2tpeth0 remote 203.0.113.20
set interfaces l2tpv3 l2tpeth0 tunnel-id 10
set interfaces l2tpv3 l2tpeth0 peer-tunnel-id 10
set interfaces l2tpv3 l2tpeth0 session-id 20
set interfaces l2tpv3 l2tpeth0 peer-session-id 20
"""

RULE = Rule(
    code="CFG355",
    title="L2TPv3 options that do not go together",
    severity="warning",
    why=(
        "VyOS takes ports with `encapsulation ip`, which has none: an IPsec selector or a firewall rule for them "
        "meets nothing, protocol 115 is on the wire. It also takes a source-address and a remote of two families, "
        "and the kernel refuses those."
    ),
    bad=_L2TP + "set interfaces l2tpv3 l2tpeth0 source-port 5010\n",
    good=_L2TP,
)

_PORTS = ("source-port", "destination-port")


def find(subject: Subject) -> Iterator[Finding]:
    for session in subject.top.each("interfaces", "l2tpv3"):
        if session.text("encapsulation") == "ip":
            yield from _ports(session)
        source, _ = end_of(session, "source-address")
        remote, value = end_of(session, "remote")
        if source is not None and remote is not None and value is not None and source.family != remote.family:
            message = (
                f"{session.name} has an IPv{source.family} source-address and an IPv{remote.family} remote: "
                f"VyOS takes it, the kernel refuses it"
            )
            yield RULE.finding(message, f"{session.where} remote", value.span)


def _ports(session: Branch) -> Iterator[Finding]:
    ports = [(word, value) for word in _PORTS if (value := session.in_force(word)) is not None]
    if ports:
        words = " and ".join(word for word, _ in ports)
        word, value = ports[0]
        message = (
            f"{session.name} has {words} and encapsulation ip, which has no ports: VyOS takes it, nothing uses it"
        )
        yield RULE.finding(message, f"{session.where} {word}", value.span)
