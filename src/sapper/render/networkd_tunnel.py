"""The ``[Tunnel]`` section of systemd-networkd 252, and what it cannot say of a tunnel.

networkd 252 sends no TOS for ipip and sit, no traffic class for any tunnel over IPv6 (so neither can copy the inner
packet's, which is VyOS' default), no encapsulation limit for ip6gre and ip6gretap but "none", no key 0, no 6rd relay
prefix. Source: systemd's src/network/netdev/tunnel.c (netdev_*_fill_message_create).
"""

from __future__ import annotations

from sapper.kernel.plan import Encapsulating, ErspanHeader, Link
from sapper.render.inexpressible import Inexpressible

_OVER_IPV6 = frozenset({"ip6tnl", "ip6gre", "ip6gretap"})
_GRE4 = frozenset({"gre", "gretap", "erspan"})
_GRE = _GRE4 | {"ip6gre", "ip6gretap"}
_TOS_INHERIT = 1  # include/net/ip_tunnels.h, tos & 1


def tunnel_sections(link: Link) -> list[list[str]]:
    """The one section of a tunnel. Raises Inexpressible."""
    outer = link.encapsulating
    if outer is None:
        raise Inexpressible(f"link {link.name}", f"{link.kind}, without its ends")
    if link.kind == "ip6erspan":
        raise Inexpressible(f"link {link.name}", "networkd does not create a link of kind ip6erspan")
    _check(link, outer)
    lines = ["[Tunnel]", f"Local={outer.local or 'any'}", f"Remote={outer.remote or 'any'}"]
    lines += [] if outer.link else ["Independent=yes"]
    if link.kind in _OVER_IPV6:
        lines += _ipv6_lines(link, outer)
    else:
        lines += [f"TTL={outer.ttl}"] if outer.ttl else []
        lines.append(f"DiscoverPathMTU={'yes' if outer.pmtu_discovery else 'no'}")
        if link.kind in _GRE4:
            lines.append(f"TOS={_TOS_INHERIT if outer.tos_inherit else outer.tos}")
    lines += [f"Key={outer.key}"] if outer.key is not None else []
    lines += ["SerializeTunneledPackets=yes"] if outer.sequence else []
    if link.kind == "erspan":
        lines += _erspan_lines(outer.erspan or ErspanHeader())
    if outer.sixrd is not None:
        lines.append(f"IPv6RapidDeploymentPrefix={outer.sixrd.prefix}")
    return [lines]


def _check(link: Link, outer: Encapsulating) -> None:
    kind, tos = link.kind, outer.tos_inherit or outer.tos
    family = 6 if kind in _OVER_IPV6 else 4
    for name, address in (("local", outer.local), ("remote", outer.remote)):
        if address is not None and address.family != family:
            raise Inexpressible(f"link {link.name} {name}", f"{address} cannot be the end of {kind}")
    for name, wrong, reason in (
        ("tos", kind in ("ipip", "sit") and tos, f"networkd writes no TOS of {kind}; TOS 0 would do"),
        ("tclass", family == 6 and tos, f"networkd writes no traffic class of {kind}; 0 would do"),
        ("encaplimit", kind in ("ip6gre", "ip6gretap") and outer.encaplimit, f"networkd writes none for {kind}"),
        ("key", outer.key is not None and kind not in _GRE, f"{kind} has none"),
        ("key", outer.key == 0, "networkd takes key 0 for no key"),
        ("sequence", outer.sequence and kind not in _GRE4, f"networkd writes none for {kind}"),
        ("ignore-df", outer.ignore_df, "networkd 252 cannot ignore DF"),
        ("6rd", outer.sixrd is not None and kind != "sit", f"{kind} has none"),
        ("6rd", outer.sixrd is not None and outer.sixrd.relay.length, "networkd writes no relay prefix of 6rd"),
        ("erspan", outer.erspan is not None and kind != "erspan", f"{kind} has none"),
    ):
        if wrong:
            raise Inexpressible(f"link {link.name} {name}", reason)


def _ipv6_lines(link: Link, outer: Encapsulating) -> list[str]:
    lines = [f"Mode={'ipip6' if outer.payload == 4 else 'ip6ip6'}"] if link.kind == "ip6tnl" else []
    lines.append(f"TTL={outer.ttl}")
    lines.append(f"EncapsulationLimit={'none' if outer.encaplimit is None else outer.encaplimit}")
    return [*lines, f"IPv6FlowLabel={'inherit' if outer.flow_label is None else outer.flow_label}"]


def _erspan_lines(header: ErspanHeader) -> list[str]:
    lines = [f"ERSPANVersion={header.version}"]
    if header.version == 1:
        return [*lines, f"ERSPANIndex={header.index}"]
    direction = "egress" if header.egress else "ingress"
    return [*lines, f"ERSPANDirection={direction}", f"ERSPANHardwareId={header.hw_id}"]
