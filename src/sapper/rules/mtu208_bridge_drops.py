"""MTU208: a bridge joins a tunnel with wires that carry longer frames than the tunnel can.

A bridge sends no ICMP: is_skb_forwardable (net/core/dev.c) drops what is longer than the port's MTU, and a GRE device
without a route of the inner packet has nobody to tell (net/ipv4/ip_tunnel.c, tnl_update_pmtu). Only without path MTU
discovery and with ignore-df does gretap cut what it sends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sapper.kernel.plan import Link
from sapper.mtu.underlay import DEFAULT_MTU
from sapper.rules.clamp_fix import has_old_words
from sapper.rules.example import TUNNEL, instead, without
from sapper.rules.finding import Finding, Fix
from sapper.rules.mtu201_too_large import may_cut
from sapper.rules.rule import Rule
from sapper.rules.sized import Sized, sized, stack_words
from sapper.rules.sized_place import value_place
from sapper.rules.subject import Subject

_BAD = (
    instead(without(TUNNEL, "tun0 address"), "gre", "gretap")
    + "set interfaces bridge br0 member interface eth1\n"
    + "set interfaces bridge br0 member interface tun0\n"
    + "set interfaces ethernet eth1 description LAN\n"
)
_CUT = ("parameters ip ttl 0", "parameters ip no-pmtu-discovery", "parameters ip ignore-df")

RULE = Rule(
    code="MTU208",
    title="a bridge that drops what is too long for a tunnel",
    severity="warning",
    why=(
        'Between the ports of a bridge nothing says "too big": a frame that is longer than the tunnel\'s MTU, or '
        "than what fits where the tunnel sets DF, vanishes. Ping works, larger transfers stall. Either the tunnel "
        "cuts its outer packets (no-pmtu-discovery with ignore-df, the MTU of the wire), or every host on the wire "
        "gets the smaller MTU, or the underlay a larger one."
    ),
    bad=_BAD,
    good=_BAD
    + "set interfaces tunnel tun0 mtu 1500\n"
    + "".join(f"set interfaces tunnel tun0 {option}\n" for option in _CUT),
)

_WIRES = frozenset({"ethernet", "vlan"})


def find(subject: Subject) -> Iterator[Finding]:
    bridged = [tunnel for tunnel in sized(subject) if tunnel.is_bridged]
    widest = _widest(subject) if bridged else {}
    for tunnel in bridged:
        wire = widest.get(tunnel.link.master or "")
        if wire is not None and taken(tunnel) < (wire.mtu_bytes or DEFAULT_MTU):
            yield _finding(subject, tunnel, wire)


def taken(tunnel: Sized) -> int:
    """The longest packet that gets into the tunnel from a bridge, in bytes without the Ethernet header."""
    return tunnel.mtu if may_cut(tunnel) else min(tunnel.mtu, tunnel.fits)


def _widest(subject: Subject) -> dict[str, Link]:
    """For each bridge, its wire with the largest MTU."""
    found: dict[str, Link] = {}
    wires: dict[str, list[Link]] = defaultdict(list)
    for link in subject.plan.links if subject.plan is not None else ():
        if link.master is not None and link.kind in _WIRES:
            wires[link.master].append(link)
    for bridge, links in wires.items():
        found[bridge] = max(links, key=lambda link: link.mtu_bytes or DEFAULT_MTU)
    return found


def _finding(subject: Subject, tunnel: Sized, wire: Link) -> Finding:
    limit, length = taken(tunnel), wire.mtu_bytes or DEFAULT_MTU
    why = (
        f"the mtu of {tunnel.name} is {tunnel.mtu}"
        if limit == tunnel.mtu
        else f"more than {limit} does not fit ({stack_words(tunnel)}) and {tunnel.name} does not cut it"
    )
    message = f"{tunnel.link.master} drops packets of {limit + 1} to {length} bytes from {wire.name} without a word: {why}"
    span, _ = value_place(subject, tunnel.origin.path, "mtu")
    return RULE.finding(message, f"{tunnel.origin.path} mtu", span, fixes=tuple(_fixes(subject, tunnel, length)))


def _fixes(subject: Subject, tunnel: Sized, length: int) -> Iterator[Fix]:
    """Where the device can cut its outer packets. VXLAN must not (RFC 7348)."""
    mtu = f"set {tunnel.origin.path} mtu {length}"
    if tunnel.link.kind == "gretap" and not has_old_words(subject):
        commands = (mtu, *(f"set {tunnel.origin.path} {option}" for option in _CUT))
        yield Fix("cut the outer packets, at both ends", commands)
    elif tunnel.link.kind in ("l2tpeth", "geneve") and may_cut(tunnel):
        yield Fix("cut the outer packets, at both ends", (mtu,))
