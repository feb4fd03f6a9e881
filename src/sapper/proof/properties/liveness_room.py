"""Where a packet that is too long for a tunnel vanishes, because nothing can say "too big" to who sent it.

Between the ports of a bridge nothing sends ICMP: is_skb_forwardable (net/core/dev.c) drops what is longer than the
port's MTU, and a device whose packets have no route of their own has nobody to tell (net/ipv4/ip_tunnel.c,
tnl_update_pmtu). Only without path MTU discovery and with ignore-df is the outer packet cut. Everywhere else "too big"
reaches the sender, and a size refutes nothing.
"""

from __future__ import annotations

from sapper.kernel.plan import Link
from sapper.mtu.of_plan import SIZED_KINDS, sizes_of
from sapper.mtu.plan_index import PlanIndex
from sapper.mtu.underlay import DEFAULT_MTU

_WIRES = frozenset({"ethernet", "vlan"})


def no_room(index: PlanIndex, link: Link) -> str | None:
    """Why longer packets of a bridge's wire vanish in that tunnel; None if they do not, or it is no bridge's port."""
    bridge = index.links.get(link.master or "")
    if bridge is None or bridge.kind != "bridge" or link.kind not in SIZED_KINDS:
        return None
    wires = [port for port in index.members.get(bridge.name, ()) if port.kind in _WIRES]
    sizes = sizes_of(index, link)
    if not wires or sizes.inner_mtu is None or sizes.configured_mtu is None:
        return None
    widest = max(wires, key=lambda port: port.mtu_bytes or DEFAULT_MTU)
    outer = link.encapsulating
    cuts = outer is not None and outer.ignore_df and not outer.pmtu_discovery
    taken = sizes.configured_mtu if cuts else min(sizes.configured_mtu, sizes.inner_mtu)
    length = widest.mtu_bytes or DEFAULT_MTU
    if taken >= length:
        return None
    return (
        f'packets of {taken + 1} to {length} bytes from {widest.name} vanish: {bridge.name} cannot say "too big", and '
        f"{link.name} takes {taken}"
    )
