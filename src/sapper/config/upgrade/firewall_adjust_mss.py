"""``firewall options interface IF adjust-mss`` is said at the interface: VyOS' firewall step 5-to-6.

adjust-mss goes to ``ip adjust-mss``, adjust-mss6 to ``ipv6 adjust-mss``. An entry with ``disable`` does nothing and is
dropped. An interface of no known kind is kept where it is, and named.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces
from sapper.config.upgrade.graft import move, prune, tags, take, write
from sapper.config.upgrade.step import Note, Written

PLACES = {"adjust-mss": "ip", "adjust-mss6": "ipv6"}


def apply(root: Node, written: Written) -> list[Note]:
    notes = []
    interfaces = Interfaces(root)
    options = root.find("firewall", "options", "interface")
    for entry in tags(root, "firewall", "options", "interface"):
        interface = interfaces.make(entry.word, entry) if entry.children.keys() & PLACES.keys() else None
        if interface is not None and "disable" not in entry.children:
            for option, family in PLACES.items():
                if leaf := take(entry, option):
                    move(leaf, write(interface, family, of=leaf), "adjust-mss")
        elif interface is None and entry.children:
            message = "this name tells no kind of interface; kept as it is"
            notes.append(Note("", message, entry.span, ("firewall", "options", "interface", entry.word)))
            continue
        if options is not None:
            take(options, entry.word)
    prune(root, "firewall", "options", "interface")
    return notes
