"""``.netdev`` files of systemd-networkd 252: every link that it can create as the Plan wants it.

networkd has fewer words than the kernel, and ignores with a warning what it does not know; so whatever version 252
cannot say is an error here, also where a later version can. Its own defaults that differ from the kernel's (UDP
checksums of VXLAN) are written out. Sources: systemd.netdev(5), systemd's src/network/netdev/*.c.
"""

from __future__ import annotations

from collections.abc import Callable

from sapper.kernel.plan import TUNNEL_KINDS, Link
from sapper.render.inexpressible import Inexpressible
from sapper.render.networkd_tunnel import tunnel_sections
from sapper.render.wireguard_conf import device_of, endpoint, key

Sections = list[list[str]]


def netdev_sections(link: Link) -> Sections:
    """The sections of the file, each a heading and its settings. Raises Inexpressible."""
    if link.kind not in _KINDS and link.kind not in TUNNEL_KINDS:
        raise Inexpressible(f"link {link.name}", f"networkd does not create a link of kind {link.kind}")
    kind = "l2tp" if link.kind == "l2tpeth" else link.kind
    name = f"t-{link.name}"[:15] if link.kind == "l2tpeth" else link.name
    head = ["[NetDev]", f"Name={name}", f"Kind={kind}"]
    if link.mtu_bytes is not None and link.kind != "l2tpeth":
        head.append(f"MTUBytes={link.mtu_bytes}")
    return [head, *(_KINDS[link.kind](link) if link.kind in _KINDS else tunnel_sections(link))]


def _missing(link: Link, what: str) -> Inexpressible:
    return Inexpressible(f"link {link.name}", f"{link.kind}, without {what}")


def _nothing(_: Link) -> Sections:
    return []


def _vlan(link: Link) -> Sections:
    if link.vlan is None or link.parent is None:
        raise _missing(link, "an identifier or a device below")
    return [["[VLAN]", f"Id={link.vlan}"]]


def _xfrm(link: Link) -> Sections:
    """Without a device below, networkd gives it the loopback device, which decides nothing for its packets."""
    if not link.if_id:
        raise _missing(link, "an if_id")
    return [["[Xfrm]", f"InterfaceId={link.if_id}", *([] if link.parent else ["Independent=yes"])]]


def _vrf(link: Link) -> Sections:
    if link.vrf_table is None:
        raise _missing(link, "a table")
    return [["[VRF]", f"Table={link.vrf_table}"]]


def _vxlan(link: Link) -> Sections:
    header = link.vxlan
    if header is None:
        raise _missing(link, "its header")
    path = f"link {link.name}"
    if header.vni is None:
        raise Inexpressible(f"{path} external", "networkd 252 has no VXLAN device without a VNI of its own")
    if header.vni_filter or header.vlan_to_vni:
        raise Inexpressible(f"{path} vlan-to-vni", "networkd has no VNI filter and no tunnel information of VLANs")
    lines = [f"VNI={header.vni}"]
    lines += [f"Local={header.local}"] if header.local is not None else []
    if header.group is not None:
        lines.append(f"Group={header.group}")
    elif header.remotes:
        lines.append(f"Remote={header.remotes[0]}")
    lines += [f"DestinationPort={header.port}", f"MacLearning={_yes(header.learning)}"]
    lines += [f"TTL={header.ttl}"] if header.ttl else []
    lines.append(f"TOS={1 if header.tos is None else header.tos}")
    lines += [f"FlowLabel={header.flow_label}"] if header.flow_label else []
    lines.append(f"IPDoNotFragment={_fragment(header.df)}")
    lines.append("UDPChecksum=yes")
    return [["[VXLAN]", *lines, *([] if header.link else ["Independent=yes"])]]


def _geneve(link: Link) -> Sections:
    header = link.geneve
    if header is None:
        raise _missing(link, "its header")
    if header.inner_protocol:
        raise Inexpressible(f"link {link.name} innerproto", "networkd 252 has no inner protocol of GENEVE")
    lines = [f"Id={header.vni}", f"Remote={header.remote}", f"DestinationPort={header.port}"]
    lines += [f"TTL={header.ttl}"] if header.ttl else []
    lines.append(f"TOS={1 if header.tos is None else header.tos}")
    lines += [f"FlowLabel={header.flow_label}"] if header.flow_label else []
    lines.append(f"IPDoNotFragment={_fragment(header.df)}")
    return [["[GENEVE]", *lines]]


def _l2tp(link: Link) -> Sections:
    session = link.l2tp
    if session is None:
        raise _missing(link, "its session")
    tunnel = ["[L2TP]", f"TunnelId={session.tunnel_id}", f"PeerTunnelId={session.peer_tunnel_id}"]
    tunnel += [f"Local={session.local}", f"Remote={session.remote}", f"EncapsulationType={session.encapsulation}"]
    if session.encapsulation == "udp":
        tunnel += [f"UDPSourcePort={session.source_port}", f"UDPDestinationPort={session.destination_port}"]
    ours = ["[L2TPSession]", f"Name={link.name}"]
    return [tunnel, [*ours, f"SessionId={session.session_id}", f"PeerSessionId={session.peer_session_id}"]]


def _wireguard(link: Link) -> Sections:
    device = device_of(link)
    own = ["[WireGuard]"]
    if device.private_key is not None:
        own.append(f"PrivateKey={key(device.private_key.reveal(), link, 'private key')}")
    own += [f"ListenPort={device.port}"] if device.port else []
    own += [f"FirewallMark={device.fwmark}"] if device.fwmark else []
    sections = [own]
    for peer in device.peers:
        lines = ["[WireGuardPeer]", f"PublicKey={key(peer.public_key, link, 'public key')}"]
        if peer.preshared_key is not None:
            lines.append(f"PresharedKey={key(peer.preshared_key.reveal(), link, 'preshared key')}")
        lines += [f"AllowedIPs={prefix}" for prefix in peer.allowed]
        where = endpoint(link, peer)
        lines += [f"Endpoint={where}"] if where else []
        lines += [f"PersistentKeepalive={peer.keepalive_s}"] if peer.keepalive_s else []
        sections.append(lines)
    return sections


def _fragment(word: str) -> str:
    return {"set": "yes", "unset": "no", "inherit": "inherit"}[word]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


_KINDS: dict[str, Callable[[Link], Sections]] = {
    "vlan": _vlan,
    "dummy": _nothing,
    "bridge": _nothing,
    "xfrm": _xfrm,
    "vrf": _vrf,
    "vxlan": _vxlan,
    "geneve": _geneve,
    "l2tpeth": _l2tp,
    "wireguard": _wireguard,
}
