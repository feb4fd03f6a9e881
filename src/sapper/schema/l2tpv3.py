"""``interfaces l2tpv3``: one Ethernet session in an unmanaged L2TPv3 tunnel (RFC 3931).

The largest identifier is what VyOS takes, one digit short of 2^32-1.
"""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS
from sapper.schema.interface import shared_options
from sapper.schema.option import Option, leaf, tag
from sapper.schema.value import PORT, matching, number, one_of

_L2TPV3 = "interfaces l2tpv3 *"
_ID = number(1, 429496729)

OPTIONS: tuple[Option, ...] = (
    tag("interfaces l2tpv3", "L2TPv3 interface", matching("an L2TPv3 interface (l2tpeth0 …)", r"l2tpeth[0-9]+")),
    leaf(f"{_L2TPV3} encapsulation", "What L2TP is carried in", one_of("udp", "ip"), "udp"),
    leaf(f"{_L2TPV3} source-address", "Address of this end", IP_ADDRESS),
    leaf(f"{_L2TPV3} remote", "Address of the far end", IP_ADDRESS),
    leaf(f"{_L2TPV3} tunnel-id", "Number of the tunnel here", _ID),
    leaf(f"{_L2TPV3} peer-tunnel-id", "Number of the tunnel at the far end", _ID),
    leaf(f"{_L2TPV3} session-id", "Number of the session here", _ID),
    leaf(f"{_L2TPV3} peer-session-id", "Number of the session at the far end", _ID),
    leaf(f"{_L2TPV3} source-port", "UDP port of this end", PORT, "5000"),
    leaf(f"{_L2TPV3} destination-port", "UDP port of the far end", PORT, "5000"),
    *shared_options(_L2TPV3, mtu_default="1488"),
)
