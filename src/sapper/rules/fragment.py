"""How much of a router a text shows.

A text that configures no Ethernet interface is a fragment: what it names and does not define may be on the router
that it was cut from, so nothing is said of it.
"""

from __future__ import annotations

from sapper.model.branch import Branch


def is_whole(top: Branch) -> bool:
    """True if the text configures an Ethernet interface, so that what it does not define is nowhere."""
    return top.has("interfaces", "ethernet")
