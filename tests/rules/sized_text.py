"""Texts for the rules about sizes, and their findings: with Plan and sizes, and with the proof only where it is asked for."""

from __future__ import annotations

import msgspec
from subject_from_text import subject_of

from sapper.kernel.compile import compile_router
from sapper.mtu.of_plan import tunnel_sizes
from sapper.proof.prove import prove
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.register import RULES
from sapper.rules.subject import Subject

BOTH = TUNNEL + PEER

LAN = "set interfaces ethernet eth1 address 10.1.0.1/24\n"

FITTED = BOTH + LAN + "set interfaces tunnel tun0 mtu 1442\n"

ADJUST = "set interfaces tunnel tun0 ip adjust-mss"

OLD = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth1 address 10.1.0.1/24
set interfaces tunnel tun0 address 10.0.0.1/30
set interfaces tunnel tun0 address 2001:db8:1::1/64
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 local-ip 192.0.2.10
set interfaces tunnel tun0 remote-ip 203.0.113.20
"""

OLD_CLAMP = """\
set policy route MSS-CLAMP rule 10 protocol 'tcp'
set policy route MSS-CLAMP rule 10 set tcp-mss '1400'
set policy route MSS-CLAMP rule 10 tcp flags 'SYN'
set interfaces ethernet eth1 policy route MSS-CLAMP
"""

OLD_FIREWALL = """\
set firewall name IN default-action drop
set firewall name IN rule 20 action drop
set firewall name IN rule 20 protocol icmp
set firewall ipv6-name IN6 rule 20 action drop
set firewall ipv6-name IN6 rule 20 protocol icmpv6
set interfaces ethernet eth0 firewall in name IN
set interfaces ethernet eth0 firewall in ipv6-name IN6
"""
SIZE_RULES = [module for module in RULES if module.RULE.code.startswith("MTU") and module.RULE.far is None]


def sized_subject(text: str, *, proved: bool = False) -> Subject:
    """What the rules about sizes look at."""
    subject = subject_of(text)
    plan = compile_router(subject.router)
    return msgspec.structs.replace(
        subject,
        plan=plan,
        tunnels=prove(plan) if proved else (),
        sizes=tuple(tunnel_sizes(plan, subject.generation)),
    )


def size_findings(text: str, *, proved: bool = False) -> list[Finding]:
    """Every finding about sizes, in order of codes."""
    subject = sized_subject(text, proved=proved)
    return [finding for module in SIZE_RULES for finding in module.find(subject)]


def codes(text: str, *, proved: bool = False) -> list[str]:
    return [finding.code for finding in size_findings(text, proved=proved)]


def found(text: str, code: str, *, proved: bool = False) -> list[Finding]:
    return [finding for finding in size_findings(text, proved=proved) if finding.code == code]
