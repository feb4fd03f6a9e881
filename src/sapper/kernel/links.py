"""Every kind of interface as links, one file each, and the words for what a link encapsulates.

A new kind is one file (``link_NAME.py`` with a function ``links``) and one line in the list here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sapper.encap.encapsulation import Encapsulation
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel import (
    link_bridge,
    link_dummy,
    link_ethernet,
    link_geneve,
    link_l2tpv3,
    link_loopback,
    link_pppoe,
    link_tunnel,
    link_vrf,
    link_vti,
    link_vxlan,
    link_wireguard,
)
from sapper.kernel.link_vti import vti_if_id
from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router

__all__ = ["encapsulation_of", "links_of", "record_of", "vti_if_id"]

# In the order of the Plan, which is that of VyOS' commit as far as one link needs another.
_KINDS = (
    link_vrf,
    link_ethernet,
    link_dummy,
    link_loopback,
    link_bridge,
    link_pppoe,
    link_wireguard,
    link_tunnel,
    link_vti,
    link_vxlan,
    link_geneve,
    link_l2tpv3,
)
_WORDS = {record.link_kind: name for name, record in ENCAPSULATIONS.items()}


def links_of(router: Router, raised_by: Mapping[str, str]) -> Iterator[Link]:
    """Every link of the router; ``raised_by`` maps a VTI to the child whose updown script raises it."""
    membership = Membership.of(router, raised_by)
    for kind in _KINDS:
        yield from kind.links(router, membership)


def encapsulation_of(link: Link) -> str:
    """The configuration's word for a link's encapsulation: ``gre``, ``ip6ip6``, ``vti`` …, or ``none``."""
    if link.kind == "ip6tnl" and link.encapsulating is not None:
        return "ipip6" if link.encapsulating.payload == 4 else "ip6ip6"
    return _WORDS.get(link.kind, "none")


def record_of(link: Link) -> Encapsulation | None:
    """What is known of a link's encapsulation; None for a link that is none."""
    return ENCAPSULATIONS.get(encapsulation_of(link))
