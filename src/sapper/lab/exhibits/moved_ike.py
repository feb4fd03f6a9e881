"""LEAK111: the way to the peer is lost for a moment, and the daemon looks for another one.

What comes back first is ESP's way; the network between eats IKE for some seconds more, as a firewall that has lost its
state may. Nobody sends anything meanwhile, so an ESP packet that leaves carries IKE.
"""

from __future__ import annotations

import time

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import all_heard, bring_up, flow, look, of_class, through
from sapper.lab.faults.default_route import way_words
from sapper.lab.rig import Rig

_LOST_S = 2.0  # the daemon looks for a path once a route has changed, and again every 2 s (ike_mobike.c)
_FOUND_S = 10.0


def into_the_tunnel(rig: Rig) -> Shown:
    """How many ESP packets left that nobody but the daemon can have caused; ``works`` when all is over."""
    bring_up(rig)
    east = rig.sides[0]
    wan = rig.topology.vantages["east"].router_link
    ways = [way_words(route) for route in east.plan.routes if route.via is not None and route.link in (None, wan)]
    rig.block_ike(True)
    rig.ask("ip", node="east", lines=[f"route delete {way}" for way in ways])
    time.sleep(_LOST_S)
    rig.ask("ip", node="east", lines=[f"route add {way}" for way in ways])
    # To nobody: it only keeps the capture open, and goes by the gateway.
    spare = flow("east", None, east.plan.connections[0].remote_addrs[0], "sapper:east:nothing:0")
    quiet = look(rig, [{**spare, "port": 9}], quiet_s=_FOUND_S, limit_s=_FOUND_S)
    carried = len(of_class(quiet.leaving("east", wan), "esp"))
    rig.block_ike(False)
    address = _daemons_address(rig)
    flows = through(rig, east)
    heard = look(rig, flows).heard
    delivered = sum(heard.get(item["token"], 0) for item in flows)
    after = f"IKE is at {address}" if address else "no SA is left"
    words = f"up: {carried} ESP packets carry IKE; then {after}, {delivered} of {sum(item['count'] for item in flows)} arrive"
    return Shown(count=carried, words=words, works=all_heard(flows, heard))


def _daemons_address(rig: Rig) -> str:
    """Where the daemon's SAs begin; empty where it has none."""
    found = rig.vici(rig.sides[0], "list-sas", {}, stream=True)
    return ", ".join(str(sa["local-host"]) for each in found for sa in each.values())
