"""The octet of ``tos`` as the kernel means it.

The octet's lowest bit says "copy the inner packet's" (include/net/ip_tunnels.h), so an odd number copies too: VyOS'
``tos 11`` is 0x11 and so inherits.
"""

from __future__ import annotations

INHERIT = 0x01


def octet(tos: int | None) -> tuple[bool, int]:
    """Whether the inner packet's octet is copied, and the octet otherwise; None copies."""
    return (True, 0) if tos is None else (bool(tos & INHERIT), tos & 0xFF & ~INHERIT)
