"""Foreign files can no longer be included: VyOS' ipsec step 11-to-12.

What they said is lost, and VyOS says nothing; it is noted here.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import take
from sapper.config.upgrade.step import Note, Written

_WORDS = ("include-ipsec-conf", "include-ipsec-secrets")


def apply(root: Node, written: Written) -> list[Note]:
    ipsec = root.find("vpn", "ipsec")
    notes = []
    for word in _WORDS:
        gone = take(ipsec, word) if ipsec else None
        if gone is not None:
            message = f"{word} is gone since 1.4; what that file says is lost"
            notes.append(Note("", message, gone.span, ("vpn", "ipsec", word)))
    return notes
