"""From an interface's name to its node: old words name an interface elsewhere, new ones say it at the interface.

The name of a VLAN is the parent's with its number (``eth0.10``, ``eth0.200.20``). What the text does not configure is
told by its prefix, so that a fragment can be upgraded too.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import write
from sapper.config.upgrade.vlans import with_vlans

_PREFIXES = {
    "bond": "bonding", "br": "bridge", "dum": "dummy", "eno": "ethernet", "ens": "ethernet", "enp": "ethernet",
    "enx": "ethernet", "eth": "ethernet", "lan": "ethernet", "gnv": "geneve", "ifb": "input", "l2tpeth": "l2tpv3",
    "macsec": "macsec", "peth": "pseudo-ethernet", "pppoe": "pppoe", "sstpc": "sstpc", "tun": "tunnel",
    "veth": "virtual-ethernet", "vti": "vti", "vtun": "openvpn", "vxlan": "vxlan", "wg": "wireguard",
    "wlan": "wireless", "wwan": "wwan",
}  # fmt: skip


class Interfaces:
    """The interfaces and VLANs of a tree by name, found once."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._by_name: dict[str, Node] = {}
        for node, name, _ in with_vlans(root):
            self._by_name.setdefault(name, node)

    def make(self, name: str, of: Node) -> Node | None:
        """The node of that interface, made if it is not there; None if the name tells no kind of interface."""
        known = self._by_name.get(name)
        if known is not None:
            return known
        parent, _, vlans = name.partition(".")
        kind = kind_of(parent)
        if kind is None:
            return None
        words = ["interfaces", kind, parent]
        for tag, vlan in zip(_vlan_tags(vlans), vlans.split("."), strict=False):
            words += [tag, vlan]
        made = self._by_name[name] = write(self._root, *words, of=of)
        return made


def kind_of(name: str) -> str | None:
    """The word below ``interfaces`` for an interface of that name, without a VLAN's number; None for an unknown one."""
    if name == "lo":
        return "loopback"
    known = [prefix for prefix in _PREFIXES if name.startswith(prefix) and name[len(prefix) :][:1].isalnum()]
    prefix = max(known, key=len, default="")
    return _PREFIXES[prefix] if prefix == "enx" or name[len(prefix) :][:1].isdigit() else None


def _vlan_tags(vlans: str) -> tuple[str, ...]:
    if not vlans:
        return ()
    return ("vif-s", "vif-c") if "." in vlans else ("vif",)
