"""NAT rules of the tree to rules of the Router, in order of their numbers.

What a record cannot say is named in its ``unmodelled``: the rule then matches no more than it says, and perhaps
less, or hands the packet to one of several addresses.
"""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.build_match import Match, rule_number
from sapper.model.routing import DestinationNat, SourceNat

_BEYOND = (("packet-type",), ("load-balance",))


def build_source_nat(root: Branch) -> tuple[SourceNat, ...]:
    """The enabled rules, lowest number first."""
    rules = [_source_rule(branch, number) for branch, number in _rules(root, "source")]
    return tuple(sorted(rules, key=lambda rule: rule.number))


def build_destination_nat(root: Branch) -> tuple[DestinationNat, ...]:
    """The enabled rules, lowest number first."""
    rules = [_destination_rule(branch, number) for branch, number in _rules(root, "destination")]
    return tuple(sorted(rules, key=lambda rule: rule.number))


def _rules(root: Branch, kind: str) -> list[tuple[Branch, int]]:
    return [
        (branch, number)
        for branch in root.each("nat", kind, "rule")
        if (number := rule_number(branch)) is not None and not branch.has("disable")
    ]


def _source_rule(branch: Branch, number: int) -> SourceNat:
    match = Match(branch, _BEYOND)
    return SourceNat(
        number=number,
        origin=branch.origin,
        outbound=match.interface("outbound-interface", "outbound"),
        source=match.network("source"),
        destination=match.network("destination"),
        protocol=match.protocol(),
        translation=match.translation(),
        translation_port=branch.text("translation", "port"),
        exclude=branch.has("exclude"),
        negated=tuple(match.negated),
        unmodelled=tuple(match.beyond),
    )


def _destination_rule(branch: Branch, number: int) -> DestinationNat:
    """Its port is a word of the record, and so no match beyond it; a redirect keeps the packet on the router."""
    match = Match(branch, (*_BEYOND, ("translation", "redirect")))
    return DestinationNat(
        number=number,
        origin=branch.origin,
        inbound=match.interface("inbound-interface", "inbound"),
        source=match.network("source"),
        destination=match.network("destination"),
        protocol=match.protocol(),
        destination_port=branch.text("destination", "port"),
        translation=match.translation(),
        translation_port=branch.text("translation", "port"),
        exclude=branch.has("exclude"),
        negated=tuple(match.negated),
        unmodelled=tuple(word for word in match.beyond if word != "destination port"),
    )
