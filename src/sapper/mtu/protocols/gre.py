"""GRE: 4 bytes, and 4 each for the checksum (with its reserved word), the key and the sequence number.

Source: RFC 2784 2.1, RFC 2890 2; RFC 7676 (over IPv6).
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 4
WORD_BYTES = 4
WORDS = {
    "csum": "checksum and its reserved word, 4 bytes",
    "key": "key, 4 bytes",
    "seq": "sequence number, 4 bytes",
}


def gre_bytes(options: Options) -> int:
    """The GRE header with its optional words."""
    return HEADER_BYTES + WORD_BYTES * sum(options.has(name) for name in WORDS)


def note(options: Options) -> str:
    """Which optional words are counted."""
    return ", ".join(name for name in WORDS if options.has(name))


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=gre_bytes(options), carries=frozenset({"ip", "mpls", "ethernet"}), note=note(options))


PROTOCOL = Protocol(
    word="gre",
    title="GRE",
    source="RFC 2784, RFC 2890",
    groups=frozenset({"ip-tunnel"}),
    shape=shape,
    options=WORDS,
)
