"""The commands that clamp the connections of a plain policy: ``policy route`` where they come from.

No device stands for the policy, so ``adjust-mss`` could only be on the underlay, where it clamps all that leaves by it.
A policy clamps what goes to the far networks and nothing else; each connection gets a rule of its own in it. VyOS takes
an MSS of 500 to 1460 there, and until 1.3 one policy for each interface and family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sapper.address import Prefix
from sapper.kernel.plan import Child, MssClamp, Selector
from sapper.mtu.plan_index import PlanIndex

LEAST_POLICY_MSS, MOST_POLICY_MSS = 500, 1460
_NAME = {4: "MSS-CLAMP", 6: "MSS-CLAMP6"}
_WORDS = {4: "route", 6: "route6"}
_OLD_WORDS = {4: "route", 6: "ipv6-route"}
_OLD = frozenset({"1.1", "1.2", "1.3"})
_TYPES = (("eth", "ethernet"), ("bond", "bonding"), ("br", "bridge"))


class PolicyClamps:
    """Counts the rules of one router, so that two connections never get the same number."""

    def __init__(self, index: PlanIndex, generation: str | None) -> None:
        self._index = index
        self._is_old = generation in _OLD
        self._last = {4: 0, 6: 0}
        self._there: dict[tuple[str, int], list[MssClamp]] = defaultdict(list)
        self._with_policy = {(link, rule.family) for rule in index.plan.marks for link in rule.in_links}
        for clamp in index.plan.mss_clamps:
            for link in clamp.in_links:
                self._there[link, clamp.family].append(clamp)
                self._with_policy.add((link, clamp.family))

    def commands(self, child: Child, underlay: str | None, sizes: dict[int, int]) -> tuple[list[str], list[str]]:
        """The commands, and what is to be known of them. ``sizes`` are MSS in bytes by family."""
        commands: list[str] = []
        remarks: list[str] = []
        for family, exact in sizes.items():
            size = min(exact, MOST_POLICY_MSS)
            far = _networks(child.remote_ts, family)
            inside = [link for link in self._inside(child, family) if link != underlay]
            if size < LEAST_POLICY_MSS or not far or self._is_clamped(inside, underlay, family, size, far):
                continue
            commands += self._rules(family, size, far)
            commands += [self._attach(family, link) for link in inside if self._is_attachable(link, family)]
            remarks += self._remarks(family, inside)
        if commands and underlay is not None:
            remarks.append(f"adjust-mss on {underlay} would clamp all that leaves by it, not only this connection")
        return commands, remarks

    def _inside(self, child: Child, family: int) -> list[str]:
        """The links that the local networks are behind, each once; not those that are not on any."""
        ways = (self._index.way(near.network) for near in _networks(child.local_ts, family))
        return list(dict.fromkeys(way for way in ways if way is not None))

    def _is_clamped(
        self, inside: list[str], underlay: str | None, family: int, size: int, far: list[Prefix]
    ) -> bool:
        if underlay is not None and self._index.is_clamped(underlay, family, size):
            return True
        return bool(inside) and all(
            any(_does(clamp, size, prefix) for clamp in self._there.get((link, family), ()))
            for link in inside
            for prefix in far
        )

    def _rules(self, family: int, size: int, far: list[Prefix]) -> Iterator[str]:
        policy = f"set policy {self._word(family)} {_NAME[family]}"
        for prefix in far:
            self._last[family] += 10
            rule = f"{policy} rule {self._last[family]}"
            yield from (
                f"{rule} destination address '{prefix}'",
                f"{rule} protocol 'tcp'",
                f"{rule} tcp flags {'SYN' if self._is_old else 'syn'}",
                f"{rule} set tcp-mss '{size}'",
            )

    def _attach(self, family: int, link: str) -> str:
        if not self._is_old:
            return f"set policy {self._word(family)} {_NAME[family]} interface '{link}'"
        return f"set interfaces {interface_path(link)} policy {self._word(family)} {_NAME[family]}"

    def _is_attachable(self, link: str, family: int) -> bool:
        return not self._is_old or ((link, family) not in self._with_policy and interface_path(link) is not None)

    def _remarks(self, family: int, inside: list[str]) -> Iterator[str]:
        if not inside:
            yield f"{_NAME[family]} belongs on the interfaces that the local networks are behind"
        for link in inside:
            if not self._is_attachable(link, family):
                yield f"{link} takes one policy: its rules for {_NAME[family]} belong into the one that it has"

    def _word(self, family: int) -> str:
        return (_OLD_WORDS if self._is_old else _WORDS)[family]


def _networks(selectors: tuple[Selector, ...], family: int) -> list[Prefix]:
    """The prefixes of the family, each once."""
    return list(dict.fromkeys(each.prefix for each in selectors if each.prefix.family == family))


def interface_path(name: str) -> str | None:
    """VyOS' path below ``interfaces`` of a link or a VLAN on it; None for other kinds."""
    parent, _, tag = name.partition(".")
    word = next((word for start, word in _TYPES if parent.startswith(start)), None)
    if word is None or "." in tag:
        return None
    return f"{word} {parent} vif {tag}" if tag else f"{word} {parent}"


def _does(clamp: MssClamp, size: int, far: Prefix) -> bool:
    is_small = clamp.bytes is not None and clamp.bytes <= size
    return is_small and clamp.source is None and (clamp.destination is None or clamp.destination.covers(far))
