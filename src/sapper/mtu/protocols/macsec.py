"""MACsec: SecTAG 8 bytes, or 16 with the SCI, before the payload, and an ICV of 16 behind it.

Linux sends the SCI unless told ``send_sci off``, so it is counted unless ``nosci`` stands there. A MACsec device's
MTU is its parent's minus these bytes: they are part of what the frame carries. Source: IEEE 802.1AE 9.3, 9.4;
drivers/net/macsec.c.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

SECTAG_BYTES = 8
SCI_BYTES = 8
ICV_BYTES = 16
_CARRIES = frozenset({"tag", "pppoe", "mpls", "ip"})


def shape(options: Options, outer: str) -> Shape:
    sci = 0 if options.has("nosci") else SCI_BYTES
    icv = options.number("icv", ICV_BYTES, 8, 16)
    return Shape(
        front=SECTAG_BYTES + sci, back=icv, carries=_CARRIES, note=f"SecTAG {SECTAG_BYTES + sci}, ICV {icv}"
    )


PROTOCOL = Protocol(
    word="macsec",
    title="MACsec",
    source="IEEE 802.1AE",
    groups=frozenset({"macsec"}),
    shape=shape,
    options={"nosci": "without the secure channel identifier, 8 bytes less", "icv": "ICV length, 8 to 16 bytes"},
    outermost=True,
)
