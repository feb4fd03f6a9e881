"""MTU205: an MSS clamp where the tunnel's connections never pass, or one that the kernel cannot do there.

On the underlay the tunnel's own packets leave, which are not forwarded and are no TCP. Before the route is looked up
no MTU of a route is known: nftables refuses ``rt mtu`` on prerouting (net/netfilter/nft_rt.c, nft_rt_validate), as
iptables did TCPMSS with --clamp-mss-to-pmtu (net/netfilter/xt_TCPMSS.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.mtu.underlay import DEFAULT_MTU
from sapper.rules.clamp_fix import clamp_fixes, new_size_fixes
from sapper.rules.clamping import FAMILIES, Clamp, Clamping
from sapper.rules.example import PEER, TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.sized import HEADERS_BYTES, Sized, names_of, sized
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_FITTED = TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n"
_MARGIN_BYTES = 40

RULE = Rule(
    code="MTU205",
    title="an MSS clamp in the wrong place",
    severity="warning",
    why=(
        "adjust-mss changes the SYNs that leave by its interface, a policy's tcp-mss those that enter the policy's "
        "interfaces. A connection through a tunnel leaves by the tunnel and comes from inside; on the underlay there "
        "is only the tunnel's own packet. A clamp that is no smaller than what the underlay itself needs is left "
        "alone. `tcp-mss pmtu` of a policy never loads: it acts before the route, and its MTU, is known."
    ),
    bad=_FITTED + "set interfaces ethernet eth0 ip adjust-mss 1360\n",
    good=_FITTED + "set interfaces tunnel tun0 ip adjust-mss 1402\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    tunnels = sized(subject)
    clamping = Clamping(subject, tunnels)
    for clamp in clamping.clamps:
        if clamp.is_impossible:
            yield _impossible(subject, clamping, clamp, tunnels)
    missed: dict[Clamp, list[Sized]] = {}
    for tunnel in tunnels:
        for family in FAMILIES:
            if clamping.needs(tunnel, family):
                for clamp in elsewhere(clamping, tunnel, family)[:1]:
                    missed.setdefault(clamp, []).append(tunnel)
    for clamp, group in missed.items():
        yield _misplaced(subject, clamping, clamp, group)


def elsewhere(clamping: Clamping, tunnel: Sized, family: int) -> list[Clamp]:
    """The clamps on the underlay of a tunnel that has none, which cannot be meant for the underlay itself."""
    below = tunnel.underlay
    if below is None or clamping.is_covered(tunnel, family) or clamping.has_plain_policies:
        return []
    own = min(below.mtu_bytes or DEFAULT_MTU, DEFAULT_MTU) - HEADERS_BYTES[family] - _MARGIN_BYTES
    return [clamp for clamp in clamping.on(below.name, family) if clamp.bytes is not None and clamp.bytes < own]


def _misplaced(subject: Subject, clamping: Clamping, clamp: Clamp, tunnels: list[Sized]) -> Finding:
    below = tunnels[0].sizes.underlay
    names = names_of([tunnel.name for tunnel in tunnels])
    seen = f"leave by {below}" if clamp.leaving else f"enter {below}"
    message = (
        f"this clamps SYNs that {seen}; the connections of {names} do not, only the tunnel's own packets do: "
        f"nothing clamps {names} over IPv{clamp.family}"
    )
    span, _ = value_place(subject, clamp.origin.path, *clamp.words)
    fixes = clamp_fixes(subject, clamping, [(tunnel, [clamp.family]) for tunnel in tunnels])
    return RULE.finding(message, f"{clamp.origin.path} {' '.join(clamp.words)}", span, fixes=fixes)


def _impossible(subject: Subject, clamping: Clamping, clamp: Clamp, tunnels: list[Sized]) -> Finding:
    message = (
        "pmtu takes the MTU of the route, and a packet that has just entered has none yet: the kernel does not "
        "load the rule, so nothing is clamped"
    )
    span, _ = value_place(subject, clamp.origin.path, *clamp.words)
    sizes = [tunnel.segment(clamp.family) for tunnel in tunnels if clamping.carries(tunnel, clamp.family)]
    fixes = new_size_fixes(subject, [clamp], min(sizes)) if sizes else ()
    return RULE.finding(message, f"{clamp.origin.path} {' '.join(clamp.words)}", span, fixes=fixes)
