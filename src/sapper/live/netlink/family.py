"""Address families: 4 and 6 in sapper, AF_INET and AF_INET6 in the kernel (include/linux/socket.h)."""

from __future__ import annotations

from sapper.address import Family

AF_INET = 2
AF_INET6 = 10


def af_of(family: Family) -> int:
    return AF_INET if family == 4 else AF_INET6


def family_of(af: int) -> Family:
    """4 or 6. Raises ValueError for any other address family."""
    if af == AF_INET:
        return 4
    if af == AF_INET6:
        return 6
    raise ValueError(f"address family {af} is neither IPv4 nor IPv6")
