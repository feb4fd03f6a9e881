"""Which entries of a router are not proved, and what an entry is made of."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.properties.protected import Entry, entries_of
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts
from sapper.rules.subject import Subject

GOOD = frozenset({"proved", "not-applicable"})


def unproved(subject: Subject) -> Iterator[tuple[TunnelVerdicts, str, PropertyVerdict]]:
    """Entry, property and verdict of everything that is not proved.

    Unknown liveness is no leak, and nothing here is made to mend it.
    """
    for tunnel in subject.tunnels:
        for name, verdict in tunnel.verdicts.items():
            if verdict.verdict not in GOOD and (name, verdict.verdict) != ("liveness", "unknown"):
                yield tunnel, name, verdict


def failing_entries(subject: Subject) -> list[Entry]:
    """The entries with at least one property that is not proved."""
    names = {tunnel.name for tunnel, _, _ in unproved(subject)}
    return [entry for entry in entries(subject) if entry.name in names]


def entries(subject: Subject) -> list[Entry]:
    """Every entry of the router's Plan."""
    return list(entries_of(subject.plan)) if subject.plan is not None else []


def fails(subject: Subject, entry: str, name: str) -> bool:
    """Whether that property of that entry is not proved."""
    return any(tunnel.name == entry and failing == name for tunnel, failing, _ in unproved(subject))
