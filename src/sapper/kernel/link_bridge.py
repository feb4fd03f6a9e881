"""``interfaces bridge``: its members name it as their master.

1500 bytes is what a new bridge has anyway, so VyOS sets nothing then, and the bridge follows its smallest port
(net/bridge/br_if.c, br_mtu_auto_adjust). Any other MTU is set and stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership, own_vrf
from sapper.kernel.plan import Link
from sapper.model.router import Router

_MTU_OF_A_NEW_BRIDGE = 1500


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for bridge in router.bridges:
        yield Link(
            name=bridge.name,
            kind="bridge",
            up=not bridge.disabled,
            mtu_bytes=None if bridge.mtu_bytes == _MTU_OF_A_NEW_BRIDGE else bridge.mtu_bytes,
            addresses=bridge.addresses,
            master=own_vrf(bridge.options),
        )
