"""Which interface a chain is for is said in the firewall: VyOS' firewall step 7-to-8.

``interfaces ethernet eth0 firewall in name X`` is ``firewall interface eth0 in name X``; zone-policy is ``firewall
zone``.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, prune, take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node, written: Written) -> list[Note]:
    for node, name, _path in list(with_vlans(root)):
        binding = take(node, "firewall")
        if binding is not None:
            move(binding, write(root, "firewall", "interface", of=binding), name)
    policy = root.child("zone-policy")
    zones = take(policy, "zone") if policy else None
    if zones is not None:
        move(zones, write(root, "firewall", of=zones), "zone")
        prune(root, "zone-policy")
    return []
