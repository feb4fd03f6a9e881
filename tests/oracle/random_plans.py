"""Random small Plans, drawn from a tiny pool of addresses so that things collide.

One or two WANs, a LAN, dummies, tunnels between any two ends of the pool (one inside another, too), VTIs, static
routes that overlap, blackholes, masquerade with and without an exclusion, and up to two connections whose selectors
may or may not meet what the tunnels send. Mostly IPv4, since NAT and binding to a device exist only there.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from hypothesis import strategies as st

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import (
    Child,
    Connection,
    DestinationNatRule,
    Encapsulating,
    GeneveHeader,
    Link,
    LinkKind,
    MarkRule,
    Plan,
    Route,
    Rule,
    Selector,
    SourceNatRule,
    Sysctl,
    VxlanHeader,
)

OWN = {
    4: ["192.0.2.10", "198.51.100.10", "10.1.0.1", "10.10.0.1", "10.10.0.3", "10.0.1.1", "10.0.2.1"],
    6: ["2001:db8:1::10", "2001:db8:a::1", "2001:db8:d::1", "2001:db8:f:1::1"],
}
FAR = {
    4: [
        "203.0.113.20",
        "203.0.113.21",
        "10.10.0.2",
        "10.2.0.9",
        "198.51.100.20",
        "192.0.2.30",
        "10.0.1.2",
        "10.0.9.2",
    ],
    6: ["2001:db8:2::20", "2001:db8:d::2", "2001:db8:b::9", "2001:db8:1::30", "2001:db8:f:1::2"],
}
NETS = {
    4: ["10.2.0.0/24", "10.2.0.0/16", "10.0.0.0/8", "10.1.0.0/24", "10.10.0.0/24", "10.10.0.2/32", "203.0.113.0/24",
        "203.0.113.20/32", "192.0.2.10/32", "10.10.0.1/32",
        "10.0.1.0/29", "10.0.9.0/29", "0.0.0.0/0"],
    6: ["2001:db8:b::/64", "2001:db8::/32", "2001:db8:d::/64", "2001:db8:d::2/128", "2001:db8:2::20/128",
        "2001:db8:1::10/128", "2001:db8:f:1::/64", "2001:db8:a::/64", "::/0"],
}  # fmt: skip
GATEWAYS = {4: ["192.0.2.1", "198.51.100.1", "10.0.1.2", "10.1.0.77"], 6: ["2001:db8:1::1", "2001:db8:f:1::2"]}
Action = Literal["none", "trap", "start"]
Mode = Literal["tunnel", "transport", "pass"]
MODES: list[Mode] = ["tunnel", "tunnel", "tunnel", "transport", "transport", "pass"]
KINDS: list[Literal["unicast", "blackhole", "unreachable"]] = [
    "unicast",
    "unicast",
    "unicast",
    "blackhole",
    "unreachable",
]
ACTION_WORDS: list[Action] = ["none", "trap", "start"]
DPD_ACTIONS: list[Literal["clear", "trap", "restart"] | None] = [None, "clear", "trap", "restart"]
ACTIONS = st.sampled_from(ACTION_WORDS)
SOME_PORT = 500


def chance(percent: int) -> st.SearchStrategy[bool]:
    return st.integers(1, 100).map(lambda roll: roll > 100 - percent)


families: st.SearchStrategy[Family] = chance(15).map(lambda six: 6 if six else 4)


def address(texts: list[str]) -> st.SearchStrategy[Address]:
    return st.sampled_from(texts).map(Address.parse)


@st.composite
def wired(draw: st.DrawFn) -> list[Link]:
    wan = [Attached.parse("192.0.2.10/24"), Attached.parse("2001:db8:1::10/64")]
    if draw(chance(20)):
        wan.append(Attached.parse("192.0.2.11/24"))
    links = [Link(name="eth0", kind="ethernet", addresses=tuple(wan), dynamic=draw(chance(20)))]
    if draw(chance(40)):
        links.append(Link(name="eth1", kind="ethernet", addresses=(Attached.parse("198.51.100.10/24"),)))
    lan = (Attached.parse("10.1.0.1/24"), Attached.parse("2001:db8:a::1/64"))
    links.append(Link(name="eth2", kind="ethernet", addresses=lan, up=draw(chance(90))))
    dummies = (Attached.parse("10.10.0.1/32"), Attached.parse("2001:db8:d::1/128"))
    links.append(Link(name="dum0", kind="dummy", addresses=dummies))
    if draw(chance(30)):
        links.append(
            Link(name="dum1", kind="dummy", addresses=(Attached.parse("10.10.0.3/28"),), up=draw(chance(80)))
        )
    return links


@st.composite
def tunnels(draw: st.DrawFn, number: int) -> Link:
    kind: LinkKind = draw(st.sampled_from(["gre", "gre", "ipip", "sit", "gretap", "ip6tnl", "ip6gre"]))
    outside: Family = 6 if kind.startswith("ip6") else 4
    payload = draw(st.sampled_from([4, 41])) if kind == "ip6tnl" else None
    protocol = {"gre": 47, "gretap": 47, "ip6gre": 47, "ipip": 4, "sit": 41}.get(kind, payload or 4)
    local = None if outside == 4 and draw(chance(10)) else draw(address(OWN[outside]))
    link = draw(st.sampled_from(["eth0", "dum0", "eth2"])) if outside == 4 and draw(chance(15)) else None
    return Link(
        name=f"tun{number}",
        kind=kind,
        addresses=(Attached.parse(f"10.0.{number}.1/29"), Attached.parse(f"2001:db8:f:{number}::1/64")),
        up=draw(chance(92)),
        encapsulating=Encapsulating(
            protocol=protocol, local=local, remote=draw(address(FAR[outside])), link=link, payload=payload
        ),
    )


@st.composite
def udp_tunnels(draw: st.DrawFn) -> Link:
    """VXLAN that learns nothing, or GENEVE."""
    family = draw(families)
    remote = draw(address(FAR[family]))
    inside = (Attached.parse("10.0.5.1/29"), Attached.parse("2001:db8:f:5::1/64"))
    if draw(chance(40)):
        return Link(name="tun9", kind="geneve", addresses=inside, geneve=GeneveHeader(vni=9, remote=remote))
    header = VxlanHeader(
        vni=9,
        local=draw(st.none() | address(OWN[family])),
        remotes=(remote,),
        link=draw(st.sampled_from([None, None, "eth0", "eth2"])),
        port=draw(st.sampled_from([4789, 8472, SOME_PORT])),
        learning=False,
    )
    return Link(name="tun9", kind="vxlan", addresses=inside, vxlan=header)


@st.composite
def selectors(draw: st.DrawFn, family: Family, protocol: int | None, hosts: list[str]) -> tuple[Selector, ...]:
    port = SOME_PORT if protocol in (6, 17) and draw(chance(40)) else None
    pool = [*NETS[family], *(f"{host}/{32 if family == 4 else 128}" for host in hosts)]
    prefixes = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    return tuple(Selector(Prefix.parse(prefix), protocol, port) for prefix in prefixes)


@st.composite
def children(
    draw: st.DrawFn, name: str, near: Address | None, far: Address | None, start: Action, links: list[Link]
) -> Child:
    """``dynamic`` selectors only where the address is known: what nobody can know is the program's ``unknown``."""
    family = draw(families)
    mode: Mode = draw(st.sampled_from(MODES))
    protocol = draw(st.sampled_from([None, None, None, 47, 4, 41, 17, 6]))
    local: tuple[Selector, ...] = ()
    remote: tuple[Selector, ...] = ()
    carried = [link.encapsulating for link in links if link.encapsulating and link.encapsulating.local]
    if mode == "transport" and near and far and near.family == far.family:
        local, remote = (Selector(Prefix.host(near), protocol),), (Selector(Prefix.host(far), protocol),)
    elif mode != "pass" and draw(chance(50)) and carried:
        mode = "tunnel"
        ends: Encapsulating = draw(st.sampled_from(carried))
        protocol = ends.protocol if draw(chance(50)) else None
        if ends.local and ends.remote:
            local, remote = (
                (Selector(Prefix.host(ends.local), protocol),),
                (Selector(Prefix.host(ends.remote), protocol),),
            )
    else:
        mode = "tunnel" if mode == "transport" else mode
        local = () if near and draw(chance(10)) else draw(selectors(family, protocol, OWN[family]))
        remote = (
            () if far and mode != "pass" and draw(chance(10)) else draw(selectors(family, protocol, FAR[family]))
        )
    if mode == "pass":
        local, start = remote, "trap"
    return Child(
        name=name,
        mode=mode,
        local_ts=local,
        remote_ts=remote,
        esp_proposals=("aes128-sha256",),
        start_action=start,
        close_action=draw(ACTIONS),
        dpd_action=draw(st.sampled_from(DPD_ACTIONS)),
        priority=draw(st.sampled_from([None, None, None, None, 7])) if mode == "tunnel" else None,
    )


@st.composite
def connections(draw: st.DrawFn, number: int, links: list[Link]) -> Connection:
    family = draw(families)
    near = draw(address(OWN[family][:4])) if draw(chance(85)) else None
    far = draw(address(FAR[family])) if draw(chance(85)) else None
    same = [link.encapsulating for link in links if link.encapsulating]
    if draw(chance(40)) and same:
        ends = draw(st.sampled_from(same))
        near, far = ends.local, ends.remote
    start = draw(ACTIONS)
    amount = draw(st.integers(1, 2))
    made = tuple(draw(children(f"c{number}-{index}", near, far, start, links)) for index in range(amount))
    return Connection(
        name=f"peer{number}",
        title=f"peer{number}",
        version=2,
        local_addrs=(near,) if near else (),
        remote_addrs=(far,) if far else (),
        proposals=("aes128-sha256-modp2048",),
        children=made,
        dpd_delay_s=draw(st.sampled_from([None, 30])),
        encap=draw(chance(15)),
    )


@st.composite
def routes(draw: st.DrawFn, names: list[str]) -> Route:
    family = draw(families)
    kind = draw(st.sampled_from(KINDS))
    prefix = Prefix.parse(draw(st.sampled_from(NETS[family])))
    metric = draw(st.sampled_from([1, 1, 5, 254]))
    if kind != "unicast":
        return Route(prefix=prefix, kind=kind, metric=metric)
    if draw(chance(60)):
        return Route(prefix=prefix, link=draw(st.sampled_from(names)), metric=metric)
    return Route(prefix=prefix, via=draw(address(GATEWAYS[family])), metric=metric)


@st.composite
def nat_rules(draw: st.DrawFn) -> tuple[SourceNatRule, ...]:
    out = draw(st.sampled_from(["eth0", "eth0", "eth1", "tun1", None]))
    rule = SourceNatRule(number=100, action="masquerade", out_link=out)
    if draw(chance(20)):
        rule = SourceNatRule(
            number=100,
            action="snat",
            out_link=out,
            to=Address.parse(draw(st.sampled_from(["192.0.2.10", "10.10.0.1"]))),
            source=Prefix.parse("10.0.0.0/8"),
            negated=frozenset({"source"}) if draw(chance(30)) else frozenset(),
        )
    if draw(chance(50)):
        away = Prefix.parse(draw(st.sampled_from(NETS[4])))
        exclusion = SourceNatRule(
            number=10, action="accept", out_link=out, destination=away, protocol=47 if draw(chance(20)) else None
        )
        return (exclusion, rule)
    return (rule,)


@st.composite
def destination_rules(draw: st.DrawFn) -> DestinationNatRule:
    """Sent to a host behind the router, to one on the way to a tunnel, to the router, to nobody's; or an exclusion."""
    action: Literal["dnat", "redirect", "accept"] = draw(
        st.sampled_from(["dnat", "dnat", "dnat", "redirect", "accept"])
    )
    to = draw(address([*FAR[4], "10.1.0.77", "10.1.0.1", "198.51.100.77"])) if action == "dnat" else None
    return DestinationNatRule(
        number=draw(st.integers(1, 99)),
        action=action,
        in_link=draw(st.sampled_from(["eth2", "eth2", "eth0", None])),
        source=draw(st.none() | st.sampled_from(NETS[4]).map(Prefix.parse)),
        destination=draw(st.none() | st.sampled_from(NETS[4]).map(Prefix.parse)),
        protocol=draw(st.sampled_from([None, 17, 6])),
        to=to,
        negated=draw(
            st.sampled_from([frozenset(), frozenset(), frozenset({"source"}), frozenset({"destination"})])
        ),
    )


@st.composite
def bound_to_vti(draw: st.DrawFn, connection: Connection) -> tuple[Connection, Link]:
    """The connection with its first child bound to an xfrm interface, mostly for everything; and that interface."""
    first, *rest = connection.children
    bound = msgspec.structs.replace(first, if_id=1, updown="vti0", priority=None)
    if draw(chance(60)):
        everything = (Selector(Prefix.everything(4)), Selector(Prefix.everything(6)))
        bound = msgspec.structs.replace(bound, mode="tunnel", local_ts=everything, remote_ts=everything)
    link = Link(
        name="vti0",
        kind="xfrm",
        up=False,
        addresses=(Attached.parse("10.0.9.1/29"), Attached.parse("2001:db8:f:9::1/64")),
        if_id=draw(st.sampled_from([1, 1, 1, 2])),
        raised_by=bound.name,
    )
    return msgspec.structs.replace(connection, children=(bound, *rest)), link


def widened(connection: Connection) -> Connection:
    """Selectors that hold those of other connections, so that priorities decide."""
    wide = (Selector(Prefix.parse("10.0.0.0/8")), Selector(Prefix.parse("192.0.2.0/24")))
    first, *rest = connection.children
    if first.mode == "pass":
        return connection
    first = msgspec.structs.replace(
        first, mode="tunnel", local_ts=wide, remote_ts=(Selector(Prefix.everything(4)),)
    )
    return msgspec.structs.replace(connection, children=(first, *rest))


@st.composite
def lookups(draw: st.DrawFn) -> Rule:
    """A rule before, beside and behind the standing ones, for all packets or for those with a mark."""
    return Rule(
        priority=draw(st.sampled_from([50, 100, 220, 300, 32766, 40000])),
        table=draw(st.sampled_from([10, 10, 20, 254])),
        family=draw(families),
        mark=draw(st.sampled_from([None, 1, 1, 2])),
    )


@st.composite
def mark_rules(draw: st.DrawFn) -> MarkRule:
    family = draw(families)
    return MarkRule(
        family=family,
        mark=draw(st.sampled_from([0, 1, 1, 2])),
        in_links=draw(st.sampled_from([("eth2",), ("eth2",), ("eth0", "eth2"), ("eth0",)])),
        source=draw(st.none() | st.sampled_from(NETS[family]).map(Prefix.parse)),
        destination=draw(st.none() | st.sampled_from(NETS[family]).map(Prefix.parse)),
        protocol=draw(st.sampled_from([None, None, 17, 6])),
        negated=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"source"}), frozenset({"protocol"})])),
    )


sysctls = st.builds(
    Sysctl,
    st.sampled_from(
        [
            "net.ipv4.ip_forward",
            "net.ipv6.conf.all.forwarding",
            "net.ipv4.conf.eth2.forwarding",
            "net.ipv4.conf.eth2.rp_filter",
            "net.ipv4.conf.eth0.rp_filter",
            "net.ipv4.conf.all.rp_filter",
        ]
    ),
    st.sampled_from(["0", "1", "1", "2"]),
).map(lambda one: one if one.name.endswith("rp_filter") or one.value != "2" else Sysctl(one.name, "1"))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    links = draw(wired())
    links += [draw(tunnels(number)) for number in range(1, draw(st.integers(1, 3)))]
    made = [draw(connections(number, links)) for number in range(draw(st.integers(0, 2)))]
    if draw(chance(25)):
        links.append(draw(udp_tunnels()))
    if len(made) > 1 and draw(chance(25)):
        made[1] = widened(made[1])
    if made and made[0].children[0].mode != "pass" and draw(chance(35)):
        made[0], link = draw(bound_to_vti(made[0]))
        links.append(link)
    names = [link.name for link in links if link.kind != "dummy"]
    static = [draw(routes(names)) for _ in range(draw(st.integers(0, 4)))]
    if draw(chance(80)):
        static.append(Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1))
        static.append(Route(prefix=Prefix.everything(6), via=Address.parse("2001:db8:1::1"), metric=1))
    steered = draw(chance(35))
    rules = [draw(lookups()) for _ in range(draw(st.integers(1, 3)))] if steered else []
    for _ in range(draw(st.integers(1, 4)) if steered else 0):
        table = draw(st.sampled_from([rule.table for rule in rules if rule.table != 254] or [10]))
        static.append(msgspec.structs.replace(draw(routes(names)), table=table))
    amount = draw(st.integers(1, 2)) if draw(chance(20)) else 0
    translated = tuple(sorted((draw(destination_rules()) for _ in range(amount)), key=lambda rule: rule.number))
    plan = Plan(
        name="east",
        links=tuple(links),
        routes=tuple({(route.prefix, route.metric, route.table): route for route in reversed(static)}.values())[
            ::-1
        ],
        connections=tuple(made),
        source_nat=draw(nat_rules()) if draw(chance(30)) else (),
        destination_nat=translated,
        rules=tuple(dict.fromkeys(rules)),
        sysctls=tuple({one.name: one for one in draw(st.lists(sysctls, max_size=3))}.values()),
        marks=tuple(draw(mark_rules()) for _ in range(draw(st.integers(0, 3)))) if steered else (),
        install_routes=draw(chance(85)),
    )
    return complete(plan)
