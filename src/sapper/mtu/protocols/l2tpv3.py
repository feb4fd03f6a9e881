"""L2TPv3: a session identifier (4), a cookie (0, 4 or 8), the sublayer (0 or 4), and an Ethernet frame (14).

Over UDP a word of flags and version (4) stands before the session identifier; right over IP it does not. Linux sends
the default sublayer unless told ``l2spec_type none``. Source: RFC 3931 4.1.1, 4.1.2, 4.6; RFC 4719 (Ethernet).
"""

from __future__ import annotations

from sapper.mtu.misread import WrongOption
from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

SESSION_BYTES = 4
UDP_WORD_BYTES = 4
SUBLAYER_BYTES = 4


def shape(options: Options, outer: str) -> Shape:
    cookie = options.number("cookie", 0, 0, 8, 4)
    if options.has("cookie") and cookie == 0 and options.words["cookie"] is None:
        raise WrongOption("cookie", "cookie takes 4 or 8")
    sublayer = SUBLAYER_BYTES if options.has("sublayer") else 0
    word = UDP_WORD_BYTES if outer == "udp" else 0
    note = f"session {SESSION_BYTES}, cookie {cookie}, sublayer {sublayer}" + (", UDP's word 4" if word else "")
    return Shape(
        front=word + SESSION_BYTES + cookie + sublayer,
        carries=frozenset({"ethernet"}),
        implies="ethernet",
        note=note,
    )


PROTOCOL = Protocol(
    word="l2tpv3",
    title="L2TPv3",
    source="RFC 3931",
    groups=frozenset({"ip-tunnel", "udp-tunnel"}),
    shape=shape,
    options={
        "cookie": "length of the cookie: 4 or 8",
        "sublayer": "the default layer 2 specific sublayer, 4 bytes",
    },
)
