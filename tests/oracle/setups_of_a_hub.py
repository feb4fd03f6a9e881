"""Many canonical tunnels from one WAN address, each with a peer, a policy and a network of its own."""

from __future__ import annotations

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, Plan, Route, Selector

WAN = Address.parse("192.0.2.10")


def many(number: int) -> Plan:
    """``tunN`` to 203.0.113.N for 10.2.N.0/24; route N is its network's."""
    links = [
        Link(name="eth0", kind="ethernet", addresses=(Attached(WAN, 24),)),
        Link(name="eth1", kind="ethernet", addresses=(Attached.parse("10.1.0.1/24"),)),
    ]
    connections, routes = [], []
    for at in range(number):
        far = Address.parse(f"203.0.113.{at}")
        outer = Encapsulating(protocol=47, local=WAN, remote=far)
        inside = (Attached.parse(f"10.0.{at}.1/30"),)
        links.append(Link(name=f"tun{at}", kind="gre", addresses=inside, encapsulating=outer))
        routes.append(Route(prefix=Prefix.parse(f"10.2.{at}.0/24"), link=f"tun{at}", metric=1))
        child = Child(
            name=f"peer{at}-tunnel-0",
            title=f"peer{at} tunnel 0",
            mode="transport",
            local_ts=(Selector(Prefix.host(WAN), 47),),
            remote_ts=(Selector(Prefix.host(far), 47),),
            esp_proposals=("aes128-sha256",),
            start_action="start",
        )
        connections.append(
            Connection(
                name=f"peer{at}",
                title=f"peer{at}",
                version=2,
                local_addrs=(WAN,),
                remote_addrs=(far,),
                proposals=("aes128-sha256-modp2048",),
                children=(child,),
            )
        )
    routes.append(Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1))
    return Plan(name="hub", links=tuple(links), routes=tuple(routes), connections=tuple(connections))
