"""What the routing daemons of a topology are told, and what they have learnt: FRR's zebra, ospfd and bgpd.

Times are far shorter than FRR's own (hello 10 s, dead 40 s; hold 180 s), and printed with the report. Two Plans are
never changed for it: what was learnt is read from the kernel before each measurement, and the proof is asked about
the Plan with exactly those routes.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan, Route
from sapper.lab.topology.value import RoutingDaemon, Topology

HELLO_S, DEAD_S, RETRANSMIT_S = 1, 4, 1
SETTLED_S = DEAD_S + 1.5
METRIC = 20
SENTENCE = (
    f"OSPF hello {HELLO_S} s, dead {DEAD_S} s and retransmission {RETRANSMIT_S} s, "
    f"BGP keepalive {HELLO_S} s and hold {DEAD_S} s"
)


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What a router's daemons have in the kernel, and how many of their neighbours are up."""

    routes: tuple[Route, ...] = ()
    neighbours: int = 0


def zebra_conf(router: str) -> str:
    """The file of the daemon that writes to the kernel."""
    return f"hostname {router}\n"


def protocol_conf(daemon: RoutingDaemon) -> str:
    """The file of ospfd or bgpd."""
    return _ospf(daemon) if daemon.protocol == "ospf" else _bgp(daemon)


def _ospf(daemon: RoutingDaemon) -> str:
    lines = []
    for name in daemon.links:
        lines += [
            f"interface {name}",
            " ip ospf area 0",
            " ip ospf network point-to-point",
            f" ip ospf hello-interval {HELLO_S}",
            f" ip ospf dead-interval {DEAD_S}",
            f" ip ospf retransmit-interval {RETRANSMIT_S}",
            # The tunnel's MTU is what the two ends chose; a difference is a finding elsewhere.
            " ip ospf mtu-ignore",
        ]
    for name in daemon.passive:
        lines += [f"interface {name}", " ip ospf area 0", " ip ospf passive"]
    lines += ["router ospf", f" ospf router-id {daemon.identifier}", " timers throttle spf 10 100 1000"]
    return "\n".join(lines) + "\n"


def _bgp(daemon: RoutingDaemon) -> str:
    neighbours = [(address, asn) for address, asn in daemon.neighbours if address.family == 4]
    lines = [
        f"router bgp {daemon.asn}",
        f" bgp router-id {daemon.identifier}",
        " no bgp ebgp-requires-policy",
        " no bgp network import-check",
        f" timers bgp {HELLO_S} {DEAD_S}",
    ]
    for address, asn in neighbours:
        lines += [
            f" neighbor {address} remote-as {asn}",
            f" neighbor {address} timers connect {HELLO_S}",
            f" neighbor {address} advertisement-interval 0",
        ]
    lines.append(" address-family ipv4 unicast")
    lines += [f"  network {network}" for network in daemon.networks if ":" not in network]
    return "\n".join([*lines, " exit-address-family"]) + "\n"


def announced_by(topology: Topology, far: str | None, link: str, router: str) -> tuple[Prefix, ...]:
    """The networks that a router should learn through that link from the far one."""
    if not any(item.router == router and link in item.links for item in topology.routing):
        return ()
    return tuple(
        Prefix.parse(network) for item in topology.routing if item.router == far for network in item.networks
    )


def all_announced(topology: Topology, daemon: RoutingDaemon) -> list[Prefix]:
    """All that the router's peers over the daemon's links announce by the same protocol."""
    peers = set(topology.peers.get(daemon.router, {}).values())
    return [
        Prefix.parse(network)
        for item in topology.routing
        if item.router in peers and item.protocol == daemon.protocol
        for network in item.networks
        if ":" not in network
    ]


def read_learnt(raw: dict[str, object]) -> Learnt:
    """The agent's answer for one router: ``routes`` as [prefix, next hop or None, link], ``neighbours`` up."""
    routes = []
    for prefix, via, link in raw["routes"]:  # type: ignore[attr-defined]
        text = "0.0.0.0/0" if prefix == "default" else prefix if "/" in prefix else f"{prefix}/32"
        routes.append(
            Route(prefix=Prefix.parse(text), via=Address.parse(via) if via else None, link=link, metric=METRIC)
        )
    return Learnt(routes=tuple(routes), neighbours=int(str(raw["neighbours"])))


def with_learnt(plan: Plan, learnt: Learnt) -> Plan:
    """The Plan as the kernel has it now."""
    return msgspec.structs.replace(plan, routes=(*plan.routes, *learnt.routes)) if learnt.routes else plan
