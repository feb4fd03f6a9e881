"""``interfaces wireguard`` of the tree to WireGuard interfaces of the Router.

Keys that are secrets go into :class:`Secret` here and nowhere else. A peer that is reached by a link-local address
with an interface, or by a name, has no endpoint that the Router can say, and is named in ``unmodelled``.
"""

from __future__ import annotations

from sapper.address import Address, Prefix
from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, link_options
from sapper.model.interface import Wireguard, WireguardPeer


def build_wireguards(root: Branch, defaulted: list[Assumed], unmodelled: list[str]) -> tuple[Wireguard, ...]:
    """All WireGuard interfaces in order of writing."""
    return tuple(
        Wireguard(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            mtu_bytes=branch.number_or(1420, "mtu"),
            private_key=branch.secret("private-key"),
            port=branch.number("port"),
            fwmark=branch.number_or(0, "fwmark"),
            peers=tuple(_peer(peer, unmodelled) for peer in branch.each("peer")),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "wireguard")
    )


def _peer(branch: Branch, unmodelled: list[str]) -> WireguardPeer:
    return WireguardPeer(
        name=branch.name,
        origin=branch.origin,
        public_key=branch.text("public-key"),
        preshared_key=branch.secret("preshared-key"),
        allowed=tuple(Prefix.parse(text) for text in branch.good_texts("allowed-ips")),
        endpoint=_endpoint(branch, unmodelled),
        port=branch.number("port"),
        keepalive_s=branch.number("persistent-keepalive"),
        disabled=branch.has("disable"),
    )


def _endpoint(branch: Branch, unmodelled: list[str]) -> Address | None:
    text = branch.text("address")
    if text is None:
        return None
    try:
        return Address.parse(text)
    except ValueError:
        unmodelled.append(f"{branch.where} address")
        return None
