"""CFG383: ESP packets that somebody has captured in front of the router are put on the wire once more."""

from __future__ import annotations

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import all_heard, bring_up, ip_packet, look, of_class, through
from sapper.lab.rig import LabFailed, Rig


def sent_again(rig: Rig) -> Shown:
    """How many of the replayed packets are decrypted, decapsulated and heard a second time."""
    bring_up(rig)
    west = next(side for side in rig.sides if side.name == "west")
    flows = through(rig, west)
    first = look(rig, flows)
    captured = [ip_packet(frame) for frame in of_class(first.arriving("east"), "esp")]
    if not captured:
        raise LabFailed("no ESP packet came to east, so that there is nothing to send again")
    again = look(rig, packets=captured)
    count = sum(again.heard.get(flow["token"], 0) for flow in flows)
    works = all_heard(flows, first.heard)
    return Shown(count=count, words=f"up: esp sent again, {count} of {len(captured)} accepted", works=works)
