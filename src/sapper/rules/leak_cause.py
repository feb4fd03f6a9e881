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
from sapper.proof.protected import Entry, child_protects, entries_of
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict
from sapper.rules.subject import Subject


def judged(subject: Subject) -> Iterator[tuple[Entry, dict[str, PropertyVerdict]]]:
    """Every protected entry of the Plan with its verdicts."""
    if subject.plan is None:
        return
    verdicts = {tunnel.name: tunnel.verdicts for tunnel in subject.tunnels}
    for entry in entries_of(subject.plan):
        if entry.is_protected and entry.name in verdicts:
            yield entry, verdicts[entry.name]


def states_without(subject: Subject, entry: str, name: str, **parts: Any) -> frozenset[str]:
    """The states in which that property would fail if those parts of the Plan were as given."""
    if subject.plan is None:
        return frozenset()
    changed = msgspec.structs.replace(subject.plan, **parts)
    found = next((verdicts for verdicts in prove(changed) if verdicts.name == entry), None)
    return frozenset(found.verdicts[name].failing_states) if found is not None else frozenset()


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
