"""``tcp flags "SYN,!RST"`` of a rule is ``tcp flags syn`` with ``tcp flags not rst``."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write

TCP_FLAGS = frozenset({"syn", "ack", "fin", "rst", "urg", "psh", "ecn", "cwr"})


def split_flags(rule: Node) -> None:
    """Rewrite one rule's flags; what is no list of flags stays for the schema to judge."""
    flags = rule.find("tcp", "flags")
    if flags is None:
        return
    for value in list(flags.children.values()):
        words = [word.strip() for word in value.word.lower().split(",")]
        if value.children or not all(word.removeprefix("!") in TCP_FLAGS for word in words):
            continue
        take(flags, value.word)
        for word in words:
            made = Node(word.removeprefix("!"), value.spans)
            made.extent = value.extent
            move(made, write(flags, "not", of=value) if word.startswith("!") else flags, made.word)
