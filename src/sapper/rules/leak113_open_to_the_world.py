"""LEAK113: a tunnel without a remote takes packets from anybody."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_example import WAN, WAN_GUARD_IN, WAN_GUARD_OUT
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_OPEN = WAN.replace("remote 203.0.113.20\n", "remote 0.0.0.0\n", 1)

RULE = Rule(
    code="LEAK113",
    title="a tunnel that takes packets from anybody",
    severity="error",
    why=(
        "A tunnel device without a remote decapsulates what reaches its local address, whoever sent it. The key, "
        "if there is one, is in every packet. Unless a policy asks for ESP from everywhere, or a guard drops what "
        "was not decrypted, it is a way in for the world."
    ),
    reference="VU#199397; net/ipv4/ip_tunnel.c, ip_tunnel_lookup",
    lab="With the SA up, five of five packets that a stranger sends arrive inside.",
    bad=_OPEN,
    good=WAN + WAN_GUARD_IN + WAN_GUARD_OUT,
)


def find(subject: Subject) -> Iterator[Finding]:
    for link in subject.plan.links if subject.plan is not None else ():
        wrapping = link.encapsulating
        open_to_all = (
            wrapping is not None
            and wrapping.sixrd is None
            and (wrapping.remote is None or wrapping.remote.is_unspecified)
        )
        if wrapping is not None and open_to_all and not _guarded(subject, wrapping.protocol):
            origin = origin_of(subject.router, link.name)
            message = f"{link.name} has no remote: it decapsulates packets from anybody"
            yield RULE.finding(message, origin.path, origin.span)


def _guarded(subject: Subject, protocol: int) -> bool:
    """Whether a guard drops every packet of that protocol that was not decrypted."""
    return subject.plan is not None and any(
        guard.hook in ("input", "prerouting")
        and guard.protocol in (None, protocol)
        and guard.source is None
        and guard.link is None
        for guard in subject.plan.guards
    )
