"""MPLS: 4 bytes for each label, and 4 for a pseudowire's control word.

Labels count against the link's MTU. Source: RFC 3032 2.1; RFC 4385 3 (control word), RFC 4448 (Ethernet inside).
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

LABEL_BYTES = 4
CONTROL_WORD_BYTES = 4


def shape(options: Options, outer: str) -> Shape:
    labels = options.number("labels", 1, 1, 16)
    word = CONTROL_WORD_BYTES if options.has("cw") else 0
    note = f"{labels} labels" if labels > 1 else ""
    return Shape(front=labels * LABEL_BYTES + word, carries=frozenset({"mpls", "ip", "ethernet"}), note=note)


PROTOCOL = Protocol(
    word="mpls",
    title="MPLS",
    source="RFC 3032",
    groups=frozenset({"mpls"}),
    shape=shape,
    options={"labels": "how many labels, 4 bytes each", "cw": "a pseudowire's control word, 4 bytes"},
    outermost=True,
)
