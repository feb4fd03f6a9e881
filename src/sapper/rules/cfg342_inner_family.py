"""CFG342: an address of a family that the tunnel does not carry.

ipip and ipip6 carry IPv4, sit and ip6ip6 carry IPv6. VyOS fixes the inner protocol when it makes the link and
checks no address against it. Source: ipip_tunnel_xmit and ip6_tnl_start_xmit of the kernel drop a packet of another
protocol than the link's. sit_tunnel_xmit does not: it sends IPv4 with protocol 4 in the outer header, and ipip_rcv
of the far sit link drops it. Seen on 6.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import addresses
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_IPV6 = TUNNEL + "set interfaces tunnel tun0 address 2001:db8:1::1/64\n"

RULE = Rule(
    code="CFG342",
    title="an address of a family that the tunnel does not carry",
    severity="warning",
    why=(
        "VyOS takes it, and nothing of that family arrives: ipip and ipip6 carry IPv4 only, sit and ip6ip6 IPv6 "
        "only. The kernel drops those packets, but sit sends IPv4 as protocol 4, past an IPsec selector for 41, "
        "and only the far end drops it. gre and ip6gre carry both."
    ),
    bad=instead(_IPV6, "gre", "ipip"),
    good=_IPV6,
)

_CARRIES = {"ipip": 4, "ipip6": 4, "sit": 6, "ip6ip6": 6}
_BOTH = {"ipip": "gre", "sit": "gre", "ipip6": "ip6gre", "ip6ip6": "ip6gre"}
_DROPPED = "the kernel drops those packets"
_FATE = {"sit": "the kernel sends those packets as protocol 4 and the far end drops them"}


def find(subject: Subject) -> Iterator[Finding]:
    encapsulations = {tunnel.name: tunnel.encapsulation for tunnel in subject.router.tunnels}
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = encapsulations.get(tunnel.name, "")
        family = _CARRIES.get(encapsulation)
        if family is None:
            continue
        for address, value in addresses(tunnel):
            if address.family != family:
                message = (
                    f"{tunnel.name} is {encapsulation} and carries IPv{family} only, {value.word} is "
                    f"IPv{address.family}: VyOS takes it, {_FATE.get(encapsulation, _DROPPED)}; "
                    f"{_BOTH[encapsulation]} carries both"
                )
                yield RULE.finding(message, f"{tunnel.where} address", value.span)
