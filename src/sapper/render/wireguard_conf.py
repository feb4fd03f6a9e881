"""A WireGuard device's keys and peers, for ``wg setconf`` (wg(8)); networkd's words for them differ (see networkd).

Keys must be what they look like (32 bytes in base64), so that none can add a line. A refusal never shows a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sapper.kernel.plan import Link, WireguardDevice, WireguardPeer
from sapper.render.inexpressible import Inexpressible

_KEY = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")


def wireguard_conf(link: Link) -> str:
    """The whole file of one device. It holds keys: mode 0600. Raises Inexpressible."""
    device = device_of(link)
    lines = [f"# {link.name}: keys and peers, for wg setconf. Keep it at mode 0600.", "[Interface]"]
    if device.private_key is not None:
        lines.append(f"PrivateKey = {key(device.private_key.reveal(), link, 'private key')}")
    lines += [f"ListenPort = {device.port}"] if device.port else []
    lines += [f"FwMark = {device.fwmark:#x}"] if device.fwmark else []
    for peer in device.peers:
        lines += ["", "[Peer]", *_peer(link, peer)]
    return "\n".join(lines) + "\n"


def device_of(link: Link) -> WireguardDevice:
    if link.wireguard is None:
        raise Inexpressible(f"link {link.name}", "wireguard, without its keys")
    return link.wireguard


def key(text: str, link: Link, what: str) -> str:
    """The key, if it is 32 bytes in base64. Raises Inexpressible, without showing it."""
    if not _KEY.fullmatch(text):
        raise Inexpressible(f"link {link.name} {what}", "expected 32 bytes in base64 (44 characters)")
    return text


def endpoint(link: Link, peer: WireguardPeer) -> str | None:
    """``ADDRESS:PORT``, with brackets around IPv6; None for a peer that is found when it speaks."""
    if peer.endpoint is None:
        return None
    if peer.port is None:
        raise Inexpressible(f"link {link.name} peer {peer.public_key}", "an address without a port")
    return f"[{peer.endpoint}]:{peer.port}" if peer.endpoint.family == 6 else f"{peer.endpoint}:{peer.port}"


def _peer(link: Link, peer: WireguardPeer) -> Iterator[str]:
    yield f"PublicKey = {key(peer.public_key, link, 'public key')}"
    if peer.preshared_key is not None:
        yield f"PresharedKey = {key(peer.preshared_key.reveal(), link, 'preshared key')}"
    if peer.allowed:
        yield f"AllowedIPs = {', '.join(map(str, peer.allowed))}"
    if where := endpoint(link, peer):
        yield f"Endpoint = {where}"
    if peer.keepalive_s:
        yield f"PersistentKeepalive = {peer.keepalive_s}"
