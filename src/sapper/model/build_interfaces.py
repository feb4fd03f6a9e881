"""Interfaces of the tree to interfaces of the Router, and what had to be assumed for a tunnel.

An address without length becomes a host address, a tunnel without encapsulation becomes GRE, and an encapsulation
of the other family than its ends becomes its counterpart: VyOS refuses each of these, and sapper says what it goes
on with. Source: VyOS' interfaces_tunnel and its siblings.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.address import WIDTH_BITS, Address, Attached
from sapper.model.branch import Assumed, Branch
from sapper.model.interface import Bridge, Dummy, Ethernet, Loopback, Tunnel, Vti
from sapper.model.tunnel_family import choose_encapsulation
from sapper.schema.tunnel import IPV6_ENCAPSULATIONS

Dynamic = Literal["dhcp", "dhcpv6", "autoconf"]


class Interfaces(NamedTuple):
    ethernets: tuple[Ethernet, ...]
    dummies: tuple[Dummy, ...]
    loopbacks: tuple[Loopback, ...]
    bridges: tuple[Bridge, ...]
    tunnels: tuple[Tunnel, ...]
    vtis: tuple[Vti, ...]


def build_interfaces(root: Branch, defaulted: list[Assumed]) -> Interfaces:
    """All modelled interfaces in order of writing."""
    ethernets = [
        ethernet
        for branch in root.each("interfaces", "ethernet")
        for ethernet in _ethernet_and_vlans(branch, defaulted)
    ]
    return Interfaces(
        ethernets=tuple(ethernets),
        dummies=tuple(_dummy(branch, defaulted) for branch in root.each("interfaces", "dummy")),
        loopbacks=tuple(
            Loopback(name=branch.name, origin=branch.origin, addresses=attached(branch, defaulted))
            for branch in root.each("interfaces", "loopback")
        ),
        bridges=tuple(_bridge(branch, defaulted) for branch in root.each("interfaces", "bridge")),
        tunnels=tuple(_tunnel(branch, defaulted) for branch in root.each("interfaces", "tunnel")),
        vtis=tuple(_vti(branch, defaulted) for branch in root.each("interfaces", "vti")),
    )


def attached(branch: Branch, defaulted: list[Assumed]) -> tuple[Attached, ...]:
    """The static addresses of an interface, each once; what is no address is left out."""
    found: dict[Attached, None] = {}
    for value in branch.texts("address"):
        try:
            found[Attached.parse(value.word)] = None
        except ValueError:
            address = address_of(value.word)
            if address is None:
                continue
            width = WIDTH_BITS[address.family]
            found[Attached(address, width)] = None
            message = f"{value.word} has no prefix length; VyOS refuses it, sapper goes on with /{width}"
            defaulted.append(Assumed("CFG303", message, f"{branch.where} address", value.span))
    return tuple(found)


def address_of(text: str | None) -> Address | None:
    """The address in a text that may carry a stray prefix length, or None."""
    try:
        return Address.parse(text.partition("/")[0]) if text is not None else None
    except ValueError:
        return None


def _dynamic(branch: Branch) -> tuple[Dynamic, ...]:
    words = {value.word for value in branch.texts("address")}
    found: list[Dynamic] = []
    if "dhcp" in words:
        found.append("dhcp")
    if "dhcpv6" in words:
        found.append("dhcpv6")
    if branch.has("ipv6", "address", "autoconf"):
        found.append("autoconf")
    return tuple(found)


def _ethernet_and_vlans(branch: Branch, defaulted: list[Assumed]) -> list[Ethernet]:
    physical = Ethernet(
        name=branch.name,
        origin=branch.origin,
        addresses=attached(branch, defaulted),
        dynamic=_dynamic(branch),
        mtu_bytes=branch.number("mtu"),
        disabled=branch.has("disable"),
    )
    vlans = [
        Ethernet(
            name=f"{branch.name}.{vif.name}",
            origin=vif.origin,
            addresses=attached(vif, defaulted),
            dynamic=_dynamic(vif),
            mtu_bytes=vif.number("mtu"),
            disabled=physical.disabled or vif.has("disable"),
            parent=branch.name,
            vlan=int(vif.name),
        )
        for vif in branch.each("vif")
        if vif.name.isascii() and vif.name.isdigit() and len(vif.name) <= 4 and int(vif.name) <= 4094
    ]
    return [physical, *vlans]


def _dummy(branch: Branch, defaulted: list[Assumed]) -> Dummy:
    return Dummy(
        name=branch.name,
        origin=branch.origin,
        addresses=attached(branch, defaulted),
        mtu_bytes=branch.number("mtu"),
        disabled=branch.has("disable"),
    )


def _bridge(branch: Branch, defaulted: list[Assumed]) -> Bridge:
    return Bridge(
        name=branch.name,
        origin=branch.origin,
        members=tuple(member.name for member in branch.each("member", "interface")),
        addresses=attached(branch, defaulted),
        mtu_bytes=branch.number("mtu"),
        disabled=branch.has("disable"),
    )


def _vti(branch: Branch, defaulted: list[Assumed]) -> Vti:
    return Vti(
        name=branch.name,
        origin=branch.origin,
        addresses=attached(branch, defaulted),
        mtu_bytes=branch.number("mtu") or 1500,
        disabled=branch.has("disable"),
    )


def _tunnel(branch: Branch, defaulted: list[Assumed]) -> Tunnel:
    addresses = attached(branch, defaulted)
    ends = _end(branch, "source-address"), _end(branch, "remote")
    chosen = choose_encapsulation(branch, ends, addresses, defaulted)
    hops = ("ipv6", "hoplimit") if chosen.encapsulation in IPV6_ENCAPSULATIONS else ("ip", "ttl")
    ttl = branch.number("parameters", *hops)
    return Tunnel(
        name=branch.name,
        origin=branch.origin,
        encapsulation=chosen.encapsulation,
        local=chosen.local,
        remote=chosen.remote,
        source_interface=branch.text("source-interface"),
        addresses=addresses,
        key=branch.number("parameters", "ip", "key"),
        ttl=64 if ttl is None else ttl,
        mtu_bytes=branch.number("mtu") or 1476,
        encaplimit=branch.number("parameters", "ipv6", "encaplimit"),
        pmtu_discovery=not branch.has("parameters", "ip", "no-pmtu-discovery"),
        ignore_df=branch.has("parameters", "ip", "ignore-df"),
        multicast=branch.has("enable-multicast"),
        disabled=branch.has("disable"),
    )


def _end(branch: Branch, word: str) -> Address | None:
    value = branch.in_force(word)
    return address_of(value.word) if value is not None else None
