"""The exact sizes of plain policy-based connections: children whose packets no device makes.

There is no interface with an MTU: a packet that a policy meets is encrypted on its way out of the underlay, so what
fits is all that there is to know. In tunnel mode an MSS is clamped where the connections come from; in transport mode
they are the router's own, which no clamp sees and which ask for the path's MTU by themselves. All lengths are bytes.
"""

from __future__ import annotations

from sapper.kernel.plan import Child, Connection, Plan
from sapper.mtu.device_stack import device_stack
from sapper.mtu.linux import lets_through
from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.of_plan import SIZED_KINDS, TunnelSizes, notes_on, underlay_below, unknown, with_udp
from sapper.mtu.parse import parse
from sapper.mtu.plan_index import PlanIndex
from sapper.mtu.policy_clamp import PolicyClamps
from sapper.mtu.protection import Protection, protection_by, protection_of
from sapper.mtu.segment import segments

_TCP = 6
_ENCRYPTING = frozenset({"tunnel", "transport"})


_OWN = "transport mode: packets of the two ends' own, which no clamp sees"


def connection_sizes(plan: Plan, generation: str | None = None) -> list[TunnelSizes]:
    """One entry for each, ``PEER tunnel N``, in the Plan's order. ``generation`` decides how commands are written."""
    index = PlanIndex(plan)
    clamps = PolicyClamps(index, generation)
    used = _used(index)
    return [
        _sizes_of(index, clamps, connection, child, generation)
        for connection in plan.connections
        for child in connection.children
        if child.mode in _ENCRYPTING and child.if_id is None and child.esp_proposals and child.name not in used
    ]


def _used(index: PlanIndex) -> set[str]:
    """The names of the children that protect what a device sends."""
    links = (link for link in index.plan.links if link.kind in SIZED_KINDS)
    found = (protection_of(index, link, device_stack(link)) for link in links)
    return {protection.child.name for protection in found if protection is not None}


def _sizes_of(
    index: PlanIndex, clamps: PolicyClamps, connection: Connection, child: Child, generation: str | None
) -> TunnelSizes:
    protection = protection_by(connection, child)
    families = _families(child, protection)
    esp = ("udp", protection.esp) if protection.nat_traversal == "yes" else (protection.esp,)
    is_transport = child.mode == "transport"
    own = (protection.outer, *esp, *(() if is_transport else ("ipv6" if families == (6,) else "ipv4",)))
    underlay = underlay_below(index, child.title, None, protection, generation)
    layers = (*underlay.layers, *own)
    try:
        stack = parse("/".join(layers))
        inner = lets_through(stack, underlay.mtu)
    except (WrongStack, NoRoom) as error:
        return unknown(child.title, None, str(error))
    least = inner if protection.nat_traversal != "open" else with_udp(layers, underlay.mtu)
    mss = segments(stack, underlay.mtu) if _takes_tcp(child) else (None, None)
    sizes = {family: size for family, size in zip((4, 6), mss, strict=True) if size and family in families}
    commands, remarks = ([], [_OWN]) if is_transport else clamps.commands(child, underlay.link, sizes)
    return TunnelSizes(
        name=child.title,
        stack=stack.text,
        underlay=underlay.link,
        link_mtu=underlay.mtu,
        configured_mtu=None,
        inner_mtu=inner,
        least=least,
        mss=(sizes.get(4), sizes.get(6)),
        commands=tuple(commands),
        notes=(*notes_on(underlay, protection, inner, least), *remarks),
        esp_proposals=child.esp_proposals,
    )


def _families(child: Child, protection: Protection) -> tuple[int, ...]:
    """Those of the selectors; without any, that of the connection's own addresses."""
    families = {selector.prefix.family for selector in (*child.local_ts, *child.remote_ts)}
    return tuple(sorted(families)) or ((6,) if protection.outer == "ipv6" else (4,))


def _takes_tcp(child: Child) -> bool:
    """False where the selectors of a side take another protocol only."""
    return all(
        not side or any(selector.protocol in (None, _TCP) for selector in side)
        for side in (child.local_ts, child.remote_ts)
    )
