"""A hub with many tunnels, no two alike, as one Plan: kinds, selectors, modes, prefix lengths and routes by chance.

A tunnel is a GRE, IPIP, SIT, IP6GRE or IP6TNL device over transport or tunnel mode, a VTI, a WireGuard device, or a
plain policy-based connection; on one of a few WAN addresses or on a dummy of its own. Half of the tunnels have what keeps
them tight (a trap, a blackhole, an unreachable route), half do not. No two of a thousand tunnels have one shape
(:mod:`shape`). ``seed`` decides everything.
"""

from __future__ import annotations

from random import Random
from typing import Any

from shape import Shape, shape_of

from sapper.address import Address, Attached, Family, Prefix
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
    WireguardDevice,
    WireguardPeer,
)

ROUTES = 100_000
ALIKE = 1_000
_PROTOCOLS: dict[LinkKind, int] = {"gre": 47, "ipip": 4, "sit": 41, "ip6gre": 47, "ip6tnl": 41}
_KINDS: tuple[LinkKind, ...] = ("gre", "gre", "gre", "ipip", "sit", "ip6gre", "ip6tnl")
_EVERYTHING = (Selector(Prefix.everything(4)), Selector(Prefix.everything(6)))


class Hub:
    """Draws the pieces; the address plan keeps peers and networks of different tunnels apart."""

    def __init__(self, tunnels: int, routes: int, seed: int) -> None:
        self._chance = Random(seed)
        self.tunnels, self.routes = tunnels, routes
        self.links: list[Link] = []
        self.table: list[Route] = []
        self.connections: list[Connection] = []
        self.rules: list[SourceNatRule] = []
        self.wans: dict[Family, list[Address]] = {4: [], 6: []}

    def plan(self) -> Plan:
        """The whole hub."""
        self._outside()
        shapes: set[Shape] = set()
        for number in range(self.tunnels):
            if number % ALIKE == 0:
                shapes.clear()
            self._unlike(number, shapes)
        self._other_routes()
        self.rules.append(SourceNatRule(number=90_000, action="masquerade", out_link="eth0"))
        return Plan(
            name="hub",
            links=tuple(self.links),
            routes=tuple(self.table),
            connections=tuple(self.connections),
            source_nat=tuple(self.rules),
        )

    def _unlike(self, number: int, shapes: set[Shape]) -> None:
        """Draw a tunnel until no other one of its thousand has its shape."""
        parts: tuple[list[Any], ...] = (self.links, self.table, self.connections, self.rules)
        before = [len(part) for part in parts]
        while True:
            self._one(number)
            shape = shape_of(*(part[length:] for part, length in zip(parts, before, strict=True)))
            if shape not in shapes:
                shapes.add(shape)
                return
            for part, length in zip(parts, before, strict=True):
                del part[length:]

    def _outside(self) -> None:
        for number in range(3):
            four, six = f"192.0.{number}.10/24", f"2001:db8:{number:x}::10/64"
            addresses = (Attached.parse(four), Attached.parse(six))
            self.links.append(Link(name=f"eth{number}", kind="ethernet", addresses=addresses))
            for attached in addresses:
                self.wans[attached.address.family].append(attached.address)
        for number in range(4):
            inner = (Attached.parse(f"172.{16 + number}.0.1/16"), Attached.parse(f"fd00:{number:x}::1/64"))
            self.links.append(Link(name=f"eth{3 + number}", kind="ethernet", addresses=inner))
        self.table.append(Route(prefix=Prefix.everything(4), via=Address.parse("192.0.0.1"), metric=1))
        self.table.append(Route(prefix=Prefix.everything(6), via=Address.parse("2001:db8::1"), metric=1))

    def _one(self, number: int) -> None:
        roll = self._chance.random()
        if roll < 0.55:
            self._tunnel(number)
        elif roll < 0.75:
            self._vti(number)
        elif roll < 0.95:
            self._policy_based(number)
        else:
            self._wireguard(number)

    def _peer(self, number: int, family: Family) -> Address:
        base = 203 << 24 if family == 4 else 0x20010DB8_FFFF << 80
        return Address(family, base + number * 7 + 1)

    def _network(self, number: int, family: Family) -> Prefix:
        """A far network of this tunnel; of chance length, within room that no other tunnel has."""
        length = self._chance.randint(20, 28) if family == 4 else self._chance.randint(52, 64)
        if family == 4:
            return Prefix(4, (10 << 24) + number * 4096 // 4 + self._chance.randrange(1024), max(length, 22))
        return Prefix(6, (0xFD10 << 112) + (number << 76) + (self._chance.getrandbits(12) << 64), length)

    def _routes_to(self, name: str, number: int, families: tuple[Family, ...]) -> None:
        for _ in range(self._chance.randint(1, 3)):
            family = self._chance.choice(families)
            network = self._network(number, family)
            self.table.append(Route(prefix=network, link=name, metric=self._chance.choice([1, 1, 20])))
            if self._chance.random() < 0.5:
                kind = self._chance.choice(["blackhole", "unreachable"])
                self.table.append(Route(prefix=network, kind=kind, metric=254))  # type: ignore[arg-type]

    def _inside(self, number: int) -> tuple[Attached, ...]:
        four = Attached(Address(4, (100 << 24) + (64 << 16) + number * 4 + 1), self._chance.choice([30, 31, 32]))
        six = Attached(Address(6, (0xFD20 << 112) + (number << 64) + 1), 64)
        return (four, six) if self._chance.random() < 0.3 else (four,)

    def _tunnel(self, number: int) -> None:
        kind = self._chance.choice(_KINDS)
        family: Family = 6 if kind.startswith("ip6") else 4
        local, remote = self._chance.choice(self.wans[family]), self._peer(number, family)
        if self._chance.random() < 0.3:
            local, remote = self._dummies(number, family)
        protocol = _PROTOCOLS[kind]
        name = f"tun{number}"
        outside = Encapsulating(
            protocol=protocol,
            local=local,
            remote=remote,
            key=number if kind == "gre" and self._chance.random() < 0.3 else None,
            payload=41 if kind == "ip6tnl" else None,
        )
        self.links.append(Link(name=name, kind=kind, addresses=self._inside(number), encapsulating=outside))
        self._routes_to(name, number, (4,) if kind == "ipip" else (6,) if kind in ("sit", "ip6tnl") else (4, 6))
        narrow = protocol if self._chance.random() < 0.8 else None
        mode = self._chance.choice(["transport", "transport", "tunnel"])
        child = self._child(
            number, (Selector(Prefix.host(local), narrow),), (Selector(Prefix.host(remote), narrow),), mode
        )
        self._connect(number, child, family)

    def _dummies(self, number: int, family: Family) -> tuple[Address, Address]:
        base = (10 << 24) + (192 << 16) if family == 4 else 0xFD30 << 112
        local = Address(family, base + number * 2)
        self.links.append(
            Link(name=f"dum{number}", kind="dummy", addresses=(Attached(local, 32 if family == 4 else 128),))
        )
        remote = Address(family, base + number * 2 + 1)
        if self._chance.random() < 0.5:
            self.table.append(Route(prefix=Prefix.host(remote), kind="blackhole", metric=254))
        return local, remote

    def _vti(self, number: int) -> None:
        name = f"vti{number}"
        child = self._child(number, _EVERYTHING, _EVERYTHING, "tunnel", if_id=number + 1, updown=name)
        self._connect(number, child, 4)
        self.links.append(
            Link(
                name=name,
                kind="xfrm",
                up=False,
                addresses=self._inside(number),
                if_id=number + 1,
                raised_by=child.name,
            )
        )
        self._routes_to(name, number, (4, 6))

    def _policy_based(self, number: int) -> None:
        lan = Prefix.parse(f"172.{16 + self._chance.randrange(4)}.0.0/{self._chance.randint(16, 20)}")
        far = self._network(number, 4)
        protocol = self._chance.choice([None, None, None, 6])
        port = self._chance.choice([None, 443]) if protocol else None
        child = self._child(number, (Selector(lan, protocol),), (Selector(far, protocol, port),), "tunnel")
        self._connect(number, child, 4)
        if self._chance.random() < 0.7:
            self.rules.append(SourceNatRule(number=10 + number, action="accept", out_link="eth0", destination=far))

    def _wireguard(self, number: int) -> None:
        networks = [self._network(number, 4) for _ in range(self._chance.randint(1, 3))]
        peer = WireguardPeer(
            public_key=f"{number}", allowed=tuple(networks), endpoint=self._peer(number, 4), port=51820
        )
        device = WireguardDevice(private_key=None, port=51820, peers=(peer,))
        self.links.append(
            Link(name=f"wg{number}", kind="wireguard", addresses=self._inside(number), wireguard=device)
        )
        self.table += [Route(prefix=network, link=f"wg{number}", metric=1) for network in networks]

    def _child(
        self, number: int, local: tuple[Selector, ...], remote: tuple[Selector, ...], mode: str,
        if_id: int | None = None, updown: str | None = None,
    ) -> Child:  # fmt: skip
        return Child(
            name=f"peer{number}-tunnel-0",
            title=f"peer{number} tunnel 0",
            mode=mode,  # type: ignore[arg-type]
            local_ts=local,
            remote_ts=remote,
            esp_proposals=("aes256gcm128",),
            start_action=self._chance.choice(["none", "trap", "start"]),
            close_action=self._chance.choice(["none", "trap", "start"]),
            dpd_action=self._chance.choice([None, "clear", "trap", "restart"]),
            if_id=if_id,
            updown=updown,
        )

    def _connect(self, number: int, child: Child, family: Family) -> None:
        self.connections.append(
            Connection(
                name=f"peer{number}",
                title=f"peer{number}",
                version=2,
                local_addrs=(self._chance.choice(self.wans[family]),),
                remote_addrs=(self._peer(number, family),),
                proposals=("aes256-sha256-ecp256",),
                children=(child,),
                dpd_delay_s=self._chance.choice([None, 30]),
            )
        )

    def _other_routes(self) -> None:
        """Routes of the rest of the network: via next hops on the inner interfaces, some of them dead."""
        seen = {route.prefix for route in self.table}
        while len(self.table) < self.routes:
            length = self._chance.randint(16, 32)
            prefix = Prefix(4, self._chance.randrange(11 << 24, 100 << 24), length)
            if prefix in seen:
                continue
            seen.add(prefix)
            via = Address(4, (172 << 24) + (self._chance.randint(16, 21) << 16) + self._chance.randint(2, 65000))
            self.table.append(Route(prefix=prefix, via=via, metric=self._chance.choice([1, 20, 110])))


def hub(tunnels: int, routes: int = ROUTES, seed: int = 7) -> Plan:
    """A hub with that many tunnels and about that many routes."""
    return Hub(tunnels, routes, seed).plan()
