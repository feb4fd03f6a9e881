"""The commands that give a tunnel interface the MTU and the clamps that fit, in the user's generation of VyOS.

An interface with a smaller MTU is left alone. ``adjust-mss`` is asked for where no clamp of the Plan does it already;
releases before 1.4 have it under ``firewall options``. Ranges are VyOS' own.
"""

from __future__ import annotations

from sapper.kernel.plan import Link
from sapper.mtu.plan_index import PlanIndex

LEAST_MTU, LEAST_MTU_UDP = 68, 1200
LEAST_MSS = 536
LEAST_IPV6_MTU = 1280
_OLD = frozenset({"1.1", "1.2", "1.3"})
_TYPES = {"xfrm": "vti", "wireguard": "wireguard", "vxlan": "vxlan", "geneve": "geneve", "l2tpeth": "l2tpv3"}


def commands(
    index: PlanIndex, link: Link, inner_mtu: int, families: tuple[int, ...], generation: str | None = None
) -> list[str]:
    """What to set so that ``inner_mtu`` is what the interface has; empty where it is fine."""
    found = []
    mtu = inner_mtu if link.mtu_bytes is None else min(inner_mtu, link.mtu_bytes)
    kind = _TYPES.get(link.kind, "tunnel")
    least = LEAST_MTU_UDP if kind in ("vxlan", "geneve") else LEAST_MTU
    if (link.mtu_bytes is None or link.mtu_bytes > inner_mtu) and inner_mtu >= least:
        found.append(f"set interfaces {kind} {link.name} mtu '{inner_mtu}'")
    for family, headers in ((4, 40), (6, 60)):
        mss = mtu - headers
        if family not in families or mss < LEAST_MSS or index.is_clamped(link.name, family, mss):
            continue
        if family == 6 and mtu < LEAST_IPV6_MTU:
            continue
        found.append(_adjust(kind, link.name, family, mss, generation))
    return found


def _adjust(kind: str, name: str, family: int, mss: int, generation: str | None) -> str:
    if generation in _OLD:
        return f"set firewall options interface {name} adjust-mss{'6' if family == 6 else ''} '{mss}'"
    return f"set interfaces {kind} {name} {'ipv6' if family == 6 else 'ip'} adjust-mss '{mss}'"
