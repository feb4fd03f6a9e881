"""ERSPAN: GRE with an ERSPAN header and a mirrored Ethernet frame.

Type I is GRE alone (4). Type II is GRE with a sequence number (8) and a header of 8; type III has a header of 12,
and 8 more with the platform word. Linux calls II version 1 and III version 2. The inner frame adds 14.
Source: draft-foschiano-erspan-03 4.1 to 4.3.
"""

from __future__ import annotations

from sapper.mtu.misread import WrongOption
from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

GRE_BYTES = 4
GRE_SEQUENCE_BYTES = 8
TYPE_II_BYTES = 8
TYPE_III_BYTES = 12
PLATFORM_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    types = [name for name in ("i", "ii", "iii") if options.has(name)]
    if len(types) > 1:
        raise WrongOption(types[1], "a header has one ERSPAN type: i, ii or iii")
    kind = types[0] if types else "ii"
    if options.has("platform") and kind != "iii":
        raise WrongOption("platform", "only ERSPAN type iii has the platform word")
    platform = PLATFORM_BYTES if options.has("platform") else 0
    front = {
        "i": GRE_BYTES,
        "ii": GRE_SEQUENCE_BYTES + TYPE_II_BYTES,
        "iii": GRE_SEQUENCE_BYTES + TYPE_III_BYTES + platform,
    }[kind]
    return Shape(
        front=front, carries=frozenset({"ethernet"}), implies="ethernet", note=f"type {kind.upper()}, GRE included"
    )


PROTOCOL = Protocol(
    word="erspan",
    title="ERSPAN",
    source="draft-foschiano-erspan",
    groups=frozenset({"ip-tunnel"}),
    shape=shape,
    options={
        "i": "type I: no ERSPAN header",
        "ii": "type II (the default; Linux: version 1)",
        "iii": "type III (Linux: version 2)",
        "platform": "type III's platform word, 8 bytes",
    },
)
