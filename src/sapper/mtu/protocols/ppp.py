"""PPP: address and control 2 bytes, protocol 2; negotiated compression leaves them out or shortens them.

As the outermost layer it is not part of the MTU, which counts PPP's information field. Inside L2TPv2 every byte
counts. PPPoE has its own 2 bytes of it already. Source: RFC 1661 2, RFC 1662 3.1.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

ADDRESS_CONTROL_BYTES = 2
PROTOCOL_BYTES = 2


def shape(options: Options, outer: str) -> Shape:
    address = 0 if options.has("acfc") else ADDRESS_CONTROL_BYTES
    protocol = PROTOCOL_BYTES - 1 if options.has("pfc") else PROTOCOL_BYTES
    return Shape(front=address + protocol, carries=frozenset({"ip", "mpls"}))


PROTOCOL = Protocol(
    word="ppp",
    title="PPP",
    source="RFC 1661",
    groups=frozenset({"ppp"}),
    shape=shape,
    options={
        "acfc": "address and control field compressed away, 2 bytes less",
        "pfc": "protocol field compressed to 1 byte",
    },
    outermost=True,
)
