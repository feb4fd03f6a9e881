"""``offload-options generic-receive on`` is the flag ``offload gro``: VyOS' interfaces steps 17-to-18 and 20-to-21.

VyOS then asks the network card and drops what it cannot do, and writes down what the card does unasked. Here is no
card to ask: what the text says is kept.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, take, write
from sapper.config.upgrade.step import Note, Written

FLAGS = {"generic-receive": "gro", "generic-segmentation": "gso", "scatter-gather": "sg", "tcp-segmentation": "tso"}


def apply(root: Node, written: Written) -> list[Note]:
    for interface in tags(root, "interfaces", "ethernet"):
        old = take(interface, "offload-options")
        for option in old.children.values() if old else ():
            if option.word in FLAGS and "on" in option.children:
                write(interface, "offload", FLAGS[option.word], of=option)
        if offload := interface.child("offload"):
            _to_flags(offload)
    return []


def _to_flags(offload: Node) -> None:
    for option in list(offload.children.values()):
        if option.children and set(option.children) <= {"on", "off"}:
            if option.values()[-1].word == "off":
                take(offload, option.word)
            option.children = {}
