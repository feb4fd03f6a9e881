"""AH: 12 bytes and the ICV, padded to 4 under IPv4 and to 8 under IPv6.

``ah:INTEGRITY`` in VyOS' or strongSwan's words; AES-GMAC has an IV of 8 with its ICV of 16. The same in tunnel and
transport mode. Source: RFC 4302 2.2, 2.6, 3.3.3.2.1; RFC 4543 4; net/ipv4/ah4.c (ah_init_state) for ``align8``.
"""

from __future__ import annotations

from sapper.mtu.misread import WrongOption, nearest
from sapper.mtu.protocol import IN_IP, Options, Protocol
from sapper.mtu.protocols.esp_transform import INTEGRITY
from sapper.mtu.shape import Shape

FIXED_BYTES = 12
ALIGN8 = "align8"
_GMAC = {f"aes{bits}gmac": 8 + 16 for bits in (128, 192, 256)}


def shape(options: Options, outer: str) -> Shape:
    known = {**INTEGRITY, **_GMAC}
    words = [word for word in options.words if word != ALIGN8]
    if not words:
        raise WrongOption("", "ah needs an integrity algorithm, for example ah:sha256")
    if len(words) > 1:
        raise WrongOption(words[1], f"ah takes one integrity algorithm, and {ALIGN8} behind it")
    if words[0] not in known:
        hint = nearest(words[0], known) or f"; known are {', '.join(known)}"
        raise WrongOption(words[0], f"no integrity algorithm is called {words[0]!r}{hint}")
    unit = 8 if options.has(ALIGN8) or outer in ("ipv6", "ip6ip6", "ipip6") else 4
    size = -(-(FIXED_BYTES + known[words[0]]) // unit) * unit
    return Shape(front=size, carries=IN_IP, note=f"ICV {known[words[0]]}, padded to {unit}")


PROTOCOL = Protocol(
    word="ah",
    title="AH",
    source="RFC 4302",
    groups=frozenset({"ipsec"}),
    shape=shape,
    options={
        "INTEGRITY": "the algorithm, for example sha256",
        ALIGN8: "padded to 8 under IPv4 too, as Linux does unless told align4 (strongSwan tells it)",
    },
    open_options=True,
    example="ah:sha256",
)
