"""CFG365: a peer with both a local address and an interface to lease one."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_LEASING = PEER + "set interfaces ethernet eth1 address dhcp\n"

RULE = Rule(
    code="CFG365",
    title="a local address beside a dhcp-interface",
    severity="warning",
    why=(
        "VyOS refuses the two together until 1.3, and since 1.4 where the peer has a vti. For any other peer it "
        "takes them, renders the leased address and ignores local-address."
    ),
    bad=_LEASING + "set vpn ipsec site-to-site peer west dhcp-interface eth1\n",
    good=_LEASING,
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        value = peer.in_force("dhcp-interface")
        if value is None or not peer.texts("local-address"):
            continue
        path = f"{peer.where} dhcp-interface"
        if old or peer.has("vti"):
            why = "" if old else " for a peer with a vti"
            message = f"local-address and dhcp-interface exclude each other{why}: VyOS refuses it"
            yield RULE.finding(message, path, value.span, severity="error")
        else:
            message = f"the address leased on {value.word} is used: VyOS silently ignores local-address"
            yield RULE.finding(message, path, value.span)
