"""The firewall as far as it guards tunnels: rules that drop what IPsec does not protect.

Only what certainly drops is a guard: a rule of a hook's own chain with ``match-none-out`` or ``match-none-in``, whose
matches are all understood, and before which nothing in the chain could let the packet pass. VyOS puts global state
policies in front of the filter chains, and a flow table takes established flows past the forward chain; beside
those the chains concerned guard nothing. Every other rule can only drop more, and stays unmodelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from sapper.address import Family, Prefix
from sapper.model.branch import Branch
from sapper.model.build_match import Match, rule_number
from sapper.model.origin import Origin

Hook = Literal["output", "forward", "input", "prerouting"]
_CHAINS: tuple[tuple[Hook, str], ...] = (
    ("prerouting", "raw"),
    ("input", "filter"),
    ("forward", "filter"),
    ("output", "raw"),
    ("output", "filter"),
)
_FAMILIES: tuple[tuple[str, Family], ...] = (("ipv4", 4), ("ipv6", 6))
_STOPS = frozenset({"drop", "reject"})
_HARMLESS_ACTIONS = _STOPS | {"continue"}
_UNDERSTOOD = frozenset(
    {"action", "protocol", "source", "destination", "ipsec", "description", "log", "log-options"}
)


class GuardRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``raw``: the chain before connection tracking. ``link`` is the interface that the packet leaves or enters by."""

    number: int
    origin: Origin
    hook: Hook
    raw: bool
    family: Family
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    link: str | None = None


def build_guards(root: Branch, unmodelled: list[str]) -> tuple[GuardRule, ...]:
    """Every guard. Where the firewall is nothing but guards, it is no longer named in ``unmodelled``."""
    top = root.below("firewall")
    if top is None:
        return ()
    found = tuple(guard for word, family in _FAMILIES for guard in _of_family(top, word, family))
    if found and len(found) == _rules_in(top) and _nothing_else(top):
        unmodelled[:] = [path for path in unmodelled if path.split()[0] != "firewall"]
    return found


def _of_family(top: Branch, word: str, family: Family) -> Iterator[GuardRule]:
    for hook, kind in _CHAINS:
        chain = top.below(word, hook, kind)
        if chain is not None and not _passed_by(top, chain, hook, kind):
            yield from _of_chain(chain, hook, kind == "raw", family)


def _passed_by(top: Branch, chain: Branch, hook: Hook, kind: str) -> bool:
    """Whether packets may pass that chain whatever its rules say."""
    stateful = kind == "filter" and top.has("global-options", "state-policy")
    return stateful or (hook == "forward" and any(rule.text("action") == "offload" for rule in chain.each("rule")))


def _of_chain(chain: Branch, hook: Hook, raw: bool, family: Family) -> Iterator[GuardRule]:
    numbered = [(number, rule) for rule in chain.each("rule") if (number := rule_number(rule)) is not None]
    for number, rule in sorted(numbered, key=lambda pair: pair[0]):
        if rule.has("disable"):
            continue
        action = rule.text("action")
        if action not in _HARMLESS_ACTIONS:
            return
        guard = _guard(rule, number, hook, raw, family) if action in _STOPS else None
        if guard is not None:
            yield guard


def _guard(rule: Branch, number: int, hook: Hook, raw: bool, family: Family) -> GuardRule | None:
    outward = hook in ("output", "forward")
    facing = "outbound-interface" if outward else "inbound-interface"
    match = Match(rule, ())
    guard = GuardRule(
        number=number,
        origin=rule.origin,
        hook=hook,
        raw=raw,
        family=family,
        source=match.network("source"),
        destination=match.network("destination"),
        protocol=match.protocol(),
        link=match.interface(facing, "link"),
    )
    words = set(rule.node.view) - _UNDERSTOOD - {facing}
    ipsec = list(rule.node.look("ipsec").view) if rule.node.look("ipsec") else []  # type: ignore[union-attr]
    exact = ipsec == ["match-none-out" if outward else "match-none-in"]
    return guard if exact and not words and not match.beyond and not match.negated else None


def _rules_in(top: Branch) -> int:
    return sum(1 for word, _ in _FAMILIES for hook, kind in _CHAINS for _ in _enabled(top.below(word, hook, kind)))


def _enabled(chain: Branch | None) -> Iterator[Branch]:
    if chain is not None:
        yield from (rule for rule in chain.each("rule") if not rule.has("disable"))


def _nothing_else(top: Branch) -> bool:
    """Whether the firewall has no other section, chain or default than the chains looked at here."""
    chains = {(word, hook, kind) for word, _ in _FAMILIES for hook, kind in _CHAINS}
    for word, family in top.node.view.items():
        for hook, chain in family.view.items():
            for kind, rules in chain.view.items():
                if (word, hook, kind) not in chains or set(rules.view) - {"rule"}:
                    return False
    return True
