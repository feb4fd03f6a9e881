"""From site-to-site peers and DMVPN profiles to IKE connections, as VyOS renders them (reference, section 11).

A virtual address and a far end known by name are named in the Plan's gaps (:mod:`sapper.kernel.uncarried`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sapper.address import Address, Prefix
from sapper.kernel.dmvpn import profile_connections
from sapper.kernel.link_vti import vti_if_id
from sapper.kernel.plan import Child, Connection, Selector
from sapper.kernel.proposals import IKE_VERSION, esp_proposals, ike_proposals
from sapper.model.ipsec import EspGroup, Peer, PeerTunnel
from sapper.model.router import Router

_EVERYTHING = (Selector(Prefix.everything(4)), Selector(Prefix.everything(6)))
# Until 1.3 ipsec.conf's leftprotoport keeps the protocol of a side without a prefix; swanctl's template loses it.
_PROTOCOL_WITHOUT_PREFIX = frozenset({"1.1", "1.2", "1.3"})
_START: dict[str, Literal["none", "trap", "start"]] = {"initiate": "start", "trap": "trap", "none": "none"}


def section_name(peer_name: str) -> str:
    """strongSwan's name for the connection: ``@`` goes, ``.`` and ``:`` become ``-``."""
    return peer_name.replace("@", "").replace(".", "-").replace(":", "-")


def connections_of(router: Router) -> Iterator[Connection]:
    """The profiles' connections, then one for each enabled peer; a local address that comes by DHCP is none."""
    yield from profile_connections(router)
    keeps_protocol = router.generation in _PROTOCOL_WITHOUT_PREFIX
    for peer in router.peers:
        if not peer.disabled:
            yield _connection(peer, keeps_protocol)


def _connection(peer: Peer, keeps_protocol: bool) -> Connection:
    ike, auth = peer.ike_group, peer.authentication
    return Connection(
        name=section_name(peer.name),
        title=peer.name,
        version=IKE_VERSION[ike.key_exchange],
        local_addrs=(peer.local_address,) if peer.local_address else (),
        remote_addrs=peer.remote_addresses,
        proposals=ike_proposals(ike),
        children=tuple(_children(peer, keeps_protocol)),
        auth="psk" if auth.mode == "pre-shared-secret" else "pubkey",
        local_id=auth.local_id,
        remote_id=auth.remote_id,
        secret=auth.secret,
        secret_ids=auth.secret_ids,
        aggressive=ike.aggressive and ike.key_exchange == "ikev1",
        mobike=ike.mobike,
        encap=peer.force_udp,
        dpd_delay_s=ike.dpd.interval_s if ike.dpd else None,
        dpd_timeout_s=ike.dpd.timeout_s if ike.dpd else None,
        rekey_time_s=ike.lifetime_s,
        keyingtries=_keyingtries(peer),
        leased_from=peer.dhcp_interface,
    )


def _keyingtries(peer: Peer) -> int | None:
    if peer.passive or peer.connection_type == "initiate":
        return 0
    return 1 if peer.connection_type == "trap" else None


def _children(peer: Peer, keeps_protocol: bool) -> Iterator[Child]:
    name = section_name(peer.name)
    tunnels = [tunnel for tunnel in peer.tunnels if not tunnel.disabled]
    if peer.vti and not peer.tunnels:
        yield _child(peer, f"{name}-vti", peer.vti.esp_group, _EVERYTHING, _EVERYTHING)
    for tunnel in tunnels:
        yield from _tunnel_children(peer, name, tunnel, keeps_protocol)


def _tunnel_children(peer: Peer, name: str, tunnel: PeerTunnel, keeps_protocol: bool) -> Iterator[Child]:
    child_name = f"{name}-tunnel-{tunnel.number}"
    if tunnel.esp_group.mode == "transport":
        local = _hosts((peer.local_address,), tunnel.protocol, tunnel.local_port)
        remote = _hosts(peer.remote_addresses, tunnel.protocol, tunnel.remote_port)
    else:
        local = _selectors(tunnel.local_prefixes, tunnel.protocol, tunnel.local_port)
        remote = _selectors(tunnel.remote_prefixes, tunnel.protocol, tunnel.remote_port)
        if keeps_protocol and tunnel.protocol is not None:
            local = local or _hosts((peer.local_address,), tunnel.protocol, tunnel.local_port)
            remote = remote or _hosts(peer.remote_addresses, tunnel.protocol, tunnel.remote_port)
    yield _child(peer, child_name, tunnel.esp_group, local, remote, tunnel)
    kept_local = tuple(dict.fromkeys(_overlapping(tunnel)))
    if kept_local and tunnel.esp_group.mode == "tunnel":
        inside = tuple(Selector(prefix) for prefix in kept_local)
        yield Child(
            name=f"{child_name}-passthrough",
            mode="pass",
            local_ts=inside,
            remote_ts=inside,
            esp_proposals=(),
            start_action="trap",
            title=f"{peer.name} tunnel {tunnel.number} passthrough",
        )


def _overlapping(tunnel: PeerTunnel) -> Iterator[Prefix]:
    for local in tunnel.local_prefixes:
        for remote in tunnel.remote_prefixes:
            if local.overlaps(remote):
                yield local


def _selectors(prefixes: tuple[Prefix, ...], protocol: int | None, port: int | None) -> tuple[Selector, ...]:
    return tuple(Selector(prefix, protocol, port) for prefix in prefixes)


def _hosts(addresses: tuple[Address | None, ...], protocol: int | None, port: int | None) -> tuple[Selector, ...]:
    """Transport mode: the addresses themselves. VyOS puts the suffix after the last one only."""
    known = [address for address in addresses if address is not None]
    last = len(known) - 1
    return tuple(
        Selector(Prefix.host(address), protocol if at == last else None, port if at == last else None)
        for at, address in enumerate(known)
    )


def _child(
    peer: Peer,
    name: str,
    esp: EspGroup,
    local_ts: tuple[Selector, ...],
    remote_ts: tuple[Selector, ...],
    tunnel: PeerTunnel | None = None,
) -> Child:
    ike = peer.ike_group
    vti = peer.vti.interface if peer.vti else None
    return Child(
        name=name,
        title=f"{peer.name} tunnel {tunnel.number}" if tunnel else f"{peer.name} vti",
        mode=esp.mode,
        local_ts=local_ts,
        remote_ts=remote_ts,
        esp_proposals=esp_proposals(esp, ike),
        start_action="none" if peer.passive else _START[peer.connection_type],
        close_action=ike.close_action,
        dpd_action=ike.dpd.action if ike.dpd else None,
        life_time_s=esp.lifetime_s,
        life_bytes=esp.life_bytes,
        life_packets=esp.life_packets,
        rekey_time_s=None if esp.rekey else 0,
        if_id=vti_if_id(vti) if vti else None,
        updown=vti,
        replay_window=peer.replay_window,
        priority=tunnel.priority if tunnel and esp.mode == "tunnel" else None,
        ipcomp=esp.compression,
    )
