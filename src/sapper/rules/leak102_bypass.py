"""LEAK102: traffic for a protected network leaves in clear on another way than its tunnel.

A VTI that goes down takes its routes along, its connected prefix too, and the default route takes over: the tunnel
leaks nothing, the router does. Routes of the worst distance for the same prefixes end that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.protected import entries_of
from sapper.rules.finding import Finding, Fix
from sapper.rules.leak import hidden_ends, origin_of, packet_words, proved_fix, refuted
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SHARED = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces vti vti0 address 10.0.0.1/30
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route 192.168.2.0/24 interface vti0
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret example
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 14
set vpn ipsec site-to-site peer west authentication mode pre-shared-secret
set vpn ipsec site-to-site peer west connection-type initiate
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west local-address 192.0.2.10
set vpn ipsec site-to-site peer west remote-address 203.0.113.20
set vpn ipsec site-to-site peer west vti bind vti0
set vpn ipsec site-to-site peer west vti esp-group ESP
"""

RULE = Rule(
    code="LEAK102",
    title="protected traffic takes another way",
    severity="error",
    why=(
        "When the interface goes down, its routes go with it. The packets for the far networks then follow the next "
        "best route, most often the default route, to the provider and in clear."
    ),
    bad=_SHARED,
    good=(
        _SHARED
        + "set protocols static route 10.0.0.0/30 reject distance 254\n"
        + "set protocols static route 192.168.2.0/24 reject distance 254\n"
    ),
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, verdict in refuted(subject, "no-bypass"):
        origin = origin_of(subject.router, entry.name)
        states = ", ".join(verdict.failing_states)
        message = f"{entry.name}: protected traffic takes another way in {states}; {packet_words(verdict)}"
        yield RULE.finding(message, origin.path, origin.span, fixes=tuple(_fixes(subject, entry.name)))


def _fixes(subject: Subject, name: str) -> Iterator[Fix]:
    if subject.plan is None:
        return
    networks = [network for entry in entries_of(subject.plan) if entry.name == name for network in entry.networks]
    guarded = {route.prefix for route in subject.router.routes if route.kind == "unreachable"}
    missing = [network for network in networks if network not in guarded]
    yield from proved_fix(subject, name, "no-bypass", missing, "unreachable")
    yield from proved_fix(subject, name, "no-bypass", hidden_ends(subject, name), "blackhole")
