"""Which CHILD_SA of the Plan protects a tunnel's outer packets, and what ESP makes of them, in the stack language.

A selector has to cover both outer addresses and the protocol; an address that is not known is covered by whatever
the connection names. The ESP proposal is the child's first. Whether NAT traversal puts UDP around ESP is decided by
IKE when it sees a NAT: it is certain where the configuration forces it or where a private address speaks to a public
one, and open everywhere else.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.address import Address, Prefix
from sapper.kernel.plan import Child, Connection, Link, Selector
from sapper.mtu.device_stack import DeviceStack
from sapper.mtu.plan_index import PlanIndex
from sapper.mtu.protocols.esp_transform import sized_words

NatTraversal = Literal["yes", "no", "open"]
_PRIVATE = tuple(
    Prefix.parse(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
)  # RFC 1918, 6598, 3927


class Protection(NamedTuple):
    """``local`` and ``remote`` are the ESP packet's own addresses in tunnel mode."""

    child: Child
    nat_traversal: NatTraversal
    local: Address | None
    remote: Address | None

    @property
    def esp(self) -> str:
        """The ESP layer: the first proposal, and the mode."""
        return f"esp:{sized_words(self.child.esp_proposals[0])}"

    @property
    def outer(self) -> str:
        """The outer IP layer of tunnel mode."""
        return "ipv6" if 6 in (getattr(self.local, "family", 0), getattr(self.remote, "family", 0)) else "ipv4"


def protection_of(index: PlanIndex, link: Link, device: DeviceStack | None) -> Protection | None:
    """The first child whose policy meets the outer packets, or that a VTI is bound to. None: sent as they are."""
    if link.if_id is not None and (bound := index.bound_to(link.if_id)) is not None:
        return protection_by(bound.connection, bound.child)
    for _, connection, child in index.offered(device.local, device.remote) if device is not None else ():
        if device is not None and _meets(connection, child, device):
            return protection_by(connection, child)
    return None


def protection_by(connection: Connection, child: Child) -> Protection:
    """What that child makes of a packet that its policy meets."""
    local = connection.local_addrs[0] if connection.local_addrs else None
    remote = connection.remote_addrs[0] if connection.remote_addrs else None
    return Protection(child, _nat_traversal(connection, local, remote), local, remote)


def _nat_traversal(connection: Connection, local: Address | None, remote: Address | None) -> NatTraversal:
    if connection.encap:
        return "yes"
    if local is None or remote is None or local.family == 6:
        return "open" if local is None or local.family == 4 else "no"
    return "yes" if _is_private(local) and not _is_private(remote) else "open"


def _is_private(address: Address) -> bool:
    return any(address in prefix for prefix in _PRIVATE)


def _meets(connection: Connection, child: Child, device: DeviceStack) -> bool:
    return _covers(child.local_ts, connection.local_addrs, device.local, device.protocol) and _covers(
        child.remote_ts, connection.remote_addrs, device.remote, device.protocol
    )


def _covers(
    selectors: tuple[Selector, ...], own: tuple[Address, ...], address: Address | None, protocol: int
) -> bool:
    """True if one selector takes the address and the protocol. No selector is the IKE SA's own address."""
    if not selectors:
        return address is None or not own or address in own
    return any(
        (selector.protocol is None or selector.protocol == protocol)
        and (address is None or address in selector.prefix)
        for selector in selectors
    )
