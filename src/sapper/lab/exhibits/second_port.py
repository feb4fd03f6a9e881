"""LEAK114: a host behind the router asks for a far one by broadcast, and the bridge has a port outside.

The question is an ARP request, the first thing that any host sends. It names both hosts, in clear.
"""

from __future__ import annotations

from sapper.lab.dissect import ARP, dissect
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import bring_up, look, through
from sapper.lab.rig import Rig

_PORT = "eth2"
_ANSWER_S = 1.5  # a host asks again after a second


def out_of_the_second_port(rig: Rig) -> Shown:
    """How many frames of the hosts leave by the second port while the SA is up."""
    bring_up(rig)
    east = rig.sides[0]
    flows = through(rig, east)
    for node in {flow["node"] for flow in flows}:
        rig.ask("ip", node=node, lines=["neigh flush all"], force=True)
    seen = look(rig, flows, quiet_s=_ANSWER_S)
    outside = [
        frame
        for frame in seen.leaving("east", _PORT)
        if frame.category in ("clear-inner", "clear-outer") or dissect(frame.frame).ethertype == ARP
    ]
    heard = sum(seen.heard.get(flow["token"], 0) for flow in flows)
    words = f"up: {len(outside)} frames of the hosts (ARP) leave {_PORT}" if outside else "up: nothing"
    return Shown(count=len(outside), words=words, works=heard > 0)
