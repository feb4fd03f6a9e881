"""TCP: 20 bytes. Options stand in every segment, but the MSS does not count them.

A sender takes its options out of the segment: with timestamps (10 bytes and 2 of padding) an MSS of 1460 carries
1448 bytes of data. So they are in the note, not in the sum. Source: RFC 9293 3.1, RFC 6691 2, RFC 7323 3.2.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 20
TIMESTAMP_BYTES = 12
MOST_OPTION_BYTES = 40


def shape(options: Options, outer: str) -> Shape:
    extra = options.number("options", 0, 0, MOST_OPTION_BYTES, 4)
    extra = max(extra, TIMESTAMP_BYTES if options.has("timestamps") else 0)
    note = f"options {extra}: out of the segment's data, not of the MSS" if extra else ""
    return Shape(front=HEADER_BYTES, inside=extra, carries=frozenset({"openvpn"}), note=note)


PROTOCOL = Protocol(
    word="tcp",
    title="TCP",
    source="RFC 9293",
    groups=frozenset({"tcp"}),
    shape=shape,
    options={
        "options": "bytes of TCP options, for the note",
        "timestamps": "the timestamp option, 12 with padding",
    },
)
