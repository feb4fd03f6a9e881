"""``interfaces l2tpv3`` of the tree to L2TPv3 interfaces of the Router."""

from __future__ import annotations

from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, link_options, written_address
from sapper.model.interface import L2tpv3


def build_l2tpv3s(root: Branch, defaulted: list[Assumed]) -> tuple[L2tpv3, ...]:
    """All L2TPv3 interfaces in order of writing."""
    return tuple(
        L2tpv3(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            mtu_bytes=branch.number_or(1488, "mtu"),
            encapsulation="ip" if branch.text("encapsulation") == "ip" else "udp",
            local=written_address(branch, "source-address"),
            remote=written_address(branch, "remote"),
            tunnel_id=branch.number("tunnel-id"),
            peer_tunnel_id=branch.number("peer-tunnel-id"),
            session_id=branch.number("session-id"),
            peer_session_id=branch.number("peer-session-id"),
            source_port=branch.number_or(5000, "source-port"),
            destination_port=branch.number_or(5000, "destination-port"),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "l2tpv3")
    )
