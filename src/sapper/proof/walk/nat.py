"""Source NAT in postrouting, as far as it changes what XFRM sees: it runs before encryption.

A rule with a match that sapper does not model may or may not apply: both ways are walked, and the second carries
the rule's name as a doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, SourceNatRule
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import Kernel


def translations(kernel: Kernel, packet: Packet, link: Link) -> Iterator[tuple[Packet, str | None, str | None]]:
    """Each way that the packet may look after postrouting: the packet, what was done, and the doubt about it."""
    doubt: str | None = None
    for rule in kernel.source_nat:
        if not _matches(rule, packet, link):
            continue
        done = _apply(rule, packet, link)
        if not rule.unmodelled:
            yield (*done, doubt)
            return
        doubt = f"nat source rule {rule.number}: {', '.join(rule.unmodelled)}"
        yield (*done, doubt)
    yield packet, None, doubt


def _matches(rule: SourceNatRule, packet: Packet, link: Link) -> bool:
    if packet.family != 4:
        return False
    checks = (
        ("outbound", _named(rule.out_link, link.name)),
        ("source", _within(rule.source, packet.source)),
        ("destination", _within(rule.destination, packet.destination)),
        ("protocol", None if rule.protocol is None else rule.protocol == packet.protocol),
    )
    return all(fits is None or fits != (name in rule.negated) for name, fits in checks)


def _named(pattern: str | None, name: str) -> bool | None:
    if pattern is None or pattern == "any":
        return None
    if pattern.endswith(("*", "+")):
        return name.startswith(pattern[:-1])
    return name == pattern


def _within(prefix: Prefix | None, address: Address | None) -> bool | None:
    if prefix is None:
        return None
    return address is not None and address in prefix


def _apply(rule: SourceNatRule, packet: Packet, link: Link) -> tuple[Packet, str | None]:
    if rule.action == "accept":
        return packet, f"nat source rule {rule.number} excludes it"
    to = rule.to if rule.action == "snat" else _first_address(link, packet.family)
    if to == packet.source:
        return packet, None
    changed = msgspec.structs.replace(packet, source=to)
    return changed, f"nat source rule {rule.number} rewrites the source to {to or f'the address of {link.name}'}"


def _first_address(link: Link, family: Family) -> Address | None:
    return next((attached.address for attached in link.addresses if attached.address.family == family), None)
