"""What a routing protocol does on an interface is said at the protocol: VyOS' interfaces step 23-to-24.

``interfaces ethernet eth0 ip ospf`` is ``protocols ospf interface eth0``; rip, ospfv3 and ripng likewise. The options
below are the protocol's own and stay as they are.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans

_PROTOCOLS = (("ip", "ospf"), ("ip", "rip"), ("ipv6", "ospfv3"), ("ipv6", "ripng"))


def apply(root: Node, written: Written) -> list[Note]:
    for node, name, _path in list(with_vlans(root)):
        for family, protocol in _PROTOCOLS:
            options = node.child(family)
            routing = take(options, protocol) if options else None
            if options is None or routing is None:
                continue
            move(routing, write(root, "protocols", protocol, "interface", of=routing), name)
            if not options.children:
                take(node, family)
    return []
