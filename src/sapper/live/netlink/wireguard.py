"""WireGuard devices over generic netlink: keys, port, mark, and peers with their allowed addresses.

The device is created by rtnetlink. A long list of peers is cut into messages of about a page, as the kernel itself
does when it answers; the first one replaces what was there, and a peer whose addresses go over the edge goes on in the
next. Keys are base64 text in :class:`Secret` and never stand in a request's ``about``. Source:
include/uapi/linux/wireguard.h, drivers/net/wireguard/netlink.c.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterable, Iterator

import msgspec

from sapper.address import WIDTH_BITS, Address, Prefix
from sapper.kernel.plan import WireguardDevice, WireguardPeer
from sapper.live.netlink.attribute import (
    address_of,
    attribute,
    nested,
    parse_array,
    parse_attributes,
    text,
    u8,
    u16,
    u32,
    u32_of,
)
from sapper.live.netlink.family import AF_INET, AF_INET6, af_of
from sapper.live.netlink.generic import HEADER, generic
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_DUMP, Request
from sapper.secret import Secret

FAMILY_NAME = "wireguard"
GET_DEVICE, SET_DEVICE = 0, 1
IFNAME, PRIVATE_KEY, FLAGS, LISTEN_PORT, FWMARK, PEERS = 2, 3, 5, 6, 7, 8
PEER_PUBLIC_KEY, PEER_PRESHARED_KEY, PEER_FLAGS, PEER_ENDPOINT, PEER_KEEPALIVE, PEER_ALLOWED = 1, 2, 3, 4, 5, 9
ALLOWED_FAMILY, ALLOWED_ADDRESS, ALLOWED_LENGTH = 1, 2, 3
REPLACE_PEERS = 1
REPLACE_ALLOWED = 2
KEY_BYTES = 32
PAGE_BYTES = 4096

_ENDPOINT4 = struct.Struct("!H4s8x")  # after the family: struct sockaddr_in
_ENDPOINT6 = struct.Struct("!HI16sI")  # after the family: struct sockaddr_in6


def set_device(family: int, name: str, device: WireguardDevice) -> Iterator[Request]:
    """Make the device what the record says, in as many messages as it takes. ValueError: a key that is none."""
    own = u32(FLAGS, REPLACE_PEERS) + u16(LISTEN_PORT, device.port) + u32(FWMARK, device.fwmark)
    if device.private_key is not None:
        own += attribute(PRIVATE_KEY, _key(device.private_key.reveal(), f"the private key of {name}"))
    about = f"link {name}"
    waiting: list[bytes] = []
    size = len(own)
    for piece in _pieces(device.peers):
        if waiting and size + len(piece) > PAGE_BYTES:
            yield _message(family, name, own, waiting, about)
            own, waiting, size = b"", [], 0
        waiting.append(piece)
        size += len(piece)
    yield _message(family, name, own, waiting, about)


def get_device(family: int, name: str) -> Request:
    return generic(family, GET_DEVICE, text(IFNAME, name), NLM_F_DUMP, f"link {name}")


def decode_device(payloads: Iterable[bytes]) -> WireguardDevice:
    """The record from all answers to :func:`get_device`; a peer may go on in the next answer. Raises ValueError."""
    private_key: Secret | None = None
    port = fwmark = 0
    peers: dict[str, WireguardPeer] = {}
    for payload in payloads:
        attributes = parse_attributes(payload, HEADER.size)
        if PRIVATE_KEY in attributes:
            private_key = Secret(base64.b64encode(attributes[PRIVATE_KEY]).decode())
        if LISTEN_PORT in attributes:
            port = _u16(attributes[LISTEN_PORT])
            fwmark = u32_of(attributes.get(FWMARK)) or 0
        for piece in parse_array(attributes.get(PEERS, b"")):
            peer = _decode_peer(piece)
            before = peers.get(peer.public_key)
            peers[peer.public_key] = (
                peer if before is None else msgspec.structs.replace(before, allowed=before.allowed + peer.allowed)
            )
    return WireguardDevice(private_key=private_key, port=port, fwmark=fwmark, peers=tuple(peers.values()))


def _message(family: int, name: str, own: bytes, peers: list[bytes], about: str) -> Request:
    payload = text(IFNAME, name) + own
    if peers:
        payload += nested(PEERS, b"".join(nested(0, piece) for piece in peers))
    return generic(family, SET_DEVICE, payload, NLM_F_ACK, about)


def _pieces(peers: Iterable[WireguardPeer]) -> Iterator[bytes]:
    """Each peer as one piece, or as several where its allowed addresses fill a page."""
    for peer in peers:
        public = attribute(PEER_PUBLIC_KEY, _key(peer.public_key, "a public key"))
        head = public + u32(PEER_FLAGS, REPLACE_ALLOWED) + u16(PEER_KEEPALIVE, peer.keepalive_s)
        if peer.preshared_key is not None:
            shared = _key(peer.preshared_key.reveal(), f"the preshared key of peer {peer.public_key}")
            head += attribute(PEER_PRESHARED_KEY, shared)
        if peer.endpoint is not None and peer.port is not None:
            head += attribute(PEER_ENDPOINT, _endpoint(peer.endpoint, peer.port))
        allowed: list[bytes] = []
        size = len(head)
        for prefix in peer.allowed:
            one = nested(0, _allowed(prefix))
            if size + len(one) > PAGE_BYTES // 2:
                yield head + nested(PEER_ALLOWED, b"".join(allowed))
                head, allowed, size = public, [], len(public)
            allowed.append(one)
            size += len(one)
        yield head + nested(PEER_ALLOWED, b"".join(allowed))


def _allowed(prefix: Prefix) -> bytes:
    return (
        u16(ALLOWED_FAMILY, af_of(prefix.family))
        + attribute(ALLOWED_ADDRESS, prefix.network.packed)
        + u8(ALLOWED_LENGTH, prefix.length)
    )


def _endpoint(address: Address, port: int) -> bytes:
    head = struct.pack("=H", af_of(address.family))
    if address.family == 4:
        return head + _ENDPOINT4.pack(port, address.packed)
    return head + _ENDPOINT6.pack(port, 0, address.packed, 0)


def _decode_peer(piece: bytes) -> WireguardPeer:
    attributes = parse_attributes(piece)
    shared = attributes.get(PEER_PRESHARED_KEY, b"")
    endpoint, port = _decode_endpoint(attributes.get(PEER_ENDPOINT, b""))
    return WireguardPeer(
        public_key=base64.b64encode(attributes.get(PEER_PUBLIC_KEY, b"")).decode(),
        allowed=tuple(map(_decode_allowed, parse_array(attributes.get(PEER_ALLOWED, b"")))),
        preshared_key=Secret(base64.b64encode(shared).decode()) if any(shared) else None,
        endpoint=endpoint,
        port=port,
        keepalive_s=_u16(attributes.get(PEER_KEEPALIVE, b"\0\0")),
    )


def _decode_allowed(piece: bytes) -> Prefix:
    attributes = parse_attributes(piece)
    address = address_of(attributes.get(ALLOWED_ADDRESS))
    length = attributes.get(ALLOWED_LENGTH, b"")
    if address is None or not length or length[0] > WIDTH_BITS[address.family]:
        raise ValueError("an allowed address that is none")
    return Prefix(address.family, address.value, length[0])


def _decode_endpoint(value: bytes) -> tuple[Address | None, int | None]:
    if len(value) < 2 or not any(value):
        return None, None
    kind = _u16(value)
    if kind == AF_INET and len(value) >= 2 + _ENDPOINT4.size:
        port, packed = _ENDPOINT4.unpack_from(value, 2)
    elif kind == AF_INET6 and len(value) >= 2 + _ENDPOINT6.size:
        port, _, packed, _ = _ENDPOINT6.unpack_from(value, 2)
    else:
        raise ValueError("an endpoint that is no address")
    return address_of(packed), port


def _key(written: str, what: str) -> bytes:
    """The 32 bytes of a key. ValueError names the key, never its text."""
    try:
        key = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"{what} is not 32 bytes in base64")
    return key


def _u16(value: bytes) -> int:
    if len(value) < 2:
        raise ValueError("a number of one byte")
    return int(struct.unpack_from("=H", value)[0])
