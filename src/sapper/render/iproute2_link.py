"""``ip link add`` for every kind of link that a Plan has, in iproute2's words.

Everything that the Plan knows is written, also where it equals iproute2's default, so that the device is what the
Plan says under every version. A word that the kind has not is an error. Sources: ip-link(8), iproute2's ip/link_*.c.
"""

from __future__ import annotations

from collections.abc import Callable

from sapper.kernel.plan import TUNNEL_KINDS, Encapsulating, ErspanHeader, Link
from sapper.render.inexpressible import Inexpressible

_OVER_IPV6 = frozenset({"ip6tnl", "ip6gre", "ip6gretap", "ip6erspan"})
_GRE = frozenset({"gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan"})
_MODES = {"ipip": "ipip", "sit": "ip6ip"}


def creation(link: Link) -> list[str]:
    """The line that creates the link. Raises Inexpressible."""
    mtu = f" mtu {link.mtu_bytes}" if link.mtu_bytes is not None else ""
    on = f" link {link.parent}" if link.kind == "vlan" and link.parent else ""
    words = _KINDS[link.kind](link) if link.kind in _KINDS else _tunnel(link)
    return [f"link add{on} name {link.name}{mtu} type {' '.join([link.kind, *words])}"]


def _missing(link: Link, what: str) -> Inexpressible:
    return Inexpressible(f"link {link.name}", f"{link.kind}, without {what}")


def _tunnel(link: Link) -> list[str]:
    if link.kind not in TUNNEL_KINDS:
        raise Inexpressible(f"link {link.name}", f"ip does not create a link of kind {link.kind}")
    outer = link.encapsulating
    if outer is None:
        raise _missing(link, "its ends")
    _check_tunnel(link, outer)
    words = ["local", str(outer.local or "any"), "remote", str(outer.remote or "any")]
    words += ["dev", outer.link] if outer.link else []
    if link.kind in _OVER_IPV6:
        words += _ipv6_words(outer)
    else:
        words += ["ttl", str(outer.ttl) if outer.ttl else "inherit"]
        words += ["tos", "inherit" if outer.tos_inherit else f"{outer.tos:#04x}"]
        words.append("pmtudisc" if outer.pmtu_discovery else "nopmtudisc")
    if link.kind == "ip6tnl":
        words = ["mode", "ipip6" if outer.payload == 4 else "ip6ip6", *words]
    if link.kind in _MODES:
        words = ["mode", _MODES[link.kind], *words]
    if link.kind in _GRE:
        words += _gre_words(link, outer)
    if outer.sixrd is not None:
        words += ["6rd-prefix", str(outer.sixrd.prefix), "6rd-relay_prefix", str(outer.sixrd.relay)]
    return words


def _check_tunnel(link: Link, outer: Encapsulating) -> None:
    family = 6 if link.kind in _OVER_IPV6 else 4
    for name, address in (("local", outer.local), ("remote", outer.remote)):
        if address is not None and address.family != family:
            raise Inexpressible(f"link {link.name} {name}", f"{address} cannot be the end of {link.kind}")
    for name, has, kinds in (
        ("key", outer.key is not None, _GRE),
        ("sequence", outer.sequence, _GRE),
        ("ignore-df", outer.ignore_df, {"gre", "gretap", "erspan"}),
        ("6rd", outer.sixrd is not None, {"sit"}),
        ("erspan", outer.erspan is not None, {"erspan", "ip6erspan"}),
    ):
        if has and link.kind not in kinds:
            raise Inexpressible(f"link {link.name} {name}", f"{link.kind} has none")


def _ipv6_words(outer: Encapsulating) -> list[str]:
    label = "inherit" if outer.flow_label is None else f"{outer.flow_label:#07x}"
    return [
        *("hoplimit", str(outer.ttl)),
        *("encaplimit", "none" if outer.encaplimit is None else str(outer.encaplimit)),
        *("tclass", "inherit" if outer.tos_inherit else f"{outer.tos:#04x}"),
        *("flowlabel", label),
    ]


def _gre_words(link: Link, outer: Encapsulating) -> list[str]:
    words = ["key", str(outer.key)] if outer.key is not None else ["nokey"]
    words.append("seq" if outer.sequence else "noseq")
    if link.kind in ("erspan", "ip6erspan"):
        header = outer.erspan or ErspanHeader()
        words += ["erspan_ver", str(header.version)]
        if header.version == 1:
            words += ["erspan", str(header.index)]
        else:
            words += ["erspan_dir", "egress" if header.egress else "ingress", "erspan_hwid", str(header.hw_id)]
    elif outer.ignore_df:
        words.append("ignore-df")
    return words


def _vlan(link: Link) -> list[str]:
    if link.vlan is None or link.parent is None:
        raise _missing(link, "an identifier or a device below")
    return ["id", str(link.vlan)]


def _xfrm(link: Link) -> list[str]:
    if not link.if_id:
        raise _missing(link, "an if_id")
    return [*(["dev", link.parent] if link.parent else []), "if_id", str(link.if_id)]


def _vrf(link: Link) -> list[str]:
    if link.vrf_table is None:
        raise _missing(link, "a table")
    return ["table", str(link.vrf_table)]


def _vxlan(link: Link) -> list[str]:
    header = link.vxlan
    if header is None:
        raise _missing(link, "its header")
    words = ["external"] if header.vni is None else ["id", str(header.vni)]
    if header.group is not None:
        words += ["group", str(header.group)]
    elif header.remotes:
        words += ["remote", str(header.remotes[0])]
    words += ["local", str(header.local)] if header.local is not None else []
    words += ["dev", header.link] if header.link else []
    words += ["dstport", str(header.port), "ttl", str(header.ttl) if header.ttl else "auto"]
    words += ["tos", "inherit" if header.tos is None else f"{header.tos:#04x}", "df", header.df]
    words += ["flowlabel", f"{header.flow_label:#07x}"] if header.flow_label else []
    words.append("learning" if header.learning else "nolearning")
    words += ["gpe"] if header.gpe else []
    return words + (["vnifilter"] if header.vni_filter else [])


def _geneve(link: Link) -> list[str]:
    header = link.geneve
    if header is None:
        raise _missing(link, "its header")
    words = ["id", str(header.vni), "remote", str(header.remote)]
    words += ["dstport", str(header.port), "ttl", str(header.ttl) if header.ttl else "auto"]
    words += ["tos", "inherit" if header.tos is None else f"{header.tos:#04x}", "df", header.df]
    words += ["flowlabel", f"{header.flow_label:#07x}"] if header.flow_label else []
    return words + (["innerprotoinherit"] if header.inner_protocol else [])


def l2tp_lines(link: Link) -> list[str]:
    """The tunnel and its session, which are no ``ip link``; the tunnel's socket needs its local address."""
    session = link.l2tp
    if session is None:
        raise _missing(link, "its session")
    ports = ""
    if session.encapsulation == "udp":
        ports = f" udp_sport {session.source_port} udp_dport {session.destination_port}"
    return [
        f"l2tp add tunnel tunnel_id {session.tunnel_id} peer_tunnel_id {session.peer_tunnel_id}"
        f" encap {session.encapsulation} local {session.local} remote {session.remote}{ports}",
        f"l2tp add session name {link.name} tunnel_id {session.tunnel_id}"
        f" session_id {session.session_id} peer_session_id {session.peer_session_id}",
    ]


def _nothing(_: Link) -> list[str]:
    return []


_KINDS: dict[str, Callable[[Link], list[str]]] = {
    "vlan": _vlan,
    "dummy": _nothing,
    "bridge": _nothing,
    "wireguard": _nothing,
    "xfrm": _xfrm,
    "vrf": _vrf,
    "vxlan": _vxlan,
    "geneve": _geneve,
}
