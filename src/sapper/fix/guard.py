"""The guard: drop the tunnel's outer packets that will not be encrypted, and those that were not decrypted.

Scoped to the tunnel's protocol and ends, so that nothing else is touched. In the firewall's own words where the
generation has them, else for nftables. A number below every rule that is there: what stands before a guard must not
let a packet pass. Beside global state policies only the raw chains serve.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sapper.address import Address, Prefix
from sapper.config.edit import Change, Put, SetValue
from sapper.fix.proposal import Impossible, Proposal
from sapper.kernel.links import record_of
from sapper.kernel.plan import Guard
from sapper.proof.properties.protected import Entry
from sapper.rules.subject import Subject

Hook = Literal["output", "forward", "input", "prerouting"]
_FIRST_NUMBER = 10
_WORDS = {47: "gre", 4: "ipencap", 41: "ipv6"}
_FAMILIES = {4: "ipv4", 6: "ipv6"}


class Scope(NamedTuple):
    """The outer packets of a tunnel as they leave this router, or of a policy-based flow."""

    local: Prefix | None
    remote: Prefix | None
    protocol: int | None
    family: Literal[4, 6]


def propose(subject: Subject, entry: Entry, *, inward_only: bool = False) -> Proposal:
    """Both halves for one entry, or the inbound one alone. Raises Impossible."""
    found = _Chains(subject)
    for scope in scopes(entry):
        if not inward_only:
            found.add("output", scope)
            if entry.link is None:
                found.add("forward", scope)
        if entry.link is not None:
            found.add("input", scope)
    return Proposal(near=tuple(found.changes), guards=tuple(found.guards))


def of_scope(subject: Subject, scope: Scope) -> Proposal:
    """The inbound half for outer packets that the router does not have yet. Raises Impossible."""
    found = _Chains(subject)
    found.add("input", scope)
    return Proposal(near=tuple(found.changes), guards=tuple(found.guards))


def scopes(entry: Entry) -> list[Scope]:
    """What to guard. Raises Impossible for what has no outer packets of its own, and for an unknown far end."""
    if entry.link is None:
        return [
            Scope(local.prefix, remote.prefix, local.protocol, remote.prefix.family)
            for local, remote in entry.flows
        ]
    wrapping = entry.link.encapsulating
    if wrapping is None:
        raise Impossible(f"{entry.name} has no outer packets that a firewall could tell from others")
    if wrapping.remote is None:
        raise Impossible(f"{entry.name} has no fixed remote, so a guard cannot be scoped to it")
    record = record_of(entry.link)
    inner: tuple[Literal[4, 6], ...] = (4, 6)
    known = {record.outer_protocol(family) for family in inner} if record is not None else set()
    protocols = sorted({protocol for protocol in (*known, wrapping.protocol) if protocol is not None})
    remote = wrapping.remote
    return [Scope(_host(wrapping.local), _host(remote), protocol, remote.family) for protocol in protocols]


def _host(address: Address | None) -> Prefix | None:
    return Prefix.host(address) if address is not None and not address.is_unspecified else None


class _Chains:
    """Collects guards, each with a free number in a chain that sees every packet."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._used: dict[tuple[str, ...], list[int]] = {}
        self.changes: list[Change] = []
        self.guards: list[Guard] = []

    def add(self, hook: Hook, scope: Scope) -> None:
        hook, kind, number = self._place(hook, scope)
        path = ("firewall", _FAMILIES[scope.family], hook, kind, "rule", str(number))
        outward = hook in ("output", "forward")
        source, destination = (scope.local, scope.remote) if outward else (scope.remote, scope.local)
        self.changes.append(SetValue((*path, "action"), "drop"))
        if scope.protocol is not None:
            self.changes.append(SetValue((*path, "protocol"), _WORDS.get(scope.protocol, str(scope.protocol))))
        for word, prefix in (("source", source), ("destination", destination)):
            if prefix is not None:
                self.changes.append(SetValue((*path, word, "address"), written(prefix)))
        self.changes.append(Put((*path, "ipsec", "match-none-out" if outward else "match-none-in")))
        self.guards.append(
            Guard(
                name=" ".join(path), hook=hook, family=scope.family, source=source, destination=destination,
                protocol=scope.protocol, raw=kind == "raw",
            )
        )  # fmt: skip

    def _place(self, hook: Hook, scope: Scope) -> tuple[Hook, str, int]:
        for wanted, kind in _chains_for(hook):
            if kind == "filter" and self._subject.top.has("firewall", "global-options", "state-policy"):
                continue
            chain = ("firewall", _FAMILIES[scope.family], wanted, kind)
            number = self._free(chain)
            if number is not None:
                return wanted, kind, number
        raise Impossible(f"no {hook} chain has a place before every rule that may let packets pass")

    def _free(self, chain: tuple[str, ...]) -> int | None:
        if chain not in self._used:
            rules = [rule.name for rule in self._subject.top.each(*chain, "rule")]
            self._used[chain] = [int(name) for name in rules if name.isdecimal()]
        used = self._used[chain]
        number = min(used) - 1 if used else _FIRST_NUMBER
        if number < 1:
            return None
        used.append(number)
        return number


def _chains_for(hook: Hook) -> Iterator[tuple[Hook, str]]:
    yield hook, "filter"
    if hook == "output":
        yield hook, "raw"
    elif hook == "input":
        yield "prerouting", "raw"


def written(prefix: Prefix) -> str:
    """A prefix as the firewall writes it: a host without its length."""
    return str(prefix.network) if Prefix.host(prefix.network) == prefix else str(prefix)
