"""Destination NAT of prerouting: where a packet that comes in is sent instead, before its route is looked up.

The first rule that matches decides, for the first packet of a connection; the others follow it, and answers are not
looked at. So a packet that a rule matches may go on as it was: as the answer to a connection that began elsewhere. Marks,
guards of prerouting and the policy for what is forwarded see the packet as it came in. What the router sends itself
meets no rule. A rule with a match that sapper does not model, or with ports, may or may not apply.
Sources: net/netfilter/nf_nat_core.c (nf_nat_inet_fn, nf_nat_decode_session), net/netfilter/nf_nat_redirect.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from sapper.address import Address, Prefix
from sapper.kernel.plan import DestinationNatRule, Link, Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.trust import WIRED

Outcome = Literal["stays", "sent", "itself", "unknown"]
ALL_PROTOCOLS = (1 << 256) - 1
# TCP, UDP, SCTP, DCCP, UDP-Lite.
_WITH_PORTS = 1 << 6 | 1 << 17 | 1 << 132 | 1 << 33 | 1 << 136
_TCP_OR_UDP = "protocol tcp_udp"
_REDIRECT = "translation redirect"
_TO_SEVERAL = ("translation ", "load-balance")


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """One rule for IPv4, as the proof needs it. ``sent``: to ``to``; ``itself``: to the router; ``unknown``: to where
    nobody can tell. ``protocols`` is a bit mask. ``unsure`` says why it may not apply, empty where it does.
    """

    number: int
    outcome: Outcome
    in_link: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    protocols: int = ALL_PROTOCOLS
    to: Address | None = None
    negated: frozenset[str] = frozenset()
    unsure: str = ""

    def named(self, enters: str) -> bool:
        """Whether it is for what comes in there."""
        name = self.in_link
        if name is None or name == "any":
            return True
        fits = enters.startswith(name[:-1]) if name.endswith(("*", "+")) else enters == name
        return fits != bool(self.negated & {"inbound", "in_link"})

    @property
    def asks_where(self) -> bool:
        """Whether it is for some interfaces only."""
        return self.in_link not in (None, "any")

    def doubt(self, enters: str | None) -> str | None:
        """Why it may not apply to a packet that it matches; None where it does. ``enters`` None: by whatever."""
        if enters is None and self.asks_where:
            return f"nat destination rule {self.number}: whether the packet comes in by {self.in_link}"
        return f"nat destination rule {self.number}: {self.unsure}" if self.unsure else None

    @property
    def perhaps_an_answer(self) -> str:
        """The doubt about a packet that goes on as it was."""
        return f"nat destination rule {self.number}: whether the packet answers a connection that it did not change"


class Aimed(NamedTuple):
    """One way on: the packet, what became of its destination, what was done, and the doubt about it."""

    packet: Packet
    outcome: Outcome
    done: str | None = None
    doubt: str | None = None


def aims_of(plan: Plan) -> tuple[Aim, ...]:
    """The rules for IPv4 in their order; none where no rule changes anything."""
    if not plan.destination_nat:
        return ()
    ports = any(
        selector.port is not None
        for connection in plan.connections
        for child in connection.children
        for selector in (*child.local_ts, *child.remote_ts)
    )
    rules = [rule for rule in plan.destination_nat if not is_for_ipv6(rule)]
    aims = tuple(_aim(rule, ports) for rule in sorted(rules, key=lambda rule: rule.number))
    return aims if any(aim.outcome != "stays" for aim in aims) else ()


def is_for_ipv6(rule: DestinationNatRule) -> bool:
    """Whether its addresses are IPv6; VyOS' destination NAT has none."""
    return any(value is not None and value.family == 6 for value in (rule.source, rule.destination, rule.to))


def _aim(rule: DestinationNatRule, ports_asked: bool) -> Aim:
    unsure = [word for word in rule.unmodelled if word != _TCP_OR_UDP and not word.startswith(_TO_SEVERAL)]
    protocols = ALL_PROTOCOLS if rule.protocol is None else 1 << rule.protocol
    if "protocol" in rule.negated:
        protocols = ALL_PROTOCOLS & ~protocols
    if _TCP_OR_UDP in rule.unmodelled:
        protocols &= 1 << 6 | 1 << 17
    if rule.port is not None:
        protocols &= _WITH_PORTS
        unsure.append(f"destination port {rule.port}")
    return Aim(
        number=rule.number,
        outcome=_outcome(rule, ports_asked),
        in_link=rule.in_link,
        source=rule.source,
        destination=rule.destination,
        protocols=protocols,
        to=rule.to,
        negated=rule.negated,
        unsure=", ".join(unsure),
    )


def _outcome(rule: DestinationNatRule, ports_asked: bool) -> Outcome:
    """Another port is another packet to selectors with ports only."""
    if rule.action == "accept":
        return "stays"
    if any(word.startswith(_TO_SEVERAL) and word != _REDIRECT for word in rule.unmodelled):
        return "unknown"
    if rule.action == "redirect":
        return "itself"
    if rule.to_port is not None and ports_asked:
        return "unknown"
    return "stays" if rule.to is None else "sent"


def aimed(
    aims: tuple[Aim, ...], links: Mapping[str, Link], packet: Packet, enters: str | None
) -> tuple[Aimed, ...]:
    """Each way on of a packet that comes in and is not from this router.

    ``enters`` may be no interface's name: then it is that whose network the source is in, or any where there is none.
    """
    if packet.family == 6 or not aims:
        return (Aimed(packet, "stays"),)
    places: list[str | None] = [enters] if enters in links else [*homes(links, packet.source)] or [None]
    return tuple(dict.fromkeys(way for place in places for way in _met(aims, packet, place)))


def homes(links: Mapping[str, Link], source: Address | None) -> Iterator[str]:
    """The interfaces whose connected networks hold that address."""
    for link in links.values():
        if link.kind in WIRED and any(source in item.prefix for item in link.addresses if source is not None):
            yield link.name


def _met(aims: tuple[Aim, ...], packet: Packet, enters: str | None) -> Iterator[Aimed]:
    doubt: str | None = None
    for aim in aims:
        if not _matches(aim, packet, enters):
            continue
        unsure = aim.doubt(enters)
        if aim.outcome != "stays":
            yield _changed(aim, packet, unsure or doubt)
            doubt = aim.perhaps_an_answer if unsure is None else unsure
        if unsure is None:
            yield Aimed(packet, "stays", None, doubt)
            return
        doubt = unsure
    yield Aimed(packet, "stays", None, doubt)


def _changed(aim: Aim, packet: Packet, doubt: str | None) -> Aimed:
    rule = f"nat destination rule {aim.number}"
    if aim.outcome == "sent" and aim.to is not None:
        sent = msgspec.structs.replace(packet, destination=aim.to)
        return Aimed(sent, "sent", f"{rule} rewrites the destination to {aim.to}", doubt)
    if aim.outcome == "itself":
        return Aimed(packet, "itself", f"{rule} takes it for the router itself", doubt)
    return Aimed(packet, "unknown", None, f"{rule}: where it sends the packet")


def _matches(aim: Aim, packet: Packet, enters: str | None) -> bool:
    if not aim.protocols >> packet.protocol & 1 or (enters is not None and not aim.named(enters)):
        return False
    source, there = packet.source, packet.destination
    checks = (
        ("source", None if aim.source is None else source is not None and source in aim.source),
        ("destination", None if aim.destination is None else there in aim.destination),
    )
    return all(fits is None or fits != (name in aim.negated) for name, fits in checks)
