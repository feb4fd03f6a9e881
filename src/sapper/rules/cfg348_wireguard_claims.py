"""CFG348: a port that two WireGuard interfaces listen on, or a network that two peers claim.

Source: VyOS' rule that a listen port must be free; the kernel's allowedips.c, where a prefix belongs to one peer of
an interface and a later one takes it over.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Prefix
from sapper.model.branch import Branch
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TWO = """\
set interfaces wireguard wg0 port 51820
set interfaces wireguard wg1 port 51820
"""

RULE = Rule(
    code="CFG348",
    title="a WireGuard port or network that is claimed twice",
    severity="error",
    why=(
        "VyOS refuses a listen port that is in use. It takes one prefix in the allowed-ips of two peers, and the "
        "kernel gives it to the one that is configured last: the other gets nothing of it, in either direction (a "
        "warning)."
    ),
    bad=_TWO,
    good=_TWO.replace("wg1 port 51820", "wg1 port 51821"),
)


def find(subject: Subject) -> Iterator[Finding]:
    listening: dict[str, str] = {}
    for wireguard in subject.top.each("interfaces", "wireguard"):
        port = wireguard.in_force("port")
        if port is not None:
            other = listening.setdefault(port.word, wireguard.name)
            if other != wireguard.name:
                message = f"{wireguard.name} and {other} listen on port {port.word}: VyOS refuses the second"
                yield RULE.finding(message, f"{wireguard.where} port", port.span)
        yield from _networks(wireguard)


def _networks(wireguard: Branch) -> Iterator[Finding]:
    first: dict[Prefix, str] = {}
    for peer in wireguard.each("peer"):
        if peer.has("disable"):
            continue
        for value in peer.texts("allowed-ips"):
            try:
                prefix = Prefix.parse(value.word)
            except ValueError:
                continue
            other = first.setdefault(prefix, peer.name)
            if other != peer.name:
                message = (
                    f"peers {other} and {peer.name} of {wireguard.name} both claim {prefix}: VyOS takes it, the "
                    f"kernel keeps it with one of them only"
                )
                yield RULE.finding(message, f"{peer.where} allowed-ips", value.span, severity="warning")
