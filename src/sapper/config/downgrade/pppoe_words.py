"""PPPoE's ``authentication username`` is user, ``no-default-route`` is ``default-route none``."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags


def apply(root: Node) -> list[Lacking]:
    for session in tags(root, "interfaces", "pppoe"):
        if authentication := session.child("authentication"):
            rename_word(authentication, "username", "user")
        from_flag(session, "no-default-route", "default-route", "none")
    return []
