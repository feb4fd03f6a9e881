"""Which clamps change the MSS of the TCP connections that go through a tunnel.

A SYN tells the other end how large a segment it may send. ``adjust-mss`` changes forwarded SYNs that leave by the
interface, a policy's ``tcp-mss`` those that enter the interfaces of the policy; nftables only ever lowers an MSS. So a
tunnel is clamped by what stands on the tunnel, or on the interfaces that its connections come from; a clamp on the
underlay sees none of them, because what leaves there is the tunnel's own packet, which is not forwarded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from sapper.kernel.interface_settings import interfaces_of
from sapper.kernel.plan import Link, Plan
from sapper.kernel.policy_routing import clampable, rules_in_force
from sapper.model.origin import Origin
from sapper.mtu.underlay import DEFAULT_MTU
from sapper.rules.firewall_tree import chains_of
from sapper.rules.sized import HEADERS_BYTES, Sized
from sapper.rules.subject import Subject

FAMILIES = (4, 6)
ADJUST_WORDS = {4: ("ip", "adjust-mss"), 6: ("ipv6", "adjust-mss")}
_CONNECTS = frozenset({"ethernet", "vlan", "bridge"})


class Clamp(NamedTuple):
    """``bytes`` None takes the MTU of the route. ``words`` is the leaf below ``origin``.

    ``leaving`` is the interface that SYNs leave by (``adjust-mss``), ``entering`` those they enter by (a policy).
    ``is_partial``: only some addresses, so that it may not be meant for a tunnel.
    """

    family: int
    bytes: int | None
    origin: Origin
    words: tuple[str, ...]
    leaving: str | None = None
    entering: tuple[str, ...] = ()
    is_partial: bool = False

    @property
    def is_impossible(self) -> bool:
        """A policy cannot take the MTU of the route: it acts before the route is looked up."""
        return bool(self.entering) and self.bytes is None


def clamps_of(subject: Subject) -> Iterator[Clamp]:
    """Every clamp of the router, in the order of interfaces and then of policies."""
    for interface in interfaces_of(subject.router):
        options = interface.options
        for family, size in ((4, options.mss_ipv4), (6, options.mss_ipv6)):
            if size is not None:
                value = None if size == "pmtu" else size
                yield Clamp(family, value, interface.origin, ADJUST_WORDS[family], leaving=interface.name)
    for policy, rule in rules_in_force(subject.router):
        if rule.mss is not None:
            yield Clamp(
                policy.family,
                None if rule.mss == "pmtu" else rule.mss,
                rule.origin,
                ("set", "tcp-mss"),
                entering=policy.interfaces,
                is_partial=not clampable(rule) or rule.source is not None or rule.destination is not None,
            )


class Clamping:
    """The clamps of a router, arranged by the interfaces where they see SYNs.

    ``inside`` are the interfaces that connections come from: those with an address that carry no tunnel, and
    ``sender_mtu`` the largest MTU of them. ``has_plain_policies``: a connection encrypts packets that no device made.
    """

    def __init__(self, subject: Subject, tunnels: list[Sized]) -> None:
        plan = subject.plan or Plan(name="")
        self.clamps = list(clamps_of(subject))
        self.underlays = {tunnel.sizes.underlay for tunnel in tunnels} - {None}
        outside = self.underlays | {tunnel.name for tunnel in tunnels}
        self.inside = tuple(link for link in plan.links if _is_inside(link) and link.name not in outside)
        self.sender_mtu = max((link.mtu_bytes or DEFAULT_MTU for link in self.inside), default=DEFAULT_MTU)
        self.on_inside: dict[int, list[Clamp]] = {4: [], 6: []}
        self._on: dict[tuple[str, int], list[Clamp]] = defaultdict(list)
        self.has_plain_policies = any(entry.encapsulation == "none" for entry in subject.tunnels)
        self._vague = set(_firewall_clamps(subject))
        for clamp in self.clamps:
            places = [name for name in (clamp.leaving, *clamp.entering) if name is not None]
            if clamp.is_partial:
                self._vague.add(clamp.family)
            elif not clamp.is_impossible:
                for name in places:
                    self._on[name, clamp.family].append(clamp)
                if any(name not in outside for name in places):
                    self.on_inside[clamp.family].append(clamp)

    def on(self, link: str | None, family: int) -> list[Clamp]:
        """The clamps on an interface, whichever way its SYNs go."""
        return self._on.get((link, family), []) if link is not None else []

    def carries(self, tunnel: Sized, family: int) -> bool:
        """True if TCP of the family surely goes through, forwarded: not as another tunnel's packets or frames."""
        forwards = not tunnel.is_bridged and tunnel.name not in self.underlays
        return forwards and family in tunnel.families and tunnel.segment(family) > 0

    def needs(self, tunnel: Sized, family: int) -> bool:
        """True if the connections' own segments are larger than what the tunnel takes."""
        return self.carries(tunnel, family) and min(tunnel.mtu, tunnel.fits) < self.sender_mtu

    def is_covered(self, tunnel: Sized, family: int) -> bool:
        """True if a clamp is on the tunnel or on the inside; also where one may be meant for it."""
        return bool(self.on(tunnel.name, family) or self.on_inside[family]) or family in self._vague

    def in_force(self, tunnel: Sized, family: int) -> int | None:
        """The MSS that the clamps on the tunnel itself leave, in bytes; None without any."""
        sizes = [
            tunnel.mtu - HEADERS_BYTES[family] if clamp.bytes is None else clamp.bytes
            for clamp in self.on(tunnel.name, family)
        ]
        return min(sizes, default=None)


def _is_inside(link: Link) -> bool:
    return link.kind in _CONNECTS and not link.assumed and bool(link.addresses)


def _firewall_clamps(subject: Subject) -> Iterator[int]:
    """The families for which some rule of the firewall, which the Plan does not carry, sets an MSS."""
    for family, word in ((4, "ipv4"), (6, "ipv6")):
        for _, _, chain in chains_of(subject, word):
            if any(rule.has("set", "tcp-mss") for rule in chain.each("rule")):
                yield family
