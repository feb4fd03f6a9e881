"""The TCP maximum segment size for a stack, for both families.

MSS = largest packet - 40 over IPv4, - 60 over IPv6: the fixed headers only. Options of IP and TCP come out of each
segment's data, not out of the MSS (RFC 6691 2). In transport mode and BEET the inner header's length changes what
fits, so the other family is computed with its own header.
"""

from __future__ import annotations

from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Stack

IPV4_TCP_BYTES = 40
IPV6_TCP_BYTES = 60


def segments(stack: Stack, link: int) -> tuple[int | None, int | None]:
    """The MSS over IPv4 and over IPv6 for a link, in bytes.

    None where the stack does not carry that family, or has no room for data.
    """
    return (
        _segment(with_inner(stack, "ipv4"), link, IPV4_TCP_BYTES),
        _segment(with_inner(stack, "ipv6"), link, IPV6_TCP_BYTES),
    )


def with_inner(stack: Stack, word: str) -> Stack | None:
    """The stack with a plain inner packet of that family; None where it cannot carry one."""
    if stack.inner == len(stack.layers) or word in (stack.layers[stack.inner].word, stack.layers[stack.inner].key):
        return stack
    keys = [layer.key for layer in stack.layers]
    keys[stack.inner] = word
    try:
        return parse("/".join(keys))
    except WrongStack:
        return None


def _segment(stack: Stack | None, link: int, headers: int) -> int | None:
    if stack is None:
        return None
    try:
        room = sizes(stack).largest(link) - headers
    except NoRoom:
        return None
    return room if room > 0 else None
