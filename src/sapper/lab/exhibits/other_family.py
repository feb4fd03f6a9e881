"""LEAK115: two hosts whose IPv4 is protected talk to each other over IPv6, while the SA is up."""

from __future__ import annotations

from sapper.address import Address
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import bring_up, flow, look, of_class
from sapper.lab.rig import LabFailed, Rig
from sapper.lab.topology import Topology

_TOKEN = "sapper:east:over-ipv6:0"


def over_ipv6(rig: Rig) -> Shown:
    """How many of the hosts' packets leave in clear; those that arrive come by the tunnel."""
    bring_up(rig)
    (node, source), (_, destination) = (_host(rig.topology, name) for name in ("east", "west"))
    sent = flow(node, source, destination, _TOKEN)
    seen = look(rig, [sent])
    clear = of_class(seen.leaving("east"), "clear-inner", "clear-outer")
    out = [frame for frame in clear if frame.interface == rig.topology.vantages["east"].router_link]
    words = f"up: udp {source} -> {destination} leaves eth0, {len(out)} packets"
    return Shown(count=len(out), words=words, works=seen.heard.get(_TOKEN, 0) == sent["count"])


def _host(topology: Topology, router: str) -> tuple[str, Address]:
    for host in topology.hosts:
        for address in host.addresses:
            if host.router == router and address.family == 6:
                return host.node, address
    raise LabFailed(f"no host behind {router} has an IPv6 address")
