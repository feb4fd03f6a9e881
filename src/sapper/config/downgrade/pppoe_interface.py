"""``interfaces pppoe pppoeN`` is an option ``pppoe N`` of the port below it: interfaces step 5-to-4."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces
from sapper.config.upgrade.graft import move, prune, tags, take, write


def apply(root: Node) -> list[Lacking]:
    lacks = []
    interfaces = Interfaces(root)
    sessions = root.find("interfaces", "pppoe")
    for session in tags(root, "interfaces", "pppoe"):
        below = list(tags(session, "source-interface"))
        port = interfaces.make(below[-1].word, below[-1]) if below else None
        if port is None or sessions is None:
            path = ("interfaces", "pppoe", session.word, "source-interface")
            lacks.append(lacking(session, "PPPoE is an option of the ethernet interface below it", *path))
            continue
        _rename(session)
        name = session.word
        take(sessions, name)
        take(session, "source-interface")
        move(session, write(port, "pppoe", of=session), name.removeprefix("pppoe"))
    prune(root, "interfaces", "pppoe")
    return lacks


def _rename(session: Node) -> None:
    if silent := take(session, "no-peer-dns"):
        write(session, "name-server", "none", of=silent)
    authentication = session.child("authentication")
    for old, new in (("user", "user-id"), ("password", "password")):
        leaf = take(authentication, old) if authentication else None
        if leaf is not None:
            move(leaf, session, new)
    prune(session, "authentication")
