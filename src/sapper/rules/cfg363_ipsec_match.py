"""CFG363: IPsec matches that exclude each other, or that stand where the chain cannot know.

What came out of an SA is known on the way in, what goes into one on the way out. Which words a chain has is the
schema's business. Source: the rules of VyOS'
firewall; ``meta secpath`` and ``rt ipsec`` of nftables, which refuses the first in output chains.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding, Severity
from sapper.rules.match_tree import policy_rules
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_GUARD = """\
set firewall ipv4 input filter rule 10 action drop
set firewall ipv4 input filter rule 10 ipsec match-none-in
set firewall ipv4 input filter rule 10 protocol gre
"""

RULE = Rule(
    code="CFG363",
    title="IPsec matches that cannot be met",
    severity="error",
    why=(
        "VyOS' firewall refuses match-ipsec-in beside match-none-in, the same two of -out, and an output chain "
        "that jumps to a chain with -in matches, which nftables refuses too. The script for policy routes checks "
        "nothing: there such a rule never matches."
    ),
    bad=_GUARD + "set firewall ipv4 input filter rule 10 ipsec match-ipsec-in\n",
    good=_GUARD,
)

_PAIRS = (
    ("match-ipsec-in", "match-none-in"),
    ("match-ipsec-out", "match-none-out"),
    ("match-ipsec", "match-none"),
)
_FAMILIES = ("ipv4", "ipv6", "bridge")
_HOOKS = ("forward", "input", "output", "prerouting")
_IN_MATCHES = ("match-ipsec-in", "match-none-in")


def find(subject: Subject) -> Iterator[Finding]:
    for family in _FAMILIES:
        above = subject.top.below("firewall", family)
        if above is None:
            continue
        for chain in _chains(above):
            for rule in chain.each("rule"):
                yield from _pair(rule, "VyOS refuses it", "error")
        yield from _output(subject, above)
    for old in ("name", "ipv6-name"):
        for chain in subject.top.each("firewall", old):
            for rule in chain.each("rule"):
                yield from _pair(rule, "no packet is both", "warning")
    for _kind, rule in policy_rules(subject):
        yield from _pair(rule, "VyOS does not check it here, and the rule never matches", "warning")


def _pair(rule: Branch, does: str, severity: Severity) -> Iterator[Finding]:
    for one, other in _PAIRS:
        if rule.has("ipsec", one) and rule.has("ipsec", other):
            branch = rule.below("ipsec", other)
            span = first_span(branch.node) if branch is not None else Span(0, 0)
            message = f"{one} and {other} exclude each other: {does}"
            yield RULE.finding(message, f"{rule.where} ipsec {other}", span, severity=severity)


def _chains(family: Branch) -> Iterator[Branch]:
    """The chains of the hooks, and the named ones."""
    for hook in _HOOKS:
        yield from family.each(hook)
    yield from family.each("name")


def _output(subject: Subject, family: Branch) -> Iterator[Finding]:
    """Jumps from output chains to chains that have -in matches, at once or further on."""
    inbound = _inbound_chains(family)
    for chain in family.each("output"):
        for path, target, span in _jumps(chain):
            if target in inbound:
                place = subject.line_column(inbound[target])
                message = (
                    f"chain {target} matches IPsec on the way in ({place}): VyOS refuses it in an output chain"
                )
                yield RULE.finding(message, path, span)


def _jumps(chain: Branch) -> Iterator[tuple[str, str, Span]]:
    """Path, chain and place of each jump."""
    for above, word in ((chain, "default-jump-target"), *((rule, "jump-target") for rule in chain.each("rule"))):
        target = above.in_force(word)
        if target is not None:
            yield f"{above.where} {word}", target.word, target.span


def _inbound_chains(family: Branch) -> dict[str, Span]:
    """The named chains from which an -in match is reached, each with the place of one."""
    found: dict[str, Span] = {}
    jumped_from: dict[str, list[str]] = {}
    for chain in family.each("name"):
        for rule in chain.each("rule"):
            for word in _IN_MATCHES:
                match = rule.below("ipsec", word)
                if match is not None:
                    found.setdefault(chain.name, first_span(match.node))
        for _path, target, _span in _jumps(chain):
            jumped_from.setdefault(target, []).append(chain.name)
    pending = list(found)
    while pending:
        reached = pending.pop()
        for caller in jumped_from.get(reached, ()):
            if caller not in found:
                found[caller] = found[reached]
                pending.append(caller)
    return found
