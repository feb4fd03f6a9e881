"""A rule's flag ``log`` is ``log enable``, its values of ``state`` take ``enable``."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, write


def lengthen(rule: Node) -> None:
    """Rewrite one rule's ``log`` and ``state``."""
    from_flag(rule, "log", "log", "enable")
    for value in tags(rule, "state"):
        if not value.children:
            write(value, "enable", of=value)
