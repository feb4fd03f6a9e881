"""PPPoE's ``authentication user`` is username, and the default route is taken unless ``no-default-route`` says not to.

Done by the steps between interfaces 22 and 28; neither word is known to both sides, so the number does not matter.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags, take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for session in tags(root, "interfaces", "pppoe"):
        if authentication := session.child("authentication"):
            rename_word(authentication, "user", "username")
        route = session.child("default-route")
        if route is None or not set(route.children) <= {"auto", "force", "none"}:
            continue
        take(session, "default-route")
        if "none" in route.children:
            write(session, "no-default-route", of=route)
    return []
