"""SEC504: the size of the Diffie-Hellman values can be read from the first packets of every exchange.

IKE_SA_INIT is in clear and carries both public values with the number of their group (RFC 7296 3.4). Whoever records
them and can take logarithms in that group has the keys of all that follows. The lab does not take any.
"""

from __future__ import annotations

import struct

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.guessed_key import messages, payloads
from sapper.lab.exhibits.look import all_heard, flow, look, through
from sapper.lab.rig import Rig

_SA_INIT, _KEY_EXCHANGE = 34, 34
_ENOUGH_BITS = 2048
_ASKED_S, _LIMIT_S = 3.0, 8.0


def too_small_a_group(rig: Rig) -> Shown:
    """How many public values of fewer bits than is enough are on the wire; it works if an SA carries packets then."""
    east, west = rig.sides[:2]
    rig.start()
    rig.block_ike(True)
    rig.load()
    # To nobody: it keeps the capture open while the daemon, which gets no answer, asks again and again.
    spare = {**flow("east", None, west.connections[0].local_addrs[0], "sapper:east:nothing:0"), "port": 9}
    seen = look(rig, [spare], quiet_s=_ASKED_S, limit_s=_LIMIT_S)
    sizes = [
        found for message in messages([*seen.leaving("east"), *seen.arriving("east")]) for found in values(message)
    ]
    rig.block_ike(False)
    small = [(group, bits) for group, bits in sizes if bits < _ENOUGH_BITS]
    rig.establish()
    flows = through(rig, east)
    works = all_heard(flows, look(rig, flows).heard)
    words = ", ".join(f"group {group}, {bits} bits" for group, bits in dict.fromkeys(small or sizes))
    return Shown(count=len(small), words=f"negotiating: public values of {words}", works=works and bool(sizes))


def values(message: bytes) -> list[tuple[int, int]]:
    """The number of the group and the bits of the public value in a message of IKE_SA_INIT."""
    body = payloads(message).get(_KEY_EXCHANGE, b"") if message[18] == _SA_INIT else b""
    return [(struct.unpack_from("!H", body)[0], 8 * (len(body) - 4))] if len(body) > 4 else []
