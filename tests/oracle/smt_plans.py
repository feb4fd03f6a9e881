"""Random Plans of the fragment that the SMT solver is asked about, from a tiny pool of addresses so that things collide."""

from __future__ import annotations

import msgspec
from hypothesis import assume
from hypothesis import strategies as st
from random_plans import ACTIONS, DPD_ACTIONS, FAR, GATEWAYS, NETS, address, chance

from sapper.address import Address, Attached, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Link,
    LinkKind,
    Plan,
    Route,
    Selector,
    SourceNatRule,
)

WAN, SECOND, LAN, DUMMY = "192.0.2.10", "198.51.100.10", "10.1.0.1", "10.10.0.1"
PROTOCOLS = [None, None, 47, 4, 17]


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    found = [Link(name="eth0", kind="ethernet", addresses=(Attached.parse(f"{WAN}/24"),))]
    if draw(chance(40)):
        found.append(Link(name="eth1", kind="ethernet", addresses=(Attached.parse(f"{SECOND}/24"),)))
    if draw(chance(80)):
        found.append(Link(name="eth2", kind="ethernet", addresses=(Attached.parse(f"{LAN}/24"),)))
    found.append(Link(name="dum0", kind="dummy", addresses=(Attached.parse(f"{DUMMY}/32"),)))
    own = [link.addresses[0].address for link in found]
    for number in range(1, draw(st.integers(1, 3))):
        kind: LinkKind = draw(st.sampled_from(["gre", "ipip"]))
        outer = Encapsulating(
            protocol={"gre": 47}.get(kind, 4), local=draw(st.sampled_from(own)), remote=draw(address(FAR[4]))
        )
        inside = (Attached.parse(f"10.0.{number}.1/29"),)
        found.append(Link(name=f"tun{number}", kind=kind, addresses=inside, encapsulating=outer))
    return found


@st.composite
def children(draw: st.DrawFn, name: str, tunnels: list[Link], near: Address, far: Address) -> Child:
    mode = draw(st.sampled_from(["tunnel", "tunnel", "transport"]))
    protocol = draw(st.sampled_from(PROTOCOLS))
    local, remote = [Prefix.host(near)], [Prefix.host(far)]
    if draw(chance(40)) and tunnels:
        outer = draw(st.sampled_from(tunnels)).encapsulating
        assert outer is not None
        local, remote = [Prefix.host(outer.local)], [Prefix.host(outer.remote)]  # type: ignore[arg-type]
        protocol = draw(st.sampled_from([None, outer.protocol, outer.protocol, 47]))
    elif mode == "tunnel":
        local, remote = (
            draw(st.lists(st.sampled_from(NETS[4]).map(Prefix.parse), min_size=1, max_size=2, unique=True))
            for _ in range(2)
        )
    return Child(
        name=name,
        title=name,
        mode=mode,  # type: ignore[arg-type]
        local_ts=tuple(Selector(prefix, protocol) for prefix in local),
        remote_ts=tuple(Selector(prefix, protocol) for prefix in remote),
        esp_proposals=("aes128-sha256",),
        start_action=draw(ACTIONS),
        close_action=draw(ACTIONS),
        dpd_action=draw(st.sampled_from(DPD_ACTIONS)),
    )


@st.composite
def connections(draw: st.DrawFn, number: int, every: list[Link]) -> Connection:
    tunnels = [link for link in every if link.encapsulating]
    near = draw(st.sampled_from([link.addresses[0].address for link in every if not link.encapsulating]))
    far = draw(address(FAR[4]))
    made = [draw(children(f"c{number}-{at}", tunnels, near, far)) for at in range(draw(st.integers(1, 2)))]
    # The machine of lifecycle rows is asked with one start action, as VyOS makes them.
    made = [msgspec.structs.replace(child, start_action=made[0].start_action) for child in made]
    return Connection(
        name=f"peer{number}",
        title=f"peer{number}",
        version=2,
        local_addrs=(near,),
        remote_addrs=(far,),
        proposals=("aes128-sha256-modp2048",),
        children=tuple(made),
        dpd_delay_s=draw(st.sampled_from([None, 30])),
    )


@st.composite
def routes(draw: st.DrawFn, names: list[str]) -> Route:
    prefix = Prefix.parse(draw(st.sampled_from([text for text in NETS[4] if text != "0.0.0.0/0"])))
    kind = draw(st.sampled_from(["unicast", "unicast", "blackhole", "unreachable"]))
    metric = draw(st.sampled_from([1, 5, 254]))
    if kind != "unicast":
        return Route(prefix=prefix, kind=kind, metric=metric)  # type: ignore[arg-type]
    if draw(chance(60)):
        return Route(prefix=prefix, link=draw(st.sampled_from(names)), metric=metric)
    return Route(prefix=prefix, via=draw(address(GATEWAYS[4])), metric=metric)


@st.composite
def rules(draw: st.DrawFn) -> tuple[SourceNatRule, ...]:
    out = draw(st.sampled_from(["eth0", "eth0", "eth1", None]))
    away = Prefix.parse(draw(st.sampled_from(NETS[4])))
    number = draw(st.sampled_from([None, None, 47]))
    some = draw(st.sampled_from([None, Prefix.parse("10.0.0.0/8")]))
    masked = SourceNatRule(number=100, action="masquerade", out_link=out, source=some)
    exclusion = SourceNatRule(number=10, action="accept", out_link=out, destination=away, protocol=number)
    return (exclusion, masked) if draw(chance(60)) else (masked,)


@st.composite
def small_plans(draw: st.DrawFn) -> Plan:
    """A completed Plan of the fragment, but for ties of routes, which are left out by its own predicate."""
    every = draw(links())
    names = [link.name for link in every if link.kind != "dummy"]
    static = [draw(routes(names)) for _ in range(draw(st.integers(0, 4)))]
    static.append(Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1))
    distinct = {(route.prefix, route.metric): route for route in static}
    made = [draw(connections(number, every)) for number in range(draw(st.integers(1, 2)))]
    assume(made)
    return complete(
        Plan(
            name="east",
            links=tuple(every),
            routes=tuple(distinct.values()),
            connections=tuple(made),
            source_nat=draw(rules()) if draw(chance(40)) else (),
            install_routes=draw(chance(85)),
        )
    )
