"""PPPoE is an interface of its own, not an option of the port below it: VyOS' interfaces step 4-to-5.

``interfaces ethernet eth0 pppoe 0`` is ``interfaces pppoe pppoe0`` with source-interface eth0. ``user-id`` and
``password`` moved under authentication, ``name-server`` is no-peer-dns or nothing.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write, write_value
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node, written: Written) -> list[Note]:
    for node, name, path in list(with_vlans(root)):
        nested = take(node, "pppoe") if path[1] != "pppoe" else None
        for session in list(nested.children.values()) if nested else ():
            _rename(session)
            made = move(session, write(root, "interfaces", "pppoe", of=session), f"pppoe{session.word}")
            write_value(made, "source-interface", _named(name, session))
    return []


def _rename(session: Node) -> None:
    for old, new in (("user-id", "user"), ("password", "password")):
        leaf = take(session, old)
        if leaf is not None:
            move(leaf, write(session, "authentication", of=leaf), new)
    servers = take(session, "name-server")
    if servers is not None and "none" in servers.children:
        write(session, "no-peer-dns", of=servers)


def _named(name: str, session: Node) -> Node:
    made = Node(name, [session.span] if session.spans else [])
    made.extent = session.span
    return made
