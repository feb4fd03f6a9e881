"""The flag ``offload gro`` is ``offload-options generic-receive on``: interfaces step 21-to-17.

What the older card's options do not know is left as it is: it changes no packet.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.ethernet_offload import FLAGS
from sapper.config.upgrade.graft import prune, tags, take, write

_WORDS = {flag: word for word, flag in FLAGS.items()}


def apply(root: Node) -> list[Lacking]:
    for interface in tags(root, "interfaces", "ethernet"):
        offload = interface.child("offload")
        for flag in tags(interface, "offload"):
            if offload is not None and flag.word in _WORDS:
                write(interface, "offload-options", _WORDS[flag.word], "on", of=flag)
                take(offload, flag.word)
        prune(interface, "offload")
    return []
