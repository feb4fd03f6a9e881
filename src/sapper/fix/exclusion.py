"""NAT exclusions: source NAT must not take packets out of the policy that encrypts them."""

from __future__ import annotations

from collections.abc import Iterable

from sapper.address import Prefix
from sapper.config.edit import Change, Put, SetValue
from sapper.fix.proposal import Impossible, Proposal
from sapper.rules.subject import Subject

_RULES = ("nat", "source", "rule")


def propose(subject: Subject, flows: Iterable[tuple[Prefix | None, Prefix]]) -> Proposal:
    """An exclusion for each pair of networks, before every rule that is there. Raises Impossible."""
    numbers = [int(rule.name) for rule in subject.top.each(*_RULES) if rule.name.isdecimal()]
    changes: list[Change] = []
    if not numbers:
        return Proposal()
    number = min(numbers)
    for source, destination in dict.fromkeys(flows):
        if destination.family != 4:
            continue
        number -= 1
        if number < 1:
            raise Impossible(f"there is no free number before nat source rule {min(numbers)}")
        path = (*_RULES, str(number))
        changes.append(Put((*path, "exclude")))
        changes.append(SetValue((*path, "destination", "address"), str(destination)))
        if source is not None:
            changes.append(SetValue((*path, "source", "address"), str(source)))
        out = _outbound(subject)
        if out is not None:
            changes.append(SetValue((*path, "outbound-interface", "name"), out))
    return Proposal(near=tuple(changes))


def _outbound(subject: Subject) -> str | None:
    """The interface of all rules, if it is the same."""
    names = {rule.text("outbound-interface", "name") for rule in subject.top.each(*_RULES)}
    return names.pop() if len(names) == 1 else None
