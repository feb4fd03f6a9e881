"""Source and destination NAT to the rules of the kernel's chains, in the order of their numbers (reference, 15)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import DestinationNatRule, SourceNatRule
from sapper.model.router import Router
from sapper.model.routing import DestinationNat, SourceNat


def source_nat_of(router: Router) -> Iterator[SourceNatRule]:
    return map(_source, sorted(router.source_nat, key=lambda rule: rule.number))


def destination_nat_of(router: Router) -> Iterator[DestinationNatRule]:
    return map(_destination, sorted(router.destination_nat, key=lambda rule: rule.number))


def _source(rule: SourceNat) -> SourceNatRule:
    return SourceNatRule(
        number=rule.number,
        action="accept" if rule.exclude else "snat" if rule.translation else "masquerade",
        out_link=rule.outbound,
        source=rule.source,
        destination=rule.destination,
        protocol=rule.protocol,
        to=rule.translation,
        negated=frozenset(rule.negated),
        unmodelled=rule.unmodelled,
    )


def _destination(rule: DestinationNat) -> DestinationNatRule:
    """Without an address to translate to, and with a port, only the port changes; with neither it is a redirect."""
    changes = rule.translation is not None or rule.translation_port is not None
    return DestinationNatRule(
        number=rule.number,
        action="accept" if rule.exclude else "dnat" if changes else "redirect",
        in_link=rule.inbound,
        source=rule.source,
        destination=rule.destination,
        protocol=rule.protocol,
        port=rule.destination_port,
        to=None if rule.exclude else rule.translation,
        to_port=None if rule.exclude else rule.translation_port,
        negated=frozenset(rule.negated),
        unmodelled=rule.unmodelled,
    )
