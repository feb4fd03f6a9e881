"""An independent second opinion: a packet is built as a list of byte counts, padding byte by padding byte.

It knows nothing of closed forms. Its numbers are written down here once more, from the RFCs, for the layers that the
tests use; padding is added one byte at a time until the length fits, as an implementation would.
"""

from __future__ import annotations

HEADERS = {
    "ipv4": 20, "ipv6": 40, "ipv6:encaplimit": 48, "udp": 8, "tcp": 20, "gre": 4, "gre:key": 8, "gre:key,csum,seq": 16,
    "vxlan": 8, "geneve": 8, "ethernet": 14, "vlan": 4, "pppoe": 8, "mpls": 4, "lisp": 8, "nvgre": 8, "fou": 0,
    "gue": 4, "macsec": 32,
}  # fmt: skip
ESP = {
    "aes256gcm128": (8, 4, 16), "aes128gcm64": (8, 4, 8), "aes256ccm96": (8, 4, 12), "chacha20poly1305": (8, 4, 16),
    "aes256-sha1": (16, 16, 12), "aes256-sha256": (16, 16, 16), "aes128-sha512": (16, 16, 32),
    "3des-sha1": (8, 8, 12), "3des-md5": (8, 8, 12), "aes256ctr-sha384": (8, 4, 24), "null-sha256": (0, 4, 16),
    "camellia256-sha256": (16, 16, 16), "aes256gmac": (8, 4, 16),
}  # fmt: skip


def esp(inside: int, transform: str) -> int:
    """RFC 4303 2: SPI 4, sequence 4, IV, payload, padding, pad length 1, next header 1, ICV."""
    iv, block, icv = ESP[transform]
    padding = 0
    while (inside + padding + 1 + 1) % block:
        padding += 1
    return 4 + 4 + iv + inside + padding + 1 + 1 + icv


def around(inside: int, layer: str) -> int:
    """The length with one more layer."""
    word, _, rest = layer.partition(":")
    return esp(inside, rest) if word == "esp" else inside + HEADERS[layer]


def wire(packet: int, outside: list[str]) -> int:
    """The length of a packet with the layers of ``outside`` around it, the outermost first."""
    for layer in reversed(outside):
        packet = around(packet, layer)
    return packet


def transport_wire(packet: int, header: int, outside: list[str], esps: list[str]) -> int:
    """As wire, for a packet whose own header stays outside of transport mode's ESP."""
    return wire(wire(packet - header, esps) + header, outside)


def largest(link: int, outside: list[str]) -> int:
    """Try every packet, the largest first."""
    return next(packet for packet in range(link, 0, -1) if wire(packet, outside) <= link)


def linux_state_mtu(link: int, transform: str, *, udp: bool, tunnel: bool, outer: int, inner_header: int) -> int:
    """xfrm_state_mtu of net/xfrm/xfrm_state.c, as ``shared/reference/sizes.md`` states it."""
    iv, block, icv = ESP[transform]
    fixed = 8 + iv + (8 if udp else 0) + (outer if tunnel else 0)
    adjust = 0 if tunnel else inner_header
    return ((link - fixed - icv - adjust) & ~(block - 1)) + adjust - 2
