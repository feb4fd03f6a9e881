"""``tcp flags syn`` with ``tcp flags not rst`` is ``tcp flags "SYN,!RST"``."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import write
from sapper.config.upgrade.tcp_flags import TCP_FLAGS


def join_flags(rule: Node) -> None:
    """Rewrite one rule's flags."""
    flags = rule.find("tcp", "flags")
    if flags is None or not flags.children.keys() <= TCP_FLAGS | {"not"}:
        return
    words = [word.upper() for word in flags.children if word != "not"]
    refused = flags.child("not")
    words += [f"!{word.upper()}" for word in refused.children] if refused else []
    flags.children = {}
    if words:
        write(flags, ",".join(words), of=flags)
