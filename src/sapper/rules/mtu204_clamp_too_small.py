"""MTU204: an MSS clamp well below what every tunnel takes that it is for: each segment carries less than it could."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.clamp_fix import new_size_fixes
from sapper.rules.clamping import FAMILIES, Clamp, Clamping
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.sized import HEADERS_BYTES, Sized, alike, names_of, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

TOLERANCE_BYTES = 16
"""One block of AES: what is lost to rounding, or left as a margin, is not worth a word."""

_FITTED = TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n"

RULE = Rule(
    code="MTU204",
    title="an MSS clamp that is too small",
    severity="info",
    why=(
        "It works, and every segment wastes the difference: more packets for the same data. What counts is the "
        "interface's own MTU, and what is left if IKE finds a NAT; a clamp of up to 16 bytes less is let pass."
    ),
    bad=_FITTED + "set interfaces tunnel tun0 ip adjust-mss 1360\n",
    good=_FITTED + "set interfaces tunnel tun0 ip adjust-mss 1394\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = sized(subject)
    clamping = Clamping(subject, tunnels)
    for family in FAMILIES:
        wasting: list[tuple[Clamp, Sized]] = []
        alone = []
        for tunnel in tunnels:
            if clamping.carries(tunnel, family):
                own = clamping.on(tunnel.name, family)
                wasting += [(clamp, tunnel) for clamp in own if _wasted(clamping, clamp, tunnel) > TOLERANCE_BYTES]
                alone += [] if own else [tunnel]
        if alone and not clamping.has_plain_policies:
            narrowest = min(alone, key=lambda tunnel: tunnel.sure_segment(family))
            inside = ((clamp, narrowest) for clamp in clamping.on_inside[family])
            wasting += [member for member in inside if _wasted(clamping, *member) > TOLERANCE_BYTES]
        for group in alike(wasting, lambda member: (member[0].bytes, _fits(clamping, *member), member[1].mtu)):
            yield _finding(subject, clamping, group)


def _fits(clamping: Clamping, clamp: Clamp, tunnel: Sized) -> int:
    """The largest MSS that is of any use, in bytes."""
    return min(tunnel.sure_segment(clamp.family), clamping.sender_mtu - HEADERS_BYTES[clamp.family])


def _wasted(clamping: Clamping, clamp: Clamp, tunnel: Sized) -> int:
    return 0 if clamp.bytes is None else _fits(clamping, clamp, tunnel) - clamp.bytes


def _finding(subject: Subject, clamping: Clamping, group: list[tuple[Clamp, Sized]]) -> Finding:
    clamp, tunnel = group[0]
    fits = _fits(clamping, clamp, tunnel)
    names = list(dict.fromkeys(each.name for _, each in group))
    message = (
        f"an MSS of {clamp.bytes} wastes {fits - (clamp.bytes or 0)} bytes of each segment over IPv{clamp.family}: "
        f"{names_of(names)} with mtu {min(tunnel.mtu, tunnel.fits)} {'takes' if len(names) == 1 else 'take'} {fits}"
        + (", a NAT counted" if tunnel.least < tunnel.fits else "")
    )
    fixes = new_size_fixes(subject, [each for each, _ in group], fits)
    span, _ = value_place(subject, clamp.origin.path, *clamp.words)
    return RULE.finding(message, f"{clamp.origin.path} {' '.join(clamp.words)}", span, fixes=fixes)
