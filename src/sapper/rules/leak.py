"""What the two leak rules share: where a refuted entry stands in the text, how its witness reads, and fixes that hold.

A fix is offered only if the proof of the router with it says ``proved``; a fix that only sounds right is none.
Fixes here are added static routes; whatever needs both ends changed is the business of ``sapper fix``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sapper.address import Prefix
from sapper.kernel.compile import compile_router
from sapper.kernel.interface_settings import interfaces_of
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.model.routing import RouteKind, StaticRoute
from sapper.proof.index.entries import Entries
from sapper.proof.properties.protected import Entry
from sapper.proof.prove import prove_entry
from sapper.proof.verdict import Property, PropertyVerdict, TunnelVerdicts
from sapper.rules.finding import Fix
from sapper.rules.subject import Subject

LAST_RESORT = 254
"""The worst distance that VyOS allows below 255: the route counts only when every other one is gone."""
_EFFORT = 10_000
_LEAST_TRIALS = 4


def refuted(subject: Subject, name: Property) -> Iterator[tuple[TunnelVerdicts, PropertyVerdict]]:
    """The entries for which that property is refuted."""
    for entry in subject.tunnels:
        verdict = entry.verdicts.get(name)
        if verdict is not None and verdict.verdict == "refuted":
            yield entry, verdict


def origin_of(router: Router, name: str) -> Origin:
    """Where an entry of the report stands: its interface, or its ``tunnel N`` below the peer."""
    for interface in interfaces_of(router):
        if interface.name == name:
            return interface.origin
    owner, _, number = name.rpartition(" tunnel ")
    for peer in router.peers if owner else ():
        if peer.name == owner:
            for tunnel in peer.tunnels:
                if str(tunnel.number) == number:
                    return tunnel.origin
    return Origin("", 0, 0)


def packet_words(verdict: PropertyVerdict) -> str:
    """The witness in one clause: the packet, the state, and what an eavesdropper sees."""
    witness = verdict.witness
    if witness is None or witness.wire is None:
        return ""
    packet, wire = witness.packet, witness.wire
    seen = f"{wire.protocol} {wire.src} -> {wire.dst}"
    cause = f" ({witness.cause})" if witness.cause else ""
    if packet.dst == "any" or (packet.src, packet.dst) == (wire.src, wire.dst):
        return f"for example in {witness.state}{cause}: {seen} leaves {wire.interface}"
    sent = f"{packet.protocol} {packet.src} -> {packet.dst}"
    return f"for example in {witness.state}{cause}: {sent} leaves {wire.interface} as {seen}"


class Trials:
    """How many fixes a rule may still try: each takes a proof of the whole router, and a large one has many entries.

    A router of some hundred routes, selectors and interfaces has a try for every entry; a huge one for the first few.
    """

    def __init__(self, subject: Subject) -> None:
        plan = subject.plan
        self._entries = Entries(plan) if plan is not None else None
        self._named: dict[str, Entry] | None = None
        size = 1
        if plan is not None:
            children = [child for connection in plan.connections for child in connection.children]
            selectors = sum(max(1, len(child.local_ts)) * max(1, len(child.remote_ts)) for child in children)
            size += len(plan.links) + len(plan.routes) + len(plan.source_nat) + selectors
        self.left = max(_LEAST_TRIALS, _EFFORT // size)

    def entry(self, name: str) -> Entry | None:
        """The entry of that name, while there are tries left."""
        if self._entries is None or self.left <= 0:
            return None
        if self._named is None:
            self._named = {entry.name: entry for entry in reversed(list(self._entries))}
        return self._named.get(name)


def hidden_ends(subject: Subject, entry: Entry | None) -> list[Prefix]:
    """Far ends that only an SA makes reachable, and that a blackhole would not cut off while the SA is up.

    charon must install its own route past the blackhole: in tunnel mode, for selectors beside the peers' addresses,
    with a local address in the local selector. Empty where that does not hold for all.
    """
    plan = subject.plan
    if plan is None or entry is None or not plan.install_routes:
        return []
    peers = [address for connection in plan.connections for address in connection.remote_addrs]
    carried = [attached.address for link in plan.links for attached in link.addresses]
    children = [child for connection in entry.connections for child in connection.children if child.mode != "pass"]
    ends = list(dict.fromkeys(remote.prefix for _, remote in entry.flows))
    routed = all(any(address in local.prefix for address in carried) for local, _ in entry.flows)
    if not routed or any(child.mode != "tunnel" for child in children):
        return []
    return [] if any(peer in prefix for peer in peers for prefix in ends) else ends


def proved_fix(
    subject: Subject,
    entry: str,
    name: Property,
    prefixes: Sequence[Prefix],
    kind: RouteKind,
    trials: Trials,
) -> Iterator[Fix]:
    """The fix that adds a route of that kind for each prefix, if the property is proved with it."""
    if not prefixes or trials.left <= 0:
        return
    trials.left -= 1
    distance = 1 if kind == "blackhole" else LAST_RESORT
    origin = origin_of(subject.router, entry)
    added = tuple(StaticRoute(prefix=prefix, origin=origin, kind=kind, distance=distance) for prefix in prefixes)
    router = msgspec.structs.replace(subject.router, routes=subject.router.routes + added)
    after = prove_entry(compile_router(router), entry)
    if after is not None and after.verdicts[name].verdict == "proved":
        listed = ", ".join(map(str, prefixes))
        yield Fix(f"{kind} route for {listed}: proved with it", tuple(_command(route) for route in added))


def _command(route: StaticRoute) -> str:
    """The set command; VyOS calls the kernel's ``unreachable`` ``reject``."""
    word = "route6" if route.prefix.family == 6 else "route"
    target = "blackhole" if route.kind == "blackhole" else f"reject distance {route.distance}"
    return f"set protocols static {word} {route.prefix} {target}"
