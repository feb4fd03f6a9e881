"""What the rules about single causes of a leak share: entries with their verdicts, and the question "what if not?".

A cause is shown by the proof itself: the same Plan without the suspected part is proved, and what fails only with it
is due to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from sapper.kernel.links import record_of
from sapper.kernel.plan import Child, Connection, Link
from sapper.proof.index.entries import Entries
from sapper.proof.properties.protected import Entry, child_protects
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict
from sapper.rules.subject import Subject


def judged(subject: Subject) -> Iterator[tuple[Entry, dict[str, PropertyVerdict]]]:
    """Every protected entry of the Plan with its verdicts."""
    if subject.plan is None:
        return
    verdicts = {tunnel.name: tunnel.verdicts for tunnel in subject.tunnels}
    for entry in Entries(subject.plan):
        if entry.is_protected and entry.name in verdicts:
            yield entry, verdicts[entry.name]


class Without:
    """The same router with some parts of its Plan as given; it is proved once, when the first entry is asked about."""

    def __init__(self, subject: Subject, **parts: Any) -> None:
        self._subject, self._parts = subject, parts
        self._verdicts: dict[str, dict[str, PropertyVerdict]] | None = None

    def states(self, entry: str, name: str) -> frozenset[str]:
        """The states in which that property of the entry would fail."""
        if self._verdicts is None:
            plan = self._subject.plan
            proved = prove(msgspec.structs.replace(plan, **self._parts)) if plan is not None else ()
            self._verdicts = {tunnel.name: tunnel.verdicts for tunnel in proved}
        found = self._verdicts.get(entry)
        return frozenset(found[name].failing_states) if found is not None else frozenset()


def children_of(entry: Entry) -> Iterator[tuple[Connection, Child]]:
    """The children that are meant to protect the entry's device."""
    for connection in entry.connections:
        for child in connection.children:
            if entry.link is not None and child_protects(connection, child, entry.link):
                yield connection, child


def outer_protocols(link: Link) -> frozenset[int]:
    """The protocols of the outer headers that a tunnel device writes, whatever it carries."""
    record = record_of(link)
    found = {record.outer_protocol(4), record.outer_protocol(6)} if record is not None else set()
    wrapping = link.encapsulating
    return frozenset(number for number in (*found, wrapping.protocol if wrapping else None) if number is not None)
