"""Which chain is for an interface is said at the interface: firewall step 8-to-7.

``firewall interface eth0 in name X`` is ``interfaces ethernet eth0 firewall in name X``, ``firewall zone`` is
zone-policy.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.find_interface import Interfaces
from sapper.config.upgrade.graft import move, tags, take, write


def apply(root: Node) -> list[Lacking]:
    firewall = root.child("firewall")
    if firewall is None:
        return []
    lacks = []
    interfaces = Interfaces(root)
    for binding in tags(firewall, "interface"):
        interface = interfaces.make(binding.word, binding)
        if interface is None:
            reason = "a chain hangs on an interface of a known kind"
            lacks.append(lacking(binding, reason, "firewall", "interface", binding.word))
        else:
            move(binding, interface, "firewall")
    take(firewall, "interface")
    zones = take(firewall, "zone")
    if zones is not None:
        move(zones, write(root, "zone-policy", of=zones), "zone")
    return lacks
