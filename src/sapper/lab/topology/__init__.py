"""The lab's network around the routers: inferred from their Plans, changed by a sketch, as one pure value."""

from sapper.lab.topology.layout import infer, lay_out
from sapper.lab.topology.underlay import underlay_of
from sapper.lab.topology.value import NAT, NET, Furnishing, Host, RoutingDaemon, Topology, Vantage

__all__ = [
    "NAT",
    "NET",
    "Furnishing",
    "Host",
    "RoutingDaemon",
    "Topology",
    "Vantage",
    "infer",
    "lay_out",
    "underlay_of",
]
