"""XFRM states (security associations): XFRM_MSG_NEWSA, XFRM_MSG_GETSA, XFRM_MSG_FLUSHSA.

A dump lists larval states too: what the kernel puts in while it waits for the IKE daemon after an acquire. Keys
travel as :class:`sapper.secret.Secret` in hexadecimal, so that no message and no record prints them. Source: struct
xfrm_usersa_info, xfrm_algo_auth, xfrm_algo_aead, xfrm_encap_tmpl in include/uapi/linux/xfrm.h.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import msgspec

from sapper.address import Address
from sapper.live.netlink.attribute import attribute, parse_attributes, text_of, u32, u32_of
from sapper.live.netlink.family import af_of, family_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request
from sapper.live.netlink.xfrm import (
    CURRENT,
    MODE_NUMBERS,
    SELECTOR_BYTES,
    XFRMA_ALG_AEAD,
    XFRMA_ALG_AUTH_TRUNC,
    XFRMA_ALG_CRYPT,
    XFRMA_ENCAP,
    XFRMA_IF_ID,
    Mode,
    XfrmSelector,
    decode_lifetime,
    decode_selector,
    encode_lifetime,
    encode_selector,
    mode_of,
    packed16,
    unpacked16,
)
from sapper.secret import Secret

XFRM_MSG_NEWSA, XFRM_MSG_DELSA, XFRM_MSG_GETSA, XFRM_MSG_FLUSHSA = 0x10, 0x11, 0x12, 0x1C
STATE_INFO_BYTES = 224
ANY_PROTOCOL = 0
UDP_ENCAP_ESPINUDP = 2  # include/uapi/linux/udp.h, RFC 3948

_ID = struct.Struct("!IB3x")  # SPI, protocol, after the destination address
_REST = struct.Struct("=IIHBBB7x")  # sequence, reqid, family, mode, replay window, flags
_ENCAP = struct.Struct("=H")  # type, in host order
_ENCAP_PORTS = struct.Struct("!HH2x")  # source and destination, in network order
_SOURCE_AT, _LIFETIME_AT, _CURRENT_AT, _REST_AT = 80, 96, 160, 204


class Algorithm(msgspec.Struct, frozen=True):
    """``name`` is the kernel's (``rfc4106(gcm(aes))``), ``key`` hexadecimal, ``icv_bits`` 0 for a plain cipher."""

    name: str
    key: Secret
    icv_bits: int = 0


class StateMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``selector`` None matches everything. ``hard_s`` is the hard lifetime. ``added_at`` is in seconds since 1970.

    ``udp_ports`` are source and destination of ESP in UDP, None where ESP goes by itself.
    """

    source: Address
    destination: Address
    spi: int
    protocol: int = 50
    selector: XfrmSelector | None = None
    reqid: int = 0
    mode: Mode = "tunnel"
    if_id: int = 0
    hard_s: int | None = None
    replay_window: int = 0
    flags: int = 0
    udp_ports: tuple[int, int] | None = None
    aead: Algorithm | None = None
    cipher: Algorithm | None = None
    integrity: Algorithm | None = None
    bytes: int = 0
    packets: int = 0
    added_at: int = 0

    @property
    def larval(self) -> bool:
        """The kernel waits for the IKE daemon: nothing can be encrypted with this state."""
        return self.spi == 0


def encode_state(state: StateMessage) -> bytes:
    family = state.destination.family
    if state.source.family != family:
        raise ValueError(f"a state from {state.source} to {state.destination}")
    parts = [
        encode_selector(state.selector),
        packed16(state.destination),
        _ID.pack(state.spi, state.protocol),
        packed16(state.source),
        encode_lifetime(state.hard_s),
        CURRENT.pack(state.bytes, state.packets, state.added_at, 0),
        bytes(12),
        _REST.pack(0, state.reqid, af_of(family), MODE_NUMBERS[state.mode], state.replay_window, state.flags),
        _encode_algorithms(state),
    ]
    if state.udp_ports is not None:
        ports = _ENCAP.pack(UDP_ENCAP_ESPINUDP) + _ENCAP_PORTS.pack(*state.udp_ports) + bytes(16)
        parts.append(attribute(XFRMA_ENCAP, ports))
    if state.if_id:
        parts.append(u32(XFRMA_IF_ID, state.if_id))
    return b"".join(parts)


def decode_state(payload: bytes) -> StateMessage:
    """The record of an XFRM_MSG_NEWSA payload. Raises ValueError for bytes that are none."""
    if len(payload) < STATE_INFO_BYTES:
        raise ValueError("a state that is too short")
    spi, protocol = _ID.unpack_from(payload, SELECTOR_BYTES + 16)
    _, reqid, af, mode, replay_window, flags = _REST.unpack_from(payload, _REST_AT)
    used_bytes, packets, added_at, _ = CURRENT.unpack_from(payload, _CURRENT_AT)
    attributes = parse_attributes(payload, STATE_INFO_BYTES)
    encap = attributes.get(XFRMA_ENCAP)
    return StateMessage(
        source=unpacked16(family_of(af), payload, _SOURCE_AT),
        destination=unpacked16(family_of(af), payload, SELECTOR_BYTES),
        spi=spi,
        protocol=protocol,
        selector=decode_selector(payload),
        reqid=reqid,
        mode=mode_of(mode),
        if_id=u32_of(attributes.get(XFRMA_IF_ID)) or 0,
        hard_s=decode_lifetime(payload, _LIFETIME_AT),
        replay_window=replay_window,
        flags=flags,
        udp_ports=None if encap is None else _decode_ports(encap),
        aead=_decode_algorithm(attributes, XFRMA_ALG_AEAD),
        cipher=_decode_algorithm(attributes, XFRMA_ALG_CRYPT),
        integrity=_decode_algorithm(attributes, XFRMA_ALG_AUTH_TRUNC),
        bytes=used_bytes,
        packets=packets,
        added_at=added_at,
    )


def add_state(state: StateMessage) -> Request:
    flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    return Request(XFRM_MSG_NEWSA, flags, encode_state(state), describe_state(state))


def list_states() -> Request:
    """Dump every state of the namespace; the answers are for :func:`decode_state`."""
    return Request(XFRM_MSG_GETSA, NLM_F_DUMP, b"", "the IPsec states")


def flush_states() -> Request:
    """Remove every state."""
    return Request(XFRM_MSG_FLUSHSA, NLM_F_ACK, bytes((ANY_PROTOCOL, 0, 0, 0)), "the IPsec states")


def describe_state(state: StateMessage) -> str:
    return f"IPsec state {state.source} to {state.destination} spi {state.spi:#010x}"


def _encode_algorithms(state: StateMessage) -> bytes:
    parts = []
    for kind, algorithm in (
        (XFRMA_ALG_AEAD, state.aead),
        (XFRMA_ALG_CRYPT, state.cipher),
        (XFRMA_ALG_AUTH_TRUNC, state.integrity),
    ):
        if algorithm is not None:
            key = bytes.fromhex(algorithm.key.reveal())
            head = algorithm.name.encode().ljust(64, b"\0") + struct.pack("=I", len(key) * 8)
            if kind != XFRMA_ALG_CRYPT:
                head += struct.pack("=I", algorithm.icv_bits)
            parts.append(attribute(kind, head + key))
    return b"".join(parts)


def _decode_algorithm(attributes: Mapping[int, bytes], kind: int) -> Algorithm | None:
    value = attributes.get(kind)
    if value is None:
        return None
    key_bits = u32_of(value[64:68]) or 0
    start = 68 if kind == XFRMA_ALG_CRYPT else 72
    icv_bits = 0 if kind == XFRMA_ALG_CRYPT else u32_of(value[68:72]) or 0
    return Algorithm(text_of(value[:64]), Secret(value[start : start + key_bits // 8].hex()), icv_bits)


def _decode_ports(encap: bytes) -> tuple[int, int]:
    if len(encap) < _ENCAP.size + _ENCAP_PORTS.size:
        raise ValueError(f"an encapsulation template of {len(encap)} bytes")
    source, destination = _ENCAP_PORTS.unpack_from(encap, _ENCAP.size)
    return source, destination
