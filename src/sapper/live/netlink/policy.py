"""XFRM policies: XFRM_MSG_NEWPOLICY, XFRM_MSG_GETPOLICY, XFRM_MSG_FLUSHPOLICY.

A dump also lists the policies of sockets (charon's sockets have some that let IKE pass); their directions have names
of their own. A template with ``optional`` lets a packet pass in clear where no state exists (iproute2's ``level
use``). Source: struct xfrm_userpolicy_info and xfrm_user_tmpl in include/uapi/linux/xfrm.h.
"""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

from sapper.address import Address
from sapper.live.netlink.attribute import attribute, parse_attributes, u32, u32_of
from sapper.live.netlink.family import af_of, family_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request
from sapper.live.netlink.xfrm import (
    CURRENT,
    LIFETIME,
    MODE_NUMBERS,
    SELECTOR_BYTES,
    XFRMA_IF_ID,
    XFRMA_TMPL,
    Mode,
    XfrmSelector,
    decode_selector,
    encode_lifetime,
    encode_selector,
    mode_of,
    packed16,
    unpacked16,
)

Direction = Literal["in", "out", "fwd", "socket-in", "socket-out", "socket-fwd"]

XFRM_MSG_NEWPOLICY, XFRM_MSG_DELPOLICY, XFRM_MSG_GETPOLICY, XFRM_MSG_FLUSHPOLICY = 0x13, 0x14, 0x15, 0x1D
DIRECTIONS: tuple[Direction, ...] = (
    "in",
    "out",
    "fwd",
    "socket-in",
    "socket-out",
    "socket-fwd",
)  # in the order of the kernel's numbers
ALLOW, BLOCK = 0, 1
POLICY_INFO_BYTES = 168
TEMPLATE_BYTES = 64

_POLICY = struct.Struct("=IIBBBB4x")  # priority, index, direction, action, flags, share
_POLICY_AT = SELECTOR_BYTES + LIFETIME.size + CURRENT.size
_TEMPLATE_ID = struct.Struct("!IB3x")  # SPI, protocol
_TEMPLATE_REST = struct.Struct("=IBBBxIII")  # reqid, mode, share, optional, algorithm masks
_ALL_ALGORITHMS = 0xFFFFFFFF


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """The state that a policy asks for. ``protocol`` is 50 (ESP), 51 (AH) or 108 (IPComp)."""

    source: Address
    destination: Address
    protocol: int = 50
    spi: int = 0
    reqid: int = 0
    mode: Mode = "tunnel"
    optional: bool = False


class PolicyMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``block`` drops; without it and without templates the policy lets packets pass in clear."""

    selector: XfrmSelector
    direction: Direction
    templates: tuple[Template, ...] = ()
    block: bool = False
    priority: int = 0
    index: int = 0
    if_id: int = 0


def encode_policy(policy: PolicyMessage) -> bytes:
    parts = [
        encode_selector(policy.selector),
        encode_lifetime(None),
        bytes(CURRENT.size),
        _POLICY.pack(
            policy.priority,
            policy.index,
            DIRECTIONS.index(policy.direction),
            BLOCK if policy.block else ALLOW,
            0,
            0,
        ),
    ]
    if policy.templates:
        parts.append(attribute(XFRMA_TMPL, b"".join(map(_encode_template, policy.templates))))
    if policy.if_id:
        parts.append(u32(XFRMA_IF_ID, policy.if_id))
    return b"".join(parts)


def decode_policy(payload: bytes) -> PolicyMessage:
    """The record of an XFRM_MSG_NEWPOLICY payload. Raises ValueError for bytes that are none."""
    if len(payload) < POLICY_INFO_BYTES:
        raise ValueError("a policy that is too short")
    selector = decode_selector(payload)
    if selector is None:
        raise ValueError("a policy of no family")
    priority, index, direction, action, _, _ = _POLICY.unpack_from(payload, _POLICY_AT)
    if direction >= len(DIRECTIONS):
        raise ValueError(f"a policy of direction {direction}")
    attributes = parse_attributes(payload, POLICY_INFO_BYTES)
    templates = attributes.get(XFRMA_TMPL, b"")
    return PolicyMessage(
        selector=selector,
        direction=DIRECTIONS[direction],
        templates=tuple(
            _decode_template(templates, at) for at in range(0, len(templates) // 64 * 64, TEMPLATE_BYTES)
        ),
        block=action == BLOCK,
        priority=priority,
        index=index,
        if_id=u32_of(attributes.get(XFRMA_IF_ID)) or 0,
    )


def add_policy(policy: PolicyMessage) -> Request:
    flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    return Request(XFRM_MSG_NEWPOLICY, flags, encode_policy(policy), describe_policy(policy))


def list_policies() -> Request:
    """Dump every policy of the namespace; the answers are for :func:`decode_policy`."""
    return Request(XFRM_MSG_GETPOLICY, NLM_F_DUMP, b"", "the IPsec policies")


def flush_policies() -> Request:
    """Remove every policy but those of sockets."""
    return Request(XFRM_MSG_FLUSHPOLICY, NLM_F_ACK, b"", "the IPsec policies")


def describe_policy(policy: PolicyMessage) -> str:
    selector = policy.selector
    return f"IPsec policy {policy.direction} {selector.source} to {selector.destination}"


def _encode_template(template: Template) -> bytes:
    family = template.destination.family
    if template.source.family != family:
        raise ValueError(f"a template from {template.source} to {template.destination}")
    return b"".join(
        (
            packed16(template.destination),
            _TEMPLATE_ID.pack(template.spi, template.protocol),
            struct.pack("=H2x", af_of(family)),
            packed16(template.source),
            _TEMPLATE_REST.pack(
                template.reqid,
                MODE_NUMBERS[template.mode],
                0,
                template.optional,
                _ALL_ALGORITHMS,
                _ALL_ALGORITHMS,
                _ALL_ALGORITHMS,
            ),
        )
    )


def _decode_template(buffer: bytes, at: int) -> Template:
    spi, protocol = _TEMPLATE_ID.unpack_from(buffer, at + 16)
    family = family_of(struct.unpack_from("=H", buffer, at + 24)[0])
    reqid, mode, _, optional, *_ = _TEMPLATE_REST.unpack_from(buffer, at + 44)
    return Template(
        source=unpacked16(family, buffer, at + 28),
        destination=unpacked16(family, buffer, at),
        protocol=protocol,
        spi=spi,
        reqid=reqid,
        mode=mode_of(mode),
        optional=bool(optional),
    )
