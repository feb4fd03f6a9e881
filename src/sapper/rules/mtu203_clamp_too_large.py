"""MTU203: an MSS clamp above what the tunnel takes, so that it changes nothing where it should."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from sapper.rules.clamp_fix import new_size_fixes
from sapper.rules.clamping import FAMILIES, Clamp, Clamping
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.sized import FEW, Sized, alike, names_of, sized, stack_words
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_FITTED = TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n"

RULE = Rule(
    code="MTU203",
    title="an MSS clamp that is too large",
    severity="warning",
    why=(
        "The MSS is the MTU less 40 bytes over IPv4 and 60 over IPv6. A clamp above that lets hosts agree on "
        "segments that do not fit: they are cut, or refused where DF is set, as if there were no clamp."
    ),
    bad=_FITTED + "set interfaces tunnel tun0 ip adjust-mss 1420\n",
    good=_FITTED + "set interfaces tunnel tun0 ip adjust-mss 1402\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = sized(subject)
    clamping = Clamping(subject, tunnels)
    for family in FAMILIES:
        for group in alike(_on_tunnels(clamping, tunnels, family), _cause):
            clamps, wrong = [clamp for clamp, _ in group], [tunnel for _, tunnel in group]
            yield _finding(subject, clamps, wrong[:FEW], len(wrong))
        alone = [each for each in tunnels if clamping.needs(each, family) and not clamping.on(each.name, family)]
        alone.sort(key=lambda tunnel: tunnel.segment(family))
        sizes = [tunnel.segment(family) for tunnel in alone]
        for clamps in alike(clamping.on_inside[family], lambda clamp: clamp.bytes or 0):
            count = bisect_left(sizes, clamps[0].bytes or 0)
            if count:
                yield _finding(subject, clamps, alone[: min(count, FEW)], count)


def _on_tunnels(clamping: Clamping, tunnels: list[Sized], family: int) -> Iterator[tuple[Clamp, Sized]]:
    """One that takes the MTU of the interface is right once that is."""
    for tunnel in tunnels:
        size = clamping.in_force(tunnel, family) if clamping.carries(tunnel, family) else None
        if size is not None and size > tunnel.segment(family):
            for clamp in clamping.on(tunnel.name, family):
                if clamp.bytes == size:
                    yield clamp, tunnel


def _cause(member: tuple[Clamp, Sized]) -> tuple[object, ...]:
    clamp, tunnel = member
    return (clamp.bytes, tunnel.segment(clamp.family), tunnel.mtu, tunnel.sizes.stack, tunnel.sizes.underlay)


def _finding(subject: Subject, clamps: list[Clamp], tunnels: list[Sized], count: int) -> Finding:
    """``tunnels`` are the first few of those for which the clamps are too large, the one that takes least first."""
    first, family, size = tunnels[0], clamps[0].family, clamps[0].bytes or 0
    fits = first.segment(family)
    message = (
        f"an MSS of {size} is {size - fits} more than {names_of([tunnel.name for tunnel in tunnels], count)} "
        f"{'takes' if count == 1 else 'take'} over IPv{family}: {fits} fits "
        f"(mtu {min(first.mtu, first.fits)}, {stack_words(first)}){_traversal(first, family)}"
    )
    fixes = new_size_fixes(subject, clamps, fits)
    span, _ = value_place(subject, clamps[0].origin.path, *clamps[0].words)
    return RULE.finding(message, f"{clamps[0].origin.path} {' '.join(clamps[0].words)}", span, fixes=fixes)


def _traversal(tunnel: Sized, family: int) -> str:
    sure = tunnel.sure_segment(family)
    return f", {sure} if IKE finds a NAT on the way" if sure < tunnel.segment(family) else ""
