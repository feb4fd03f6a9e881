"""Chains belong to no family and hang on interfaces: firewall step 11-to-10.

Only what ``interface IF in|out|local`` can say is taken from the hooks: chains that accept by default and whose rules
do nothing but jump to a named chain for one interface. In named chains return is accept, as the upgrade has it.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_families import DIRECTIONS, FAMILIES, GLOBAL
from sapper.config.upgrade.firewall_rules import HOOKS
from sapper.config.upgrade.graft import move, prune, rename_word, tags, take, write

_ACTIONS = frozenset({"accept", "drop", "reject"})
_WAYS = {hook_and_side: direction for direction, hook_and_side in DIRECTIONS.items()}
_JUMP = frozenset({"action", "jump-target"})
_NO_HOOKS = (
    "chains hang on interfaces; a chain can only be said that accepts by default and jumps for one interface"
)


def apply(root: Node) -> list[Lacking]:
    firewall = root.child("firewall")
    if firewall is None:
        return []
    _options(root, firewall)
    lacks: list[Lacking] = []
    for word, family in FAMILIES.items():
        chains = firewall.child(family)
        if chains is None:
            continue
        lacks += _unhook(firewall, chains, word)
        for chain in tags(chains, "name"):
            lacks += _accept(chain, ("firewall", family, "name", chain.word))
        if names := take(chains, "name"):
            move(names, firewall, word)
        prune(firewall, family)
    for word in ("bridge", "flowtable"):
        if feature := firewall.child(word):
            lacks.append(lacking(feature, "its firewall has no such part", "firewall", word))
    return lacks


def _options(root: Node, firewall: Node) -> None:
    options = firewall.child("global-options")
    if options is None:
        return
    for word in GLOBAL:
        if option := take(options, word):
            move(option, firewall, word)
    if timeout := take(options, "timeout"):
        move(timeout, write(root, "system", "conntrack", of=timeout), "timeout")
    prune(firewall, "global-options")


def _accept(chain: Node, path: tuple[str, ...]) -> list[Lacking]:
    lacks = []
    places = [(chain.child("default-action"), (*path, "default-action"))]
    places += [(rule.child("action"), (*path, "rule", rule.word, "action")) for rule in tags(chain, "rule")]
    for action, where in places:
        if action is not None:
            rename_word(action, "return", "accept")
            lacks += [
                lacking(value, "a rule accepts, drops or rejects", *where)
                for value in action.children.values()
                if value.word not in _ACTIONS
            ]
    return lacks


def _unhook(firewall: Node, chains: Node, word: str) -> list[Lacking]:
    """Turn the hooks' rules into ``interface IF DIRECTION WORD TARGET``."""
    lacks: list[Lacking] = []
    for hook in HOOKS:
        above = ("firewall", chains.word, hook)
        for chain in tags(chains, hook):
            path = (*above, chain.word)
            if chain.word != "filter" or not _plain(chain):
                lacks.append(lacking(chain, _NO_HOOKS, *path))
                continue
            lacks += [
                lacking(rule, _NO_HOOKS, *path, "rule", rule.word)
                for rule in tags(chain, "rule")
                if not _hang(firewall, hook, rule, word)
            ]
        take(chains, hook)
    return lacks


def _plain(chain: Node) -> bool:
    action = chain.child("default-action")
    return chain.children.keys() <= {"default-action", "rule"} and (not action or "accept" in action.children)


def _hang(firewall: Node, hook: str, rule: Node, word: str) -> bool:
    """True if the rule is a jump that an interface can say."""
    sides = [side for side in ("inbound-interface", "outbound-interface") if side in rule.children]
    targets = list(tags(rule, "jump-target"))
    names = list(tags(rule, *sides, "name")) if len(sides) == 1 else []
    if (
        rule.children.keys() != {*_JUMP, *sides}
        or len(names) != 1
        or not targets
        or not rule.find("action", "jump")
    ):
        return False
    direction = _WAYS.get((hook, sides[0]))
    if direction is None or firewall.find("interface", names[0].word, direction, word):
        return False
    write(firewall, "interface", names[0].word, direction, word, targets[-1].word, of=rule)
    return True
