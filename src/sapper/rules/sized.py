"""Tunnels with their exact sizes, as the rules about MTU and MSS look at them.

What fits is the least over the proposals that IKE may choose. Two tunnels that have the same thing wrong with the same
numbers are one finding, which names both. Lengths are bytes. Source: :mod:`sapper.mtu.of_plan`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from sapper.kernel.interface_settings import interfaces_of
from sapper.kernel.plan import MAIN_TABLE, Link, Plan
from sapper.model.origin import Origin
from sapper.mtu.linux import lets_through
from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.of_plan import TunnelSizes
from sapper.mtu.parse import parse
from sapper.mtu.protocols.esp_transform import sized_words
from sapper.mtu.underlay import DEFAULT_MTU
from sapper.rules.subject import Subject

HEADERS_BYTES = {4: 40, 6: 60}
"""IP and TCP without options (RFC 6691)."""
_NAMED = 3
FEW = _NAMED + 1
"""So many of a group are enough for :func:`names_of`."""
_WIRES = frozenset({"ethernet", "vlan"})

Member = TypeVar("Member")


class Sized(NamedTuple):
    """A tunnel that has a size. ``families`` are those that surely go through: of its addresses and its routes.

    ``fits`` is the largest packet, ``proposal`` the ESP proposal that leaves so little, where there are several.
    ``least`` is what is left if IKE finds a NAT on the way. ``link_mtu`` is the underlay's; where that is not known,
    the largest that it can be: 1500, or what a wire is given that has more.
    """

    link: Link
    sizes: TunnelSizes
    origin: Origin
    families: frozenset[int]
    fits: int
    least: int
    link_mtu: int
    proposal: str | None = None
    underlay: Link | None = None
    is_bridged: bool = False

    @property
    def name(self) -> str:
        return self.link.name

    @property
    def mtu(self) -> int:
        """The MTU that the interface has; what fits, where nothing is configured."""
        return self.fits if self.sizes.configured_mtu is None else self.sizes.configured_mtu

    @property
    def excess(self) -> int:
        return max(0, self.mtu - self.fits)

    def segment(self, family: int) -> int:
        """The MSS that is right for packets of the family, 0 where the tunnel carries none of them."""
        return self._segment(family, self.fits)

    def sure_segment(self, family: int) -> int:
        """As :meth:`segment`, with a NAT on the way."""
        return self._segment(family, self.least)

    def _segment(self, family: int, room: int) -> int:
        known = self.sizes.mss[0 if family == 4 else 1]
        if known is None:
            return 0
        return max(0, min(self.mtu - HEADERS_BYTES[family], known - (self.sizes.inner_mtu or 0) + room))


def sized(subject: Subject) -> list[Sized]:
    """Every enabled tunnel of the Plan whose size is known, in the Plan's order."""
    plan = subject.plan
    if plan is None or not subject.sizes:
        return []
    links = {link.name: link for link in reversed(plan.links)}
    enabled = {each.name: each for each in interfaces_of(subject.router) if not getattr(each, "disabled", False)}
    bridges = {link.name for link in plan.links if link.kind == "bridge"}
    widest = max((link.mtu_bytes or DEFAULT_MTU for link in plan.links if link.kind in _WIRES), default=DEFAULT_MTU)
    routed = _routed(plan)
    found = []
    for each in subject.sizes:
        interface, link = enabled.get(each.name), links[each.name]
        if each.inner_mtu is None or interface is None:
            continue
        link_mtu = each.link_mtu if each.underlay is not None else max(each.link_mtu, widest)
        fits, proposal = _over_proposals(each, each.inner_mtu, link_mtu)
        least = each.inner_mtu if each.least is None else each.least
        found.append(
            Sized(
                link=link,
                sizes=each,
                origin=interface.origin,
                families=_families(link, each, routed.get(link.name, set())),
                fits=fits,
                least=min(fits, least + max(0, fits - each.inner_mtu)),
                link_mtu=link_mtu,
                proposal=proposal,
                underlay=links.get(each.underlay) if each.underlay is not None else None,
                is_bridged=link.master in bridges,
            )
        )
    return found


def _families(link: Link, tunnel: TunnelSizes, routed: set[int]) -> frozenset[int]:
    possible = {family for family, mss in ((4, tunnel.mss[0]), (6, tunnel.mss[1])) if mss is not None}
    return frozenset(possible & ({attached.address.family for attached in link.addresses} | routed))


def _routed(plan: Plan) -> dict[str, set[int]]:
    """The families of the unicast routes by each link."""
    found: dict[str, set[int]] = defaultdict(set)
    for route in plan.routes:
        if route.link is not None and route.kind == "unicast" and route.table == MAIN_TABLE:
            found[route.link].add(route.prefix.family)
    return found


def _over_proposals(tunnel: TunnelSizes, inner_mtu: int, link_mtu: int) -> tuple[int, str | None]:
    """What fits with the proposal that leaves least, and its words if that is not the first."""
    words = list(dict.fromkeys(map(sized_words, tunnel.esp_proposals)))
    fits = inner_mtu if link_mtu == tunnel.link_mtu else _largest(tunnel.stack or "", link_mtu) or inner_mtu
    proposal = None
    for other in words[1:]:
        room = _largest((tunnel.stack or "").replace(f"esp:{words[0]}", f"esp:{other}"), link_mtu)
        if room is not None and room < fits:
            fits, proposal = room, other
    return fits, proposal


def _largest(stack: str, link_mtu: int) -> int | None:
    try:
        return lets_through(parse(stack), link_mtu)
    except (WrongStack, NoRoom):
        return None


def alike(members: Iterable[Member], key: Callable[[Member], Hashable]) -> Iterator[list[Member]]:
    """The members in groups of the same key, in order of each group's first."""
    groups: dict[Hashable, list[Member]] = {}
    for member in members:
        groups.setdefault(key(member), []).append(member)
    return iter(groups.values())


def names_of(names: Sequence[str], count: int | None = None) -> str:
    """``tun0``, ``tun0 and tun1``, ``tun0, tun1, tun2 and 7 more``; ``count`` where not all of them are given."""
    count = len(names) if count is None else count
    if count > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {count - _NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def stack_words(tunnel: Sized) -> str:
    """The stack and what it stands on, with what is assumed of that."""
    stack = tunnel.sizes.stack or ""
    first = next(iter(map(sized_words, tunnel.sizes.esp_proposals)), None)
    if tunnel.proposal is not None and first is not None:
        stack = stack.replace(f"esp:{first}", f"esp:{tunnel.proposal}")
    return f"{stack} on {underlay_words(tunnel)}"


def underlay_words(tunnel: Sized) -> str:
    """The underlay and its MTU; assumptions are named as such."""
    link = tunnel.underlay
    if link is None:
        return f"an underlay that is not shown, taken as {tunnel.link_mtu}"
    if link.kind == "pppoe":
        return f"{link.name} of {link.mtu_bytes or tunnel.sizes.link_mtu}"
    if link.kind in ("ethernet", "vlan") and link.mtu_bytes is None and tunnel.sizes.link_mtu == DEFAULT_MTU:
        return f"{link.name}, taken as {DEFAULT_MTU}" + (", which DHCP may lower" if link.dynamic else "")
    return f"{link.name} of {tunnel.sizes.link_mtu}"


def traversal_words(tunnel: Sized) -> str:
    """What changes if IKE finds a NAT, as the end of a sentence; nothing where that is certain."""
    return f", {tunnel.least} if IKE finds a NAT on the way" if tunnel.least < tunnel.fits else ""
