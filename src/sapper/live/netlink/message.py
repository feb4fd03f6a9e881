"""The netlink message header, requests, and the three answers: data, an acknowledgement, a refusal.

A :class:`Request` is a payload that knows what it is about (``link tun0``), so that a refusal can name it. The
sequence number is given when a batch is packed. Headers are in host byte order; messages are padded to 4 bytes.
Source: RFC 3549 2.3.2, include/uapi/linux/netlink.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.live.netlink.attribute import parse_attributes, text_of

NLMSG_ERROR = 2  # an error number, or 0 for an acknowledgement
NLMSG_DONE = 3  # the end of a dump

NLM_F_REQUEST = 0x01  # every message to the kernel
NLM_F_ACK = 0x04  # answer with NLMSG_ERROR even if all is well
NLM_F_REPLACE = 0x100  # of NEW requests: change what exists
NLM_F_EXCL = 0x200  # of NEW requests: refuse if it exists
NLM_F_CREATE = 0x400  # of NEW requests: create if it does not exist
NLM_F_APPEND = 0x800  # of NEW requests: add to what exists
NLM_F_DUMP = 0x300  # of GET requests: NLM_F_ROOT | NLM_F_MATCH, list all
NLM_F_DUMP_INTR = 0x10  # of answers: the list changed while it was read
NLM_F_CAPPED = 0x100  # of errors: the original message is cut to its header
NLM_F_ACK_TLVS = 0x200  # of errors: attributes follow

NLMSGERR_ATTR_MSG = 1  # the kernel's own sentence

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ERROR = struct.Struct("=i")


class Request(NamedTuple):
    """One message to the kernel. ``about`` names the object for people: ``link tun0``, ``route 10.0.0.0/8``."""

    kind: int
    flags: int
    payload: bytes
    about: str


class Answer(NamedTuple):
    """One message from the kernel."""

    kind: int
    flags: int
    sequence: int
    payload: bytes

    @property
    def error(self) -> int:
        """The error number of an NLMSG_ERROR or NLMSG_DONE answer, 0 if all is well."""
        if len(self.payload) < _ERROR.size:
            return 0
        number: int = -_ERROR.unpack_from(self.payload)[0]
        return number

    @property
    def sentence(self) -> str:
        """What the kernel says about its refusal in its own words (extended acknowledgement), or nothing."""
        if self.kind != NLMSG_ERROR or not self.flags & NLM_F_ACK_TLVS:
            return ""
        original = _HEADER.size
        if not self.flags & NLM_F_CAPPED:
            original = _HEADER.unpack_from(self.payload, _ERROR.size)[0]
        attributes = parse_attributes(self.payload, _ERROR.size + _aligned(original))
        return text_of(attributes.get(NLMSGERR_ATTR_MSG, b""))


def pack_batch(requests: Sequence[Request], first_sequence: int) -> bytes:
    """The bytes of the requests, numbered from ``first_sequence``."""
    parts = []
    for sequence, request in enumerate(requests, first_sequence):
        length = _HEADER.size + len(request.payload)
        parts.append(_HEADER.pack(length, request.kind, request.flags | NLM_F_REQUEST, sequence & 0xFFFFFFFF, 0))
        parts.append(request.payload)
        parts.append(bytes(_aligned(length) - length))
    return b"".join(parts)


def split_answers(buffer: bytes) -> Iterator[Answer]:
    """The messages of one datagram; a length that does not fit raises ValueError."""
    offset = 0
    while offset + _HEADER.size <= len(buffer):
        length, kind, flags, sequence, _ = _HEADER.unpack_from(buffer, offset)
        if not _HEADER.size <= length <= len(buffer) - offset:
            raise ValueError(f"netlink message of {length} bytes in {len(buffer) - offset}")
        yield Answer(kind, flags, sequence, buffer[offset + _HEADER.size : offset + length])
        offset += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
