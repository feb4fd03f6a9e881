"""``interfaces tunnel`` of the tree to tunnels of the Router, and what had to be assumed for one.

A tunnel without encapsulation becomes GRE, and an encapsulation of the other family than its ends becomes its
counterpart: VyOS refuses each of these, and sapper says what it goes on with. Which words count depends on the
encapsulation: over IPv6 the hop limit and the traffic class win over the time to live and the type of service,
except for the Ethernet kinds, to which VyOS hands only the latter. Source: VyOS' interfaces_tunnel and its siblings,
iproute2's ip/link_gre6.c for the encapsulation limit that it sends unasked.
"""

from __future__ import annotations

from typing import Literal

from sapper.address import Prefix
from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, hexadecimal, link_options, written_address
from sapper.model.interface import Encapsulation, Erspan, SixRd, Tunnel
from sapper.model.tunnel_family import choose_encapsulation
from sapper.schema.tunnel import IPV6_ENCAPSULATIONS, LAYER2_ENCAPSULATIONS

_ERSPAN = frozenset({"erspan", "ip6erspan"})
_SIXRD_RELEASES = frozenset({"1.1", "1.2"})
_DIRECTIONS: dict[str, Literal["ingress", "egress"]] = {"ingress": "ingress", "egress": "egress"}
DEFAULT_ENCAPLIMIT = 4


def build_tunnels(root: Branch, generation: str, defaulted: list[Assumed]) -> tuple[Tunnel, ...]:
    """All tunnels in order of writing."""
    return tuple(_tunnel(branch, generation, defaulted) for branch in root.each("interfaces", "tunnel"))


def _tunnel(branch: Branch, generation: str, defaulted: list[Assumed]) -> Tunnel:
    addresses = attached(branch, defaulted)
    ends = written_address(branch, "source-address"), written_address(branch, "remote")
    chosen = choose_encapsulation(branch, ends, addresses, defaulted)
    encapsulation = chosen.encapsulation
    over_ipv6 = encapsulation in IPV6_ENCAPSULATIONS
    takes_ipv6_words = over_ipv6 and encapsulation not in LAYER2_ENCAPSULATIONS
    tos = hexadecimal(branch, "parameters", "ip", "tos")
    return Tunnel(
        name=branch.name,
        origin=branch.origin,
        encapsulation=encapsulation,
        local=chosen.local,
        remote=chosen.remote,
        source_interface=branch.text("source-interface"),
        addresses=addresses,
        key=branch.number("parameters", "ip", "key"),
        ttl=branch.number_or(64, "parameters", *(("ipv6", "hoplimit") if takes_ipv6_words else ("ip", "ttl"))),
        mtu_bytes=branch.number_or(1476, "mtu"),
        encaplimit=_encaplimit(branch, over_ipv6, takes_ipv6_words),
        pmtu_discovery=not branch.has("parameters", "ip", "no-pmtu-discovery"),
        ignore_df=branch.has("parameters", "ip", "ignore-df"),
        multicast=branch.has("enable-multicast"),
        tos=None if over_ipv6 else tos,
        traffic_class=_traffic_class(branch, tos, over_ipv6, takes_ipv6_words),
        flow_label=_flow_label(branch) if takes_ipv6_words else None,
        erspan=_erspan(branch, encapsulation),
        sixrd=_sixrd(branch, encapsulation, generation),
        disabled=branch.has("disable"),
        options=link_options(branch),
    )


def _encaplimit(branch: Branch, over_ipv6: bool, takes_ipv6_words: bool) -> int | None:
    """None for ``none``; an encapsulation over IPv4 keeps what is written, which nothing reads."""
    if over_ipv6 and not takes_ipv6_words:
        return DEFAULT_ENCAPLIMIT
    return branch.number("parameters", "ipv6", "encaplimit")


def _traffic_class(branch: Branch, tos: int | None, over_ipv6: bool, takes_ipv6_words: bool) -> int | None:
    if takes_ipv6_words:
        return hexadecimal(branch, "parameters", "ipv6", "tclass")
    return tos if over_ipv6 else None


def _flow_label(branch: Branch) -> int | Literal["inherit"] | None:
    if branch.text("parameters", "ipv6", "flowlabel") == "inherit":
        return "inherit"
    return hexadecimal(branch, "parameters", "ipv6", "flowlabel")


def _erspan(branch: Branch, encapsulation: Encapsulation) -> Erspan | None:
    if encapsulation not in _ERSPAN:
        return None
    words = ("parameters", "erspan")
    return Erspan(
        version=2 if branch.number(*words, "version") == 2 else 1,
        index=branch.number(*words, "index"),
        direction=_DIRECTIONS.get(branch.text(*words, "direction") or ""),
        hw_id=branch.number(*words, "hw-id"),
    )


def _sixrd(branch: Branch, encapsulation: Encapsulation, generation: str) -> SixRd | None:
    """Only for the releases that carry it out; newer ones accept the words and apply nothing."""
    prefix = branch.text("6rd-prefix")
    if prefix is None or encapsulation != "sit" or generation not in _SIXRD_RELEASES:
        return None
    relay = branch.text("6rd-relay-prefix")
    return SixRd(Prefix.parse(prefix), Prefix.parse(relay) if relay is not None else None)
