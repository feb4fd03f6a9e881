"""A static ARP entry names its interface: ``arp A hwaddr M`` is ``arp interface IF address A mac M``.

Done by the steps up to quagga 11. The interface is the one whose prefix holds the address, the longest if several do;
an entry for an address of no interface is kept, and named.
"""

from __future__ import annotations

from ipaddress import IPv4Interface, ip_address, ip_interface

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans

Connected = list[tuple[IPv4Interface, str]]


def apply(root: Node, written: Written) -> list[Note]:
    arp = root.find("protocols", "static", "arp")
    notes: list[Note] = []
    if arp is None:
        return notes
    networks = connected(root)
    for entry in list(arp.children.values()):
        if "hwaddr" not in entry.children:
            continue
        interface = interface_of(entry.word, networks)
        if interface is None:
            message = "no interface has an address of this network; kept as it is"
            notes.append(Note("", message, entry.span, ("protocols", "static", "arp", entry.word)))
            continue
        take(arp, entry.word)
        addresses = write(arp, "interface", interface, "address", of=entry)
        mac = entry.children.pop("hwaddr")
        move(mac, move(entry, addresses, entry.word), "mac")
    return notes


def connected(root: Node) -> Connected:
    """Every IPv4 prefix of an interface with the interface's name, the longest first."""
    found: Connected = []
    for node, name, _path in with_vlans(root):
        for value in tags(node, "address"):
            try:
                address = ip_interface(value.word)
            except ValueError:
                continue
            if isinstance(address, IPv4Interface) and "/" in value.word:
                found.append((address, name))
    return sorted(found, key=lambda pair: -pair[0].network.prefixlen)


def interface_of(word: str, networks: Connected) -> str | None:
    """The interface whose prefix holds the address."""
    try:
        address = ip_address(word)
    except ValueError:
        return None
    return next((name for interface, name in networks if address in interface.network), None)
