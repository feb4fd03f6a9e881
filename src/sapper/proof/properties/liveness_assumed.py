"""What liveness takes for granted where one end is all that is known: the far end's part, and the network's.

Each is a sentence that names it. What :mod:`sapper.proof.properties.far_end` has checked with the far end's configuration is
assumed no longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Connection
from sapper.proof.properties.protected import Entry

_NAMED = 3


def assumed(entry: Entry, unknown: tuple[str, ...] = ()) -> tuple[str, ...]:
    """All of it. ``unknown`` are the titles of other connections' children whose selectors nobody knows beforehand."""
    return (*of_the_far_end(entry), *of_the_network(entry, unknown))


def of_the_far_end(entry: Entry) -> Iterator[str]:
    """What its configuration would show."""
    for connection in entry.connections:
        yield f"{_name(connection)}: the far end has the same keys, proposals and mode, and selectors that mirror these"
    link = entry.link
    wrapping = link.encapsulating if link is not None else None
    if link is not None and wrapping is not None:
        key = "" if wrapping.key is None else f" with key {wrapping.key}"
        ends = f"from {wrapping.remote} to {wrapping.local or 'this router'}"
        yield f"the far end of {link.name} is {encapsulation_of(link)}{key} {ends}"
    if link is not None and link.wireguard is not None:
        yield f"the peers of {link.name} have its key, and allow its networks"


def of_the_network(entry: Entry, unknown: tuple[str, ...]) -> Iterator[str]:
    """What no configuration shows."""
    for connection in entry.connections:
        yield f"{_name(connection)}: the network carries IKE and ESP both ways{_untranslated(connection)}"
    if entry.link is not None and entry.link.wireguard is not None:
        yield f"{entry.name}: the network carries its packets both ways"
        if any(peer.endpoint is None for peer in entry.link.wireguard.peers):
            yield f"{entry.name}: a peer without an endpoint speaks first"
    if entry.link is not None and entry.link.master is not None:
        yield f"{entry.link.master} forwards between its ports"
    if unknown:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        names = ", ".join(unknown[:_NAMED])
        yield f"{names}{more}: the address that its peer turns out to have selects nothing of {entry.name}"


def _name(connection: Connection) -> str:
    return connection.title or connection.name


def _untranslated(connection: Connection) -> str:
    """ESP in transport mode does not survive NAT (RFC 3948 5.2)."""
    return ", without NAT" if any(child.mode == "transport" for child in connection.children) else ""
