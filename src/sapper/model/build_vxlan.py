"""``interfaces vxlan`` of the tree to VXLAN interfaces of the Router.

A range of VLANs that is mapped to a range of network identifiers is written out; ranges of different lengths are
refused by VyOS and left out.
"""

from __future__ import annotations

from typing import Literal

from sapper.model.branch import Assumed, Branch
from sapper.model.build_ethernet import HIGHEST_VLAN
from sapper.model.build_link import address_of, attached, hexadecimal, link_options, written_address
from sapper.model.interface import Vxlan

Df = Literal["set", "unset", "inherit"]
_DF: dict[str, Df] = {"set": "set", "unset": "unset", "inherit": "inherit"}


def build_vxlans(root: Branch, defaulted: list[Assumed]) -> tuple[Vxlan, ...]:
    """All VXLAN interfaces in order of writing."""
    return tuple(_vxlan(branch, defaulted) for branch in root.each("interfaces", "vxlan"))


def dont_fragment(branch: Branch) -> Df:
    """``parameters ip df``."""
    return _DF[branch.text("parameters", "ip", "df") or "unset"]


def _vxlan(branch: Branch, defaulted: list[Assumed]) -> Vxlan:
    remotes = (address_of(text) for text in branch.good_texts("remote"))
    return Vxlan(
        name=branch.name,
        origin=branch.origin,
        addresses=attached(branch, defaulted),
        mtu_bytes=branch.number_or(1500, "mtu"),
        vni=branch.number("vni"),
        remotes=tuple(address for address in remotes if address is not None),
        group=address_of(branch.text("group")),
        local=written_address(branch, "source-address"),
        source_interface=branch.text("source-interface"),
        port=branch.number_or(4789, "port"),
        gpe=branch.has("gpe"),
        external=branch.has("parameters", "external"),
        learning=not branch.has("parameters", "nolearning"),
        neighbor_suppress=branch.has("parameters", "neighbor-suppress"),
        vni_filter=branch.has("parameters", "vni-filter"),
        df=dont_fragment(branch),
        tos=hexadecimal(branch, "parameters", "ip", "tos"),
        ttl=branch.number_or(16, "parameters", "ip", "ttl"),
        flow_label=hexadecimal(branch, "parameters", "ipv6", "flowlabel"),
        vlan_to_vni=_vlan_to_vni(branch),
        disabled=branch.has("disable"),
        options=link_options(branch),
    )


def _vlan_to_vni(branch: Branch) -> tuple[tuple[int, int], ...]:
    """Each VLAN once, the first entry that has it; in ascending order. Overlapping ranges cost nothing twice."""
    pairs: dict[int, int] = {}
    following = list(range(HIGHEST_VLAN + 2))  # the next VLAN that no entry has had, as far as it is known

    def free(vlan: int) -> int:
        while following[vlan] != vlan:
            following[vlan] = following[following[vlan]]
            vlan = following[vlan]
        return vlan

    for entry in branch.each("vlan-to-vni"):
        vlans, vnis = _ends(entry.name), _ends(entry.text("vni") or "")
        if vlans is None or vnis is None or vlans[1] > HIGHEST_VLAN or vlans[1] - vlans[0] != vnis[1] - vnis[0]:
            continue
        vlan = free(vlans[0])
        while vlan <= vlans[1]:
            pairs[vlan] = vnis[0] + vlan - vlans[0]
            following[vlan] = vlan + 1
            vlan = free(vlan + 1)
    return tuple(sorted(pairs.items()))


def _ends(text: str) -> tuple[int, int] | None:
    """Both ends of ``N`` or ``FROM-TO``, or None if it is neither."""
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not all(end.isascii() and end.isdigit() and len(end) <= 8 for end in (first, last)):
        return None
    return (int(first), int(last)) if int(first) <= int(last) else None
