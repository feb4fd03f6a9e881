"""CFG395: groups that a policy route or NAT rule cannot take together, that are empty, or that are nowhere.

A group is looked for only where the text has firewall groups or is a whole router.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding, Severity
from sapper.rules.fragment import is_whole
from sapper.rules.match_tree import (
    GROUP_KINDS,
    SIDES,
    firewall_kind,
    nat_rules,
    policy_refusal,
    policy_rules,
)
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_GROUPS = """\
set firewall group address-group FAR address 10.2.0.1
set firewall group network-group FAR network 10.2.0.0/16
set nat source rule 10 destination group address-group FAR
set nat source rule 10 outbound-interface name eth0
set nat source rule 10 translation address masquerade
"""

RULE = Rule(
    code="CFG395",
    title="groups that a rule cannot match on",
    severity="error",
    why=(
        "VyOS refuses the commit: one side of a rule has at most one address, domain or network group, in NAT also "
        "either an address or an fqdn and neither beside such a group, and a group must be defined (for route6 the "
        "IPv6 kind of it). A policy route takes an empty group and only warns; the rule then matches nothing."
    ),
    bad=_GROUPS + "set nat source rule 10 destination group network-group FAR\n",
    good=_GROUPS,
)

_WHERE = ("address-group", "domain-group", "network-group")


def find(subject: Subject) -> Iterator[Finding]:
    severity, does = policy_refusal(subject)
    groups = subject.top.below("firewall", "group")
    look_up = groups is not None or is_whole(subject.top)
    for kind, rule in policy_rules(subject):
        for side in SIDES:
            yield from _together(rule, side, ("group",), severity, does)
            for named in _named(rule, side) if look_up else ():
                yield from _defined(groups, named, kind == "route6", severity, does)
    for _kind, rule in nat_rules(subject):
        for side in SIDES:
            yield from _together(rule, side, ("address", "fqdn", "group"), "error", "VyOS refuses it")
            for named in _named(rule, side) if look_up else ():
                yield from _defined(groups, named, False, "error", "VyOS refuses it")
        for interface in ("outbound-interface", "inbound-interface"):
            branch = rule.below(interface, "group")
            if branch is not None and look_up:
                yield from _defined(groups, (branch, "interface-group"), False, "error", "VyOS refuses it")


def _named(rule: Branch, side: str) -> Iterator[tuple[Branch, str]]:
    """The leaves of one side that name a group, each with the kind of group."""
    for word, kind in GROUP_KINDS.items():
        branch = rule.below(side, "group", word)
        if branch is not None:
            yield branch, kind


def _together(rule: Branch, side: str, words: tuple[str, ...], severity: Severity, does: str) -> Iterator[Finding]:
    """More than one of what says where the packets come from or go to."""
    said = [(side, word) for word in words if word != "group"] + [(side, "group", kind) for kind in _WHERE]
    found = [branch for path in said if (branch := rule.below(*path)) is not None]
    if len(found) > 1:
        names = " and ".join(branch.name for branch in found)
        message = f"{names} of one side exclude each other: {does}"
        yield RULE.finding(message, found[-1].where, first_span(found[-1].node), severity=severity)


def _defined(
    groups: Branch | None, named: tuple[Branch, str], ipv6: bool, severity: Severity, does: str
) -> Iterator[Finding]:
    branch, group = named
    kind = firewall_kind(group, ipv6)
    for value in branch.node.values():
        name = value.word.removeprefix("!")
        found = groups.below(kind, name) if groups is not None else None
        if found is None:
            message = f"there is no firewall group {kind} {name}: {does}"
            yield RULE.finding(message, branch.where, value.span, severity=severity)
        elif not set(found.node.children) - {"description"}:
            message = f"firewall group {kind} {name} is empty: VyOS only warns, and the rule matches nothing"
            yield RULE.finding(message, branch.where, value.span, severity="warning")
