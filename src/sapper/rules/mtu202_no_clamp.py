"""MTU202: TCP goes through a tunnel and nothing lowers its MSS.

Hosts on links of 1500 bytes agree on segments that the tunnel does not take, and learn of it by ICMP only. Source:
RFC 2923 section 2.1; RFC 4459 section 3.2; the articles' remedy is ``policy route … set tcp-mss``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.clamp_fix import clamp_fixes
from sapper.rules.clamping import FAMILIES, Clamping
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding, Severity
from sapper.rules.icmp_filter import filters
from sapper.rules.mtu205_clamp_elsewhere import elsewhere
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, alike, has, names_of, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n"

RULE = Rule(
    code="MTU202",
    title="no MSS clamp",
    severity="info",
    why=(
        "TCP between hosts on ordinary links uses segments that are too large for the tunnel. It works as long as "
        "every ICMP message that says so arrives; a clamp makes TCP independent of them. A clamp tells the other "
        "end how much it may send, so both ends need one. It is a warning where this router's own firewall drops "
        "those messages."
    ),
    bad=_BAD,
    good=_BAD + "set interfaces tunnel tun0 ip adjust-mss 1402\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = sized(subject)
    clamping = Clamping(subject, tunnels)
    bare = []
    for tunnel in tunnels:
        families = [family for family in FAMILIES if clamping.needs(tunnel, family)]
        covered = [family for family in families if clamping.is_covered(tunnel, family)]
        if families and not covered and not any(elsewhere(clamping, tunnel, each) for each in families):
            bare.append((tunnel, families))
    filtered = bool(bare) and any(True for _ in filters(subject))
    for group in alike(bare, _cause):
        yield _finding(subject, clamping, group, filtered)


def _cause(member: tuple[Sized, list[int]]) -> tuple[object, ...]:
    tunnel, families = member
    return (tuple(families), *(tunnel.segment(family) for family in families))


def _finding(subject: Subject, clamping: Clamping, group: list[tuple[Sized, list[int]]], filtered: bool) -> Finding:
    first, families = group[0]
    names = [tunnel.name for tunnel, _ in group]
    sizes = " and ".join(f"{first.segment(family)} bytes over IPv{family}" for family in families)
    told = "this firewall drops the ICMP that would tell them" if filtered else "only ICMP tells them"
    message = (
        f"{names_of(names)} {has(names)} no MSS clamp: TCP segments of {sizes} fit, "
        f"hosts on links of {clamping.sender_mtu} use more, and {told}"
    )
    severity: Severity | None = "warning" if filtered else None
    span, _ = value_place(subject, first.origin.path)
    fixes = clamp_fixes(subject, clamping, group)
    return RULE.finding(message, first.origin.path, span, severity=severity, fixes=fixes)
