"""Kernel settings have one form, ``sysctl parameter NAME value V``: a step of system before 1.3.

Older files write ``sysctl custom NAME value V``, ``sysctl all NAME value V`` or ``sysctl NAME V``.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    sysctl = root.find("system", "sysctl")
    for old in list(sysctl.children.values()) if sysctl else ():
        if sysctl is None or old.word == "parameter":
            continue
        if old.word in ("custom", "all"):
            take(sysctl, old.word)
            for setting in list(old.children.values()):
                move(setting, write(sysctl, "parameter", of=setting), setting.word)
        elif "." in old.word:
            take(sysctl, old.word)
            values = write(sysctl, "parameter", old.word, "value", of=old)
            for value in list(old.children.values()):
                move(value, values, value.word)
    return []
