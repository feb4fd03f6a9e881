"""The tunnels that a guest can make for the sweep of sizes, each with the layers that it puts around a packet.

Most are links of a Plan. What a Plan does not say (checksums of GRE, FOU and GUE, cookies, MACsec) is made with
iproute2's commands, which are a second opinion beside; what only a route can say (MPLS, VXLAN-GPE) has the route's
encapsulation. Ends and networks are fixed, so that devices are values.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.plan import (
    Encapsulating,
    ErspanHeader,
    GeneveHeader,
    Link,
    LinkKind,
    VxlanHeader,
    WireguardDevice,
    WireguardPeer,
)
from sapper.rules.curve25519 import LENGTH_BYTES, public_key

DEVICE = "tun0"
FAMILIES: tuple[Family, ...] = (4, 6)
ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
INNER = (Attached.parse("10.0.0.1/8"), Attached.parse("fd00::1/16"))
_BETWEEN = {family: f"local {ends[0]} remote {ends[1]}" for family, ends in ENDS.items()}
_ANYTHING = (Prefix.everything(4), Prefix.everything(6))
_WIREGUARD_PORT = 51820

Behaviour = Literal["refuses", "cuts", "fits itself"]
"""What becomes of a packet that is too large: refused; sent in fragments, because the outer header has no
don't-fragment bit; or refused by the device's own MTU, which is then what fits."""


class Device(NamedTuple):
    """``ip`` is the layer (or layers) that stand outermost, ``layers`` those behind it, ``outer`` its family.

    At most one of ``link`` (of a Plan) and ``lines`` (of iproute2, undone by ``undo``) makes it; ``far`` is the link
    of the other end, where one must answer. ``encap``: what each route to a destination encapsulates in.
    ``takes_ipsec``: IPsec can stand around it. ``remembers``: what was learnt of the path below stays with the device,
    so that each stack needs a new one.
    """

    layers: tuple[str, ...]
    outer: Family
    ip: str
    link: Link | None = None
    families: tuple[Family, ...] = FAMILIES
    lines: tuple[str, ...] = ()
    undo: tuple[str, ...] = (f"link del {DEVICE}",)
    far: Link | None = None
    encap: dict[str, Any] | None = None
    behaviour: Behaviour = "refuses"
    takes_ipsec: bool = True
    remembers: bool = False

    @property
    def is_plain(self) -> bool:
        """True where IPsec or a route alone makes the packets."""
        return self.link is None and not self.lines

    @property
    def is_virtual(self) -> bool:
        """True for an XFRM interface."""
        return self.link is not None and self.link.kind == "xfrm"


def devices() -> Iterator[Device]:
    """Every kind of tunnel that a guest can make, over both families."""
    yield from _gre()
    yield from _ip_in_ip()
    yield from _ethernet_in_udp()
    yield from _foo_over_udp()
    yield from _l2tpv3()
    yield from _wireguard()
    yield from _nested()
    yield Device((), 4, "ethernet/macsec", lines=_MACSEC, behaviour="fits itself", takes_ipsec=False)
    for labels in (1, 3):
        route = {"kind": "mpls", "labels": list(range(100, 100 + labels))}
        yield Device((), 4, f"mpls:labels={labels}", encap=route, takes_ipsec=False)
    for outer in FAMILIES:
        yield Device((), outer, f"ipv{outer}", Link(name=DEVICE, kind="xfrm", addresses=INNER, if_id=1))
        yield Device((), outer, f"ipv{outer}")


def _ends(outer: Family) -> tuple[Address, Address]:
    near, far = ENDS[outer]
    return Address.parse(near), Address.parse(far)


def _tunnel(kind: LinkKind, protocol: int, outer: Family, **more: Any) -> Link:
    local, remote = _ends(outer)
    outside = Encapsulating(protocol=protocol, local=local, remote=remote, **more)
    return Link(name=DEVICE, kind=kind, addresses=INNER, encapsulating=outside)


def _gre() -> Iterator[Device]:
    for key in (None, 7):
        suffix = "" if key is None else ":key"
        gre, tap = f"gre{suffix}", f"gretap{suffix}"
        yield Device((gre,), 4, "ipv4", _tunnel("gre", 47, 4, key=key))
        yield Device((tap,), 4, "ipv4", _tunnel("gretap", 47, 4, key=key))
        yield Device((gre,), 6, "ipv6", _tunnel("ip6gre", 47, 6, key=key))
        yield Device((gre,), 6, "ipv6:encaplimit", _tunnel("ip6gre", 47, 6, key=key, encaplimit=4))
        yield Device((tap,), 6, "ipv6", _tunnel("ip6gretap", 47, 6, key=key))
    for words, options in (("csum", "csum"), ("seq", "seq"), ("key,csum,seq", "key 7 csum seq")):
        for outer, kinds, more in ((FAMILIES[0], "{}", ""), (FAMILIES[1], "ip6{}", " encaplimit none")):
            for kind in ("gre", "gretap"):
                line = f"link add {DEVICE} type {kinds.format(kind)} {_BETWEEN[outer]} {options}{more}"
                yield Device((f"{kind}:{words}",), outer, f"ipv{outer}", lines=(line,))
    for version, word in ((1, "erspan:ii"), (2, "erspan:iii")):
        header = ErspanHeader(version=1 if version == 1 else 2)
        yield Device((word,), 4, "ipv4", _tunnel("erspan", 47, 4, key=7, sequence=True, erspan=header))
        yield Device((word,), 6, "ipv6", _tunnel("ip6erspan", 47, 6, key=7, sequence=True, erspan=header))


def _ip_in_ip() -> Iterator[Device]:
    yield Device((), 4, "ipv4", _tunnel("ipip", 4, 4), (4,))
    yield Device((), 4, "ipv4", _tunnel("sit", 41, 4), (6,))
    for limit in (None, 4):
        ip = "ipv6" if limit is None else "ipv6:encaplimit"
        yield Device((), 6, ip, _tunnel("ip6tnl", 4, 6, payload=4, encaplimit=limit), (4,))
        yield Device((), 6, ip, _tunnel("ip6tnl", 41, 6, payload=41, encaplimit=limit), (6,))


def _ethernet_in_udp() -> Iterator[Device]:
    """VXLAN, its generic extension, and GENEVE with a frame and with a bare packet inside."""
    for outer in FAMILIES:
        ip = f"ipv{outer}"
        local, remote = _ends(outer)
        df: Literal["inherit", "unset"] = "inherit" if outer == 4 else "unset"
        vxlan = VxlanHeader(vni=7, local=local, remotes=(remote,), df=df)
        yield Device(("udp", "vxlan"), outer, ip, Link(name=DEVICE, kind="vxlan", addresses=INNER, vxlan=vxlan))
        for bare, word in ((False, "geneve"), (True, "geneve:ip")):
            geneve = GeneveHeader(vni=7, remote=remote, df=df, inner_protocol=bare)
            link = Link(name=DEVICE, kind="geneve", addresses=INNER, geneve=geneve)
            yield Device(("udp", word), outer, ip, link)
        line = f"link add {DEVICE} type vxlan dstport 4790 external gpe"
        route = {"kind": ip, "id": 7, "source": str(local), "destination": str(remote)}
        yield Device(("udp", "vxlan-gpe:ip"), outer, ip, lines=(line,), encap=route)


def _foo_over_udp() -> Iterator[Device]:
    for word in ("fou", "gue"):
        encap = f"encap {word} encap-sport 5555 encap-dport 5555"
        for kind, layers, outer, families, more in (
            ("ipip", (), FAMILIES[0], (FAMILIES[0],), ""),
            ("sit", (), FAMILIES[0], (FAMILIES[1],), ""),
            ("gre", ("gre",), FAMILIES[0], FAMILIES, ""),
            ("gre", ("gre:key",), FAMILIES[0], FAMILIES, " key 7"),
            ("ip6tnl", (), FAMILIES[1], FAMILIES, " mode any encaplimit none"),
            ("ip6gre", ("gre",), FAMILIES[1], FAMILIES, " encaplimit none"),
        ):
            line = f"link add {DEVICE} type {kind} {_BETWEEN[outer]}{more} {encap}"
            yield Device(("udp", word, *layers), outer, f"ipv{outer}", families=families, lines=(line,))


def _l2tpv3() -> Iterator[Device]:
    ids = "tunnel_id 1 peer_tunnel_id 1"
    for outer in FAMILIES:
        for udp in (True, False):
            ports = "udp_sport 5000 udp_dport 5000" if udp else ""
            tunnel = f"l2tp add tunnel {ids} encap {'udp' if udp else 'ip'} {_BETWEEN[outer]} {ports}"
            for words, more in (
                ("sublayer", ""),
                ("cookie=4,sublayer", "cookie 01234567"),
                ("cookie=8", "cookie 0123456789abcdef l2spec_type none"),
            ):
                session = f"l2tp add session name {DEVICE} tunnel_id 1 session_id 1 peer_session_id 1 {more}"
                yield Device(
                    ("udp",) * udp + (f"l2tpv3:{words}",),
                    outer,
                    f"ipv{outer}",
                    lines=(tunnel, session),
                    undo=("l2tp del tunnel tunnel_id 1",),
                    behaviour="cuts",
                )


def _wireguard() -> Iterator[Device]:
    """A device that is as large as the link allows, and one that leaves it to the kernel's arithmetic."""
    for outer in FAMILIES:
        near, far = _ends(outer)
        pair = (_wireguard_link(0, far, INNER), _wireguard_link(1, near, ()))
        ip = f"ipv{outer}"
        yield Device(("udp", "wireguard"), outer, ip, pair[0], far=pair[1], behaviour="fits itself")
        yield Device(("udp", "wireguard:mtu=30000"), outer, ip, pair[0], far=pair[1], behaviour="cuts")


def _wireguard_link(own: int, remote: Address, addresses: tuple[Attached, ...]) -> Link:
    """``own`` 0 or 1 is this end's number. No key travels in a Plan: the guest's agent puts in its own."""
    public = base64.b64encode(public_key(wireguard_key(1 - own))).decode()
    peer = WireguardPeer(public_key=public, allowed=_ANYTHING, endpoint=remote, port=_WIREGUARD_PORT)
    device = WireguardDevice(private_key=None, port=_WIREGUARD_PORT, peers=(peer,))
    return Link(name=DEVICE, kind="wireguard", addresses=addresses, wireguard=device)


def wireguard_key(end: int) -> bytes:
    """The private key of an end, which protects nothing."""
    return bytes(range(end, end + LENGTH_BYTES))


def _nested() -> Iterator[Device]:
    """A tunnel in a tunnel: each device makes its own sums of what the one below takes."""
    for outer, below, made, inside in (
        (FAMILIES[0], ("gre",), "type gre", ("ipv4", "gre:key")),
        (FAMILIES[0], ("gre:key",), "type gre key 7", ("ipv4", "udp", "vxlan")),
        (FAMILIES[1], (), "type ip6tnl mode ip6ip6 encaplimit none", ("ipv6", "gre")),
    ):
        near, far = ("10.200.0.1", "10.200.0.2") if outer == 4 else ("fd77::1", "fd77::2")
        upper = {
            "gre:key": f"type gre local {near} remote {far} key 8",
            "vxlan": f"type vxlan id 7 local {near} remote {far} dstport 4789 df inherit",
            "gre": f"type ip6gre local {near} remote {far} encaplimit none",
        }[inside[-1]]
        lines = (
            f"link add {_LOWER} {made} {_BETWEEN[outer]}",
            f"link set {_LOWER} mtu {_ROOMY_MTU} up",
            f"address add {near}/{24 if outer == 4 else 64} dev {_LOWER}",
            f"link add {DEVICE} {upper}",
        )
        undo = (f"link del {DEVICE}", f"link del {_LOWER}")
        yield Device((*below, *inside), outer, f"ipv{outer}", lines=lines, undo=undo, remembers=True)


_LOWER, _ROOMY_MTU = "tun1", 30000
_MACSEC = (
    f"link add link eth0 {DEVICE} type macsec encrypt on",
    f"macsec add {DEVICE} tx sa 0 pn 1 on key 01 12345678901234567890123456789012",
)
