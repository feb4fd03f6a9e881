"""MTU206: a tunnel for IPv4 and IPv6 whose MSS is clamped for one of them only."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.clamp_fix import clamp_fixes
from sapper.rules.clamping import FAMILIES, Clamping
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.mtu205_clamp_elsewhere import elsewhere
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, alike, has, names_of, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = (
    TUNNEL
    + PEER
    + "set interfaces tunnel tun0 address 2001:db8:1::1/64\n"
    + "set interfaces tunnel tun0 mtu 1442\n"
    + "set interfaces tunnel tun0 ip adjust-mss 1402\n"
)

RULE = Rule(
    code="MTU206",
    title="an MSS clamp for one family only",
    severity="info",
    why=(
        "`ip adjust-mss` and `policy route` act on IPv4, `ipv6 adjust-mss` and `policy route6` on IPv6, whose header "
        "is 20 bytes longer. The other family depends on ICMP, and IPv6 more so: no router cuts its packets."
    ),
    bad=_BAD,
    good=_BAD + "set interfaces tunnel tun0 ipv6 adjust-mss 1382\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = sized(subject)
    clamping = Clamping(subject, tunnels)
    found = []
    for tunnel in tunnels:
        families = [family for family in FAMILIES if clamping.needs(tunnel, family)]
        bare = [family for family in families if not clamping.is_covered(tunnel, family)]
        if len(families) == 2 and len(bare) == 1 and not elsewhere(clamping, tunnel, bare[0]):
            found.append((tunnel, bare))
    for group in alike(found, lambda member: (member[1][0], member[0].segment(member[1][0]))):
        yield _finding(subject, clamping, group)


def _finding(subject: Subject, clamping: Clamping, group: list[tuple[Sized, list[int]]]) -> Finding:
    first, (bare,) = group[0]
    names = [tunnel.name for tunnel, _ in group]
    message = (
        f"{names_of(names)} {has(names)} an MSS clamp for IPv{4 if bare == 6 else 6} and none for IPv{bare}, "
        f"where {first.segment(bare)} fits"
    )
    span, _ = value_place(subject, first.origin.path)
    fixes = clamp_fixes(subject, clamping, group)
    return RULE.finding(message, first.origin.path, span, fixes=fixes)
