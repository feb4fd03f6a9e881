"""``interfaces l2tpv3``: an unmanaged tunnel with one Ethernet session in it (reference, 7.6)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import L2tpSession, Link
from sapper.model.interface import L2tpv3
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for l2tpv3 in router.l2tpv3s:
        yield Link(
            name=l2tpv3.name,
            kind="l2tpeth",
            up=not l2tpv3.disabled,
            mtu_bytes=l2tpv3.mtu_bytes,
            addresses=l2tpv3.addresses,
            master=membership.master(l2tpv3.name, l2tpv3.options),
            l2tp=_session(l2tpv3),
        )


def _session(l2tpv3: L2tpv3) -> L2tpSession | None:
    """None where one of the six is missing without which VyOS refuses the device."""
    local, remote = l2tpv3.local, l2tpv3.remote
    identifiers = (l2tpv3.tunnel_id, l2tpv3.peer_tunnel_id, l2tpv3.session_id, l2tpv3.peer_session_id)
    known = [identifier for identifier in identifiers if identifier is not None]
    if local is None or remote is None or len(known) != len(identifiers):
        return None
    tunnel_id, peer_tunnel_id, session_id, peer_session_id = known
    over_udp = l2tpv3.encapsulation == "udp"
    return L2tpSession(
        encapsulation=l2tpv3.encapsulation,
        local=local,
        remote=remote,
        tunnel_id=tunnel_id,
        peer_tunnel_id=peer_tunnel_id,
        session_id=session_id,
        peer_session_id=peer_session_id,
        source_port=l2tpv3.source_port if over_udp else 0,
        destination_port=l2tpv3.destination_port if over_udp else 0,
    )
