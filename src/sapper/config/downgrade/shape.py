"""What kind of word the older words are, for printing them: the schema knows the newest ones only.

Listed are those that would be guessed wrong: tags whose names may have nothing below them, leaves with several values
that look like names; and the leaves of the features, so that their values are quoted as a router prints them.
"""

from __future__ import annotations

from sapper.config.shape import Kind, Path

_TAGS = """\
firewall name|ipv6-name|interface
firewall name|ipv6-name * rule
firewall options interface
interfaces ethernet * pppoe
interfaces ethernet * vif * pppoe
policy ipv6-route
policy ipv6-route * rule
protocols vrf
protocols static arp
protocols static route|route6|interface-route|interface-route6
protocols static route|route6 * next-hop
protocols static interface-route|interface-route6 * next-hop-interface
protocols static table * route|route6|interface-route|interface-route6
protocols static table * route|route6 * next-hop
protocols static table * interface-route|interface-route6 * next-hop-interface
protocols vrf * static route|route6|interface-route|interface-route6
protocols vrf * static route|route6 * next-hop
protocols vrf * static interface-route|interface-route6 * next-hop-interface
system sysctl all|custom
zone-policy zone
zone-policy zone * from
"""
_MULTIS = """\
vpn ipsec ipsec-interfaces interface
vpn ipsec logging log-modes
zone-policy zone * interface
"""
_LEAVES = """\
firewall options interface * adjust-mss|adjust-mss6
interfaces tunnel|l2tpv3 * local-ip|remote-ip
interfaces tunnel * dhcp-interface|multicast
interfaces vxlan * link
nat source|destination rule * outbound-interface|inbound-interface
policy ipv6-route * rule * action|protocol
protocols static arp * hwaddr
vpn ipsec esp-group * compression
vpn ipsec ike-group * mobike|ikev2-reauth
vpn ipsec logging log-level
vpn ipsec site-to-site peer * force-encapsulation
vpn ipsec site-to-site peer * authentication id|pre-shared-secret
"""


def older_shape(path: Path) -> Kind | None:
    """The kind of an older word at a path of real words; None for any other."""
    if not path:
        return None
    for pattern, kind in _BY_WORD.get((len(path), path[-1]), ()):
        if all(word in wanted or "*" in wanted for word, wanted in zip(path, pattern, strict=True)):
            return kind
    return None


def _by_word() -> dict[tuple[int, str], list[tuple[tuple[frozenset[str], ...], Kind]]]:
    """The patterns by their length and last word."""
    found: dict[tuple[int, str], list[tuple[tuple[frozenset[str], ...], Kind]]] = {}
    kinds: tuple[tuple[str, Kind], ...] = ((_TAGS, "tag"), (_MULTIS, "multi"), (_LEAVES, "leaf"))
    for lines, kind in kinds:
        for line in lines.splitlines():
            pattern = tuple(frozenset(words.split("|")) for words in line.split())
            for word in pattern[-1]:
                found.setdefault((len(pattern), word), []).append((pattern, kind))
    return found


_BY_WORD = _by_word()
