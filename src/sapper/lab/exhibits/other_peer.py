"""LEAK112: with all SAs up, the tunnel's packets are encrypted for a third router.

Both connections are brought up, and what leaves is told apart by where the ESP packets go.
"""

from __future__ import annotations

from sapper.address import Address
from sapper.lab.classify import classify
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import all_heard, bring_up, look, through
from sapper.lab.rig import Rig

_NORTH = Address.parse("198.51.100.30")


def for_the_other_peer(rig: Rig) -> Shown:
    """How many packets of tun0 leave as ESP for the third router."""
    bring_up(rig)
    flows = through(rig, rig.sides[0], "tun0")
    seen = look(rig, flows)
    wrong = [frame for frame in seen.leaving("east") if classify(frame.frame) == ("esp", _NORTH)]
    words = f"up: {len(wrong)} ESP packets of tun0 go to {_NORTH}"
    return Shown(count=len(wrong), words=words, works=all_heard(flows, seen.heard))
