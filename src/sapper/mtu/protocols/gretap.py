"""gretap: GRE with an Ethernet frame inside: GRE's bytes, and 14 for the inner header.

Source: RFC 2784 2.1, RFC 1701 (protocol type 6558).
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.gre import WORDS, gre_bytes, note
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=gre_bytes(options), carries=frozenset({"ethernet"}), implies="ethernet", note=note(options))


PROTOCOL = Protocol(
    word="gretap",
    title="gretap",
    source="RFC 2784, RFC 1701",
    groups=frozenset({"ip-tunnel"}),
    shape=shape,
    options=WORDS,
)
