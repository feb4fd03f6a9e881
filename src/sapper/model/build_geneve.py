"""``interfaces geneve`` of the tree to GENEVE interfaces of the Router."""

from __future__ import annotations

from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, hexadecimal, link_options, written_address
from sapper.model.build_vxlan import dont_fragment
from sapper.model.interface import Geneve


def build_geneves(root: Branch, defaulted: list[Assumed]) -> tuple[Geneve, ...]:
    """All GENEVE interfaces in order of writing."""
    return tuple(
        Geneve(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            mtu_bytes=branch.number_or(1500, "mtu"),
            vni=branch.number("vni"),
            remote=written_address(branch, "remote"),
            df=dont_fragment(branch),
            tos=hexadecimal(branch, "parameters", "ip", "tos"),
            ttl=branch.number_or(0, "parameters", "ip", "ttl"),
            flow_label=hexadecimal(branch, "parameters", "ipv6", "flowlabel"),
            inner_protocol=branch.has("parameters", "ip", "innerproto"),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "geneve")
    )
