"""A Plan's links in the order in which a kernel can create them, and which names may stand in a file at all.

A link comes after the one that it is on (its parent, or the device that its outer packets leave by). L2TP sockets are
bound to an address, so ``l2tpeth`` links, and what is on them, are late: they follow once the others have their
addresses. Source of the name's rule: dev_valid_name in net/core/dev.c; less is allowed here, because every format
has characters of its own that mean something.
"""

from __future__ import annotations

import re

from sapper.kernel.plan import Link, Plan
from sapper.render.inexpressible import Inexpressible

GIVEN_KINDS = frozenset({"ethernet", "loopback"})  # never created: the hardware or the kernel brings them
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+~-]{0,14}")


def checked_name(name: str, path: str) -> str:
    """The name of a link if it can stand unquoted in every format. Raises Inexpressible."""
    if not _NAME.fullmatch(name):
        raise Inexpressible(path, f"{name!r} cannot be written as the name of a link")
    return name


def below(link: Link) -> str | None:
    """The name of the link that this one is on."""
    if link.encapsulating is not None:
        return link.encapsulating.link
    if link.vxlan is not None:
        return link.vxlan.link
    return link.parent


def in_order(plan: Plan) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """The links, below before above, otherwise as the Plan has them: those that come at once, and the late ones.

    Raises Inexpressible for a name that cannot be written, a PPPoE session and links that are on each other.
    """
    for link in plan.links:
        _check(link)
    placed: dict[str, Link] = {}
    waiting = list(plan.links)
    while waiting:
        ready = [link for link in waiting if (base := below(link)) in placed or base is None or not plan.link(base)]
        if not ready:
            raise Inexpressible(f"link {waiting[0].name}", f"it is on {below(waiting[0])}, and that on it")
        placed |= {link.name: link for link in ready}
        waiting = [link for link in waiting if link.name not in placed]
    late: set[str] = set()
    for link in placed.values():
        if link.kind == "l2tpeth" or below(link) in late:
            late.add(link.name)
    everything = tuple(placed.values())
    return tuple(link for link in everything if link.name not in late), tuple(
        link for link in everything if link.name in late
    )


def section_of(link: Link) -> str:
    """The configuration's words for the link, for a comment."""
    words = {"xfrm": "vti", "l2tpeth": "l2tpv3"}
    if link.kind == "vrf":
        return f"vrf name {link.name}"
    if link.kind == "vlan":
        return f"interfaces ethernet {link.parent} vif {link.vlan}"
    if link.encapsulating is not None:
        return f"interfaces tunnel {link.name} ({link.kind})"
    return f"interfaces {words.get(link.kind, link.kind)} {link.name}" + (", assumed" if link.assumed else "")


def _check(link: Link) -> None:
    path = f"link {link.name}"
    for name in (link.name, link.master, below(link)):
        if name is not None:
            checked_name(name, path)
    if link.kind == "pppoe":
        raise Inexpressible(path, "a PPPoE session is made by a PPP daemon, not by any of these formats")
