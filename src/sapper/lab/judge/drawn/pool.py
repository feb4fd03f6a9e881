"""The tiny world of the judge: a handful of addresses and networks, and dice that remember their seed.

Small on purpose: in a large one no route would ever meet a selector.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from sapper.address import Address, Family, Prefix

T = TypeVar("T")

OWN: dict[Family, tuple[Address, ...]] = {
    4: tuple(
        map(
            Address.parse,
            ("192.0.2.10", "198.51.100.10", "10.1.0.1", "10.10.0.1", "10.10.0.3", "10.99.0.1", "10.0.1.1", "10.0.2.1"),
        )
    ),
    6: tuple(
        map(
            Address.parse,
            ("2001:db8:1::10", "2001:db8:3::10", "2001:db8:a::1", "2001:db8:d::1", "2001:db8:d::3",
             "2001:db8:e::1", "2001:db8:f:1::1"),
        )
    ),
}  # fmt: skip
"""What the router may have itself: WANs first, then LAN, dummies, loopback, and inside tunnels."""

FAR: dict[Family, tuple[Address, ...]] = {
    4: tuple(
        map(
            Address.parse,
            ("203.0.113.20", "203.0.113.21", "10.10.0.2", "10.2.0.9", "198.51.100.20", "192.0.2.30", "10.0.1.2",
             "10.0.9.2"),
        )
    ),
    6: tuple(
        map(
            Address.parse,
            ("2001:db8:2::20", "2001:db8:2::21", "2001:db8:d::2", "2001:db8:b::9", "2001:db8:1::30",
             "2001:db8:f:1::2", "2001:db8:f:9::2"),
        )
    ),
}  # fmt: skip
"""Ends of peers, hosts behind them, neighbours on the WANs and inside tunnels."""

NETS: dict[Family, tuple[Prefix, ...]] = {
    4: tuple(
        map(
            Prefix.parse,
            ("10.2.0.0/24", "10.2.0.0/16", "10.0.0.0/8", "10.1.0.0/24", "10.10.0.0/24", "10.10.0.2/32",
             "203.0.113.0/24", "203.0.113.20/32", "192.0.2.10/32", "10.10.0.1/32", "10.0.1.0/29", "10.0.9.0/29",
             "0.0.0.0/0"),
        )
    ),
    6: tuple(
        map(
            Prefix.parse,
            ("2001:db8:b::/64", "2001:db8::/32", "2001:db8:d::/64", "2001:db8:d::2/128", "2001:db8:2::/64",
             "2001:db8:2::20/128", "2001:db8:1::10/128", "2001:db8:f:1::/64", "2001:db8:a::/64", "::/0"),
        )
    ),
}  # fmt: skip

GATEWAYS: dict[Family, tuple[Address, ...]] = {
    4: tuple(map(Address.parse, ("192.0.2.1", "198.51.100.1", "10.0.1.2", "10.1.0.77", "172.31.0.1"))),
    6: tuple(map(Address.parse, ("2001:db8:1::1", "2001:db8:3::1", "2001:db8:f:1::2", "2001:db8:a::77"))),
}
LAN_HOSTS: dict[Family, tuple[Address, ...]] = {
    4: tuple(map(Address.parse, ("10.1.0.5", "10.1.0.200"))),
    6: tuple(map(Address.parse, ("2001:db8:a::5", "2001:db8:a::200"))),
}
STRANGERS: dict[Family, tuple[Address, ...]] = {
    4: tuple(map(Address.parse, ("8.8.8.8", "100.64.3.4"))),
    6: tuple(map(Address.parse, ("2600::1", "2001:db8:99::1"))),
}
SOME_PORT = 500
CONNECTED_V6 = 256
"""What compiling a Plan adds to the distance of an IPv6 route, so that connected ones stay the best."""


class Dice(random.Random):
    """Random numbers of one seed, in the words of this package."""

    def chance(self, percent: int) -> bool:
        return self.randrange(100) < percent

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.randrange(len(choices))]

    def family(self) -> Family:
        return 6 if self.chance(25) else 4
