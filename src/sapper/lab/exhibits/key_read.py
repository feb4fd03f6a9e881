"""SEC501: an attacker on the wire reads the GRE key from one packet, and sends packets of his own with it.

Where the key cannot be read because the packets are encrypted, he is given it all the same: a key is no secret.
"""

from __future__ import annotations

import struct

from sapper.lab.dissect import GRE, dissect
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import bring_up, flow, look
from sapper.lab.faults.attacked import Attacked
from sapper.lab.result import CapturedFrame
from sapper.lab.rig import Rig

_KEY_PRESENT = 0x2000
_CHECKSUM_PRESENT = 0x8000
_TOKEN = "sapper:east:tun0:0"


def with_the_key(rig: Rig) -> Shown:
    """How many forged packets with the key get in."""
    if rig.sides[0].connections:
        bring_up(rig)
    east, west = (rig.topology.plans[name].link("tun0") for name in ("east", "west"))
    assert east is not None
    assert west is not None
    assert east.encapsulating is not None
    seen = look(rig, [flow("east", None, west.addresses[0].address, _TOKEN)])
    read = next((key for frame in seen.leaving("east") if (key := _key(frame)) is not None), None)
    known = read if read is not None else east.encapsulating.key
    saw = Attacked(router="east", encapsulation="gre", key=known).apply(rig)
    count = saw["decapsulated"] or 0
    told = f"key {read} read from the wire" if read is not None else f"key {known} not on the wire"
    works = bool(seen.heard.get(_TOKEN))
    return Shown(count=count, words=f"{told}; forged with it, {count} of {saw['injected']} got in", works=works)


def _key(frame: CapturedFrame) -> int | None:
    """The key of a GRE packet in clear (RFC 2890 2.1)."""
    outer = dissect(frame.frame).outer
    if outer is None or outer.protocol != GRE or len(outer.payload) < 12:
        return None
    (flags,) = struct.unpack_from("!H", outer.payload)
    if not flags & _KEY_PRESENT:
        return None
    (key,) = struct.unpack_from("!I", outer.payload, 8 if flags & _CHECKSUM_PRESENT else 4)
    return int(key)
