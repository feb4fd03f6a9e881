"""A third opinion: whether a packet can leave in clear, said in logic and answered by an SMT solver (z3).

A packet is five bit vectors, a situation the row of each connection and the move of the network. A formula says that
the packet finds a wire in clear: the longest prefix that is usable, the policy of the lowest priority that is installed,
masquerade before encryption and the lookup after it, tunnel devices around it. The solver says in which states that
formula has a solution. Only for Plans of :mod:`smt_fragment`.

Sources: net/ipv4/fib_trie.c, net/xfrm/xfrm_policy.c (a policy without a state drops), nf_nat_proto.c (nf_xfrm_me_harder),
net/ipv4/ip_tunnel.c (local routing loop), ip_forward.c (a policy asked of what is forwarded).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from itertools import groupby
from typing import Any, NamedTuple

import smt_fragment as fragment
import z3
from smt_fragment import DEVICES, Entry, Way, ip, net

from sapper.kernel.plan import Link, Plan
from sapper.proof.properties.protected import Entry as Asked
from sapper.proof.states.lifecycle import STATES, TABLE, TAMPERING
from sapper.proof.states.situation import rows_for

Term = Any  # z3 has no types
SOMEBODY = "198.51.100.77/32"  # a host behind a router that shows none


class Packet(NamedTuple):
    """``source`` None: this router's own packet, whose source its route chooses."""

    source: Term
    destination: Term
    protocol: Term


def word(address: object) -> Term:
    return z3.BitVecVal(int(ip(address)), 32)


# What is known while the formula is built stays out of it: these take and give True and False, too.


def all_of(*terms: Term) -> Term:
    left = [term for term in terms if term is not True]
    if any(term is False for term in left):
        return False
    return z3.And(left) if len(left) > 1 else next(iter(left), True)


def any_of(*terms: Term) -> Term:
    left = [term for term in terms if term is not False]
    if any(term is True for term in left):
        return True
    return z3.Or(left) if len(left) > 1 else next(iter(left), False)


def none_of(*terms: Term) -> Term:
    term = any_of(*terms)
    return not term if isinstance(term, bool) else z3.Not(term)


def same(term: Term, value: Term) -> Term:
    known = z3.is_bv_value(term) and z3.is_bv_value(value)
    return term.as_long() == value.as_long() if known else term == value


def among(term: Term, prefix: object) -> Term:
    """Whether the address is in the prefix."""
    network = net(prefix)
    if network.prefixlen == 0:
        return True
    if z3.is_bv_value(term):
        return IPv4Address(term.as_long()) in network
    high, low = 31, 32 - network.prefixlen
    return z3.Extract(high, low, term) == (int(network.network_address) >> low)


class Formula:
    """One Plan under one move of the network. What has been built once is kept by what it was built from."""

    def __init__(self, plan: Plan, move: fragment.Move, rows: dict[str, Term]) -> None:
        self.plan, self.rows = plan, rows
        self.links = {link.name: link for link in plan.links}
        self.own = fragment.own(plan)
        self.entries = fragment.policies(plan)
        self.underlays = fragment.underlays(plan)
        ways = [*fragment.table_220(plan, move), *fragment.main_table(plan, move)]
        self.ways = sorted(ways, key=lambda way: way.rank)
        self._kept: dict[tuple[Any, ...], Any] = {}

    def kept(self, make: Callable[..., Any], *key: Any) -> Any:
        if (make, key) not in self._kept:
            self._kept[make, key] = make(*key)
        return self._kept[make, key]

    def present(self, name: str, rows: tuple[int, ...]) -> Term:
        """That the connection is in one of these rows of the table."""
        return any_of(*(self.rows[name] == at for at in rows))

    def usable(self, way: Way) -> Term:
        if way.owner is None:
            return True
        connection, child = way.owner
        there = (
            at
            for at, row in enumerate(TABLE)
            if row.routes_kept or any(fragment.installed(child, row, trap=trap) for trap in (False, True))
        )
        return self.kept(self.present, connection.name, tuple(there))

    def local(self, destination: Term) -> Term:
        return any_of(*(same(destination, word(address)) for address in self.own))

    def taken(self, destination: Term) -> list[tuple[Way, Term]]:
        """Each way with the condition that a lookup gives it; equal ones share what comes."""
        found: list[tuple[Way, Term]] = []
        before: list[Term] = []
        for _, equal in groupby(self.ways, lambda way: way.rank):
            here = [(way, all_of(among(destination, way.net), self.usable(way))) for way in equal]
            better = none_of(*before)
            found += [(way, all_of(met, better)) for way, met in here]
            before += [met for _, met in here]
        return [(way, condition) for way, condition in found if condition is not False and way.kind == "unicast"]

    def meets(self, entry: Entry, packet: Packet) -> Term:
        fits = all_of(
            among(packet.source, entry.source),
            among(packet.destination, entry.destination),
            not entry.protocol or same(packet.protocol, z3.BitVecVal(entry.protocol, 8)),
        )
        there = (at for at, row in enumerate(TABLE) if fragment.installed(entry.child, row, trap=entry.trap))
        return fits is not False and all_of(fits, self.kept(self.present, entry.connection.name, tuple(there)))

    def keyed(self, entry: Entry) -> Term:
        rows = tuple(at for at, row in enumerate(TABLE) if row.sa)
        return not entry.trap and self.kept(self.present, entry.connection.name, rows)

    def unprotected(self, packet: Packet) -> Term:
        return none_of(*(self.meets(entry, packet) for entry in self.entries))

    def clear(self, packet: Packet, devices: tuple[str, ...], own: str | None) -> Term:
        """That the packet, or the one around it, leaves in clear where it must not; never through the device ``own``."""
        ends = [
            all_of(condition, self.kept(self.along, self.sourced(packet, way), way.link, devices, own))
            for way, condition in self.kept(self.taken, packet.destination)
        ]
        return all_of(none_of(self.local(packet.destination)), any_of(*ends))

    def sourced(self, packet: Packet, way: Way) -> Packet:
        """The address of the link that the route leads to, or charon's wish."""
        if packet.source is not None:
            return packet
        return packet._replace(source=word(way.source or fragment.addresses(self.links[way.link])[0][0]))

    def along(self, packet: Packet, link: str, devices: tuple[str, ...], own: str | None) -> Term:
        """Policy; postrouting on the device that the whole bundle leaves by; policy again; device."""
        beyond = self.device(packet, self.links[link], devices, own)
        last = devices[-1] if devices else None
        if beyond is False:
            return False
        found: list[Term] = []
        if link != last:
            found.append(all_of(self.unprotected(packet), self.kept(self.bare, packet, link)))
        before: list[Term] = []
        for _, equal in groupby(self.entries, lambda entry: entry.priority):
            here = [(entry, self.meets(entry, packet)) for entry in equal]
            for entry, met in here:
                first = all_of(met, none_of(*before), self.keyed(entry))
                if first is not False:
                    found += [
                        all_of(first, leads, self.kept(self.bare, packet, out))
                        for out, leads in self.outs(entry, link)
                        if out != last
                    ]
            before += [met for _, met in here]
        return all_of(beyond, any_of(*found))

    def outs(self, entry: Entry, link: str) -> list[tuple[str, Term]]:
        """The interfaces that ESP may leave by, each with its condition."""
        if entry.mode == "transport" or entry.far in self.own:
            return [(link, True)]
        return [(way.link, condition) for way, condition in self.kept(self.taken, word(entry.far))]

    def bare(self, packet: Packet, out: str) -> Term:
        """That no policy protects what source NAT makes of the packet; the first rule that matches decides."""
        found: list[Term] = []
        before: list[Term] = []
        masked = packet._replace(source=word(fragment.addresses(self.links[out])[0][0]))
        for rule in self.plan.source_nat:
            if rule.out_link not in (None, out):
                continue
            fits = all_of(
                rule.source is None or among(packet.source, rule.source),
                rule.destination is None or among(packet.destination, rule.destination),
                rule.protocol is None or same(packet.protocol, z3.BitVecVal(rule.protocol, 8)),
            )
            changed = packet if rule.action == "accept" else masked
            found.append(all_of(fits, none_of(*before), self.unprotected(changed)))
            before.append(fits)
        return any_of(*found, all_of(none_of(*before), self.unprotected(packet)))

    def device(self, packet: Packet, link: Link, devices: tuple[str, ...], own: str | None) -> Term:
        """What the device makes of it; its outer packet is the same each time, so a second round is a circle."""
        if link.kind == "dummy" or link.name == own or link.name in devices:
            return False
        if link.encapsulating is not None:
            return self.kept(self.wrapped, link.name, (*devices, link.name), own)
        if link.name in self.underlays:
            return True
        return none_of(*(among(packet.destination, prefix) for _, prefix in fragment.addresses(link)))

    def wrapped(self, name: str, devices: tuple[str, ...], own: str | None) -> Term:
        link = self.links[name]
        outer = link.encapsulating
        assert outer is not None
        protocol = z3.BitVecVal(DEVICES[link.kind], 8)
        return self.clear(Packet(word(outer.local), word(outer.remote), protocol), devices, own)

    def forwarded(self, packet: Packet) -> Term:
        """That the packet, whose answers a tunnel-mode policy is for, may be forwarded in clear (__xfrm_policy_check)."""
        mine = any_of(*(same(packet.source, word(address)) for address in self.own))
        turned = Packet(packet.destination, packet.source, packet.protocol)
        return any_of(
            mine, none_of(*(self.meets(entry, turned) for entry in self.entries if entry.mode == "tunnel"))
        )


class Question:
    """One entry of one Plan: in which states a packet leaves in clear, by confidentiality's and no-bypass' measure."""

    def __init__(self, plan: Plan, asked: Asked) -> None:
        self.plan, self.asked = plan, asked
        self.row = z3.BitVec("row", 8)
        focus = {connection.name for connection in asked.connections}
        self.rows = {
            item.name: self.row if item.name in focus else z3.BitVec(f"row of {item.name}", 8)
            for item in plan.connections
        }
        self.packet = Packet(z3.BitVec("source", 32), z3.BitVec("destination", 32), z3.BitVec("protocol", 8))
        self.solver = z3.SolverFor("QF_BV")
        self.solver.add(self.known(focus))
        self.formulas = [Formula(plan, move, self.rows) for move in fragment.moves(plan)]

    def known(self, focus: set[str]) -> Term:
        """Which rows there are: the focus goes through all, others are elsewhere but where the daemon is concerned."""
        at = {id(row): number for number, row in enumerate(TABLE)}
        mine = [at[id(row)] for row in rows_for(self.asked.connections)]
        shared = any_of(*(self.row == number for number in mine if TABLE[number].shared))
        facts = [any_of(*(self.row == number for number in mine))]
        for connection in self.plan.connections:
            if connection.name not in focus:
                theirs = self.rows[connection.name]
                alone = [at[id(row)] for row in rows_for((connection,)) if not row.shared]
                facts.append(z3.If(shared, theirs == self.row, any_of(*(theirs == number for number in alone))))
        return all_of(*facts)

    def confidentiality(self) -> set[str]:
        """The states in which it fails."""
        link = self.asked.link
        if link is None:
            return self.states(self.flows(formula, None) for formula in self.formulas)
        return self.states(formula.device(self.packet, link, (), None) for formula in self.formulas)

    def no_bypass(self) -> set[str]:
        """The states in which it fails."""
        own = self.asked.link.name if self.asked.link else None
        return self.states(
            any_of(self.flows(formula, own), self.towards(formula, own)) for formula in self.formulas
        )

    def flows(self, formula: Formula, own: str | None) -> Term:
        """Packets of the entry's selectors; with ``own`` a device, its outer packets are another question's."""
        packet, found = self.packet, []
        for local, remote in self.asked.flows:
            protocol = local.protocol if local.protocol is not None else remote.protocol
            fits = (among(packet.source, local.prefix), among(packet.destination, remote.prefix))
            found.append(all_of(*fits, protocol is None or packet.protocol == protocol))
        link = self.asked.link
        met = any_of(*found)
        if link is not None and link.encapsulating is not None:
            outer = link.encapsulating
            ours = (packet.source == word(outer.local), packet.destination == word(outer.remote))
            met = all_of(met, none_of(all_of(*ours, packet.protocol == DEVICES[link.kind])))
        return met is not False and all_of(met, formula.forwarded(packet), formula.clear(packet, (), own))

    def towards(self, formula: Formula, own: str | None) -> Term:
        """Packets for the protected networks, from this router and from behind it."""
        packet = self.packet
        there = any_of(*(among(packet.destination, network) for network in self.asked.networks))
        if there is False:
            return False
        inner = [
            prefix
            for link in self.plan.links
            if link.kind == fragment.WIRED and link.name not in formula.underlays
            for _, prefix in fragment.addresses(link)
        ]
        behind = any_of(*(among(packet.source, prefix) for prefix in inner or [net(SOMEBODY)]))
        sent = formula.clear(packet._replace(source=None), (), own)
        passed = all_of(behind, formula.forwarded(packet), formula.clear(packet, (), own))
        return all_of(there, any_of(sent, passed))

    def states(self, leaks: Iterable[Term]) -> set[str]:
        """Every state for which there is a solution."""
        found: set[str] = set()
        leak = any_of(*leaks)
        if leak is False:
            return found
        self.solver.push()
        self.solver.add(leak)
        while self.solver.check() == z3.sat:
            at = self.solver.model().eval(self.row, model_completion=True).as_long()
            found.add(TABLE[at].state)
            self.solver.add(*(self.row != number for number, row in enumerate(TABLE) if row.state in found))
        self.solver.pop()
        return found


def verdict(states: set[str]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The word, the failing states and those after tampering, as a report has them."""
    lasting = tuple(state for state in STATES if state in states - TAMPERING)
    return "refuted" if lasting else "proved", lasting, tuple(sorted(states & TAMPERING))
