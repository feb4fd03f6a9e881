"""LEAK101: what is handed to a tunnel leaves in clear, its outer header and its content visible to anybody.

Linux sends what matches no IPsec policy as it is (RFC 4301 5.1 would discard it), and strongSwan installs no policy
before the SA exists unless the connection is a trap. The proof finds it; this rule gives it a place and a way out.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import hidden_ends, origin_of, packet_words, proved_fix, refuted
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_SHARED = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces dummy dum0 address 10.10.0.1/32
set interfaces tunnel tun0 address 10.0.0.1/29
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 10.10.0.1
set interfaces tunnel tun0 remote 10.10.0.2
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret example
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 14
set vpn ipsec site-to-site peer west authentication mode pre-shared-secret
set vpn ipsec site-to-site peer west connection-type initiate
set vpn ipsec site-to-site peer west default-esp-group ESP
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west local-address 192.0.2.10
set vpn ipsec site-to-site peer west remote-address 203.0.113.20
set vpn ipsec site-to-site peer west tunnel 1 local prefix 10.10.0.1/32
set vpn ipsec site-to-site peer west tunnel 1 remote prefix 10.10.0.2/32
"""

RULE = Rule(
    code="LEAK101",
    title="tunnel packets leave in clear",
    severity="error",
    why=(
        "Without an IPsec policy the kernel sends tunnel packets as they are, and the policy comes and goes with the "
        "SA: while the router boots, negotiates, or after a close, whoever listens reads the traffic, and the tunnel "
        "seems to work."
    ),
    bad=_SHARED,
    good=_SHARED + "set protocols static route 10.10.0.2/32 blackhole\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, verdict in refuted(subject, "confidentiality"):
        origin = origin_of(subject.router, entry.name)
        states = ", ".join(verdict.failing_states)
        message = f"{entry.name}: packets leave in clear in {states}; {packet_words(verdict)}"
        fixes = proved_fix(subject, entry.name, "confidentiality", hidden_ends(subject, entry.name), "blackhole")
        yield RULE.finding(message, origin.path, origin.span, fixes=tuple(fixes))
