"""``firewall``: only the words that look at IPsec or change the size of TCP segments; the rest is kept and named.

The Router carries no firewall: it can only stop packets, and its path is named once as unmodelled. Which of the
four IPsec matches a chain has depends on where it stands: what comes in has been decrypted or not, what goes out
will be encrypted or not.
"""

from __future__ import annotations

from sapper.schema.option import Option, as_unmodelled, flags, leaf, node, tag, unmodelled
from sapper.schema.value import matching, number, number_range, one_of

_IN = "match-ipsec-in match-none-in"
_OUT = "match-ipsec-out match-none-out"
_BOTH = f"{_IN} {_OUT}"
_OLD = "match-ipsec match-none"
_CHAINS = (
    ("forward filter", _BOTH),
    ("input filter", _IN),
    ("output filter", _OUT),
    ("output raw", _OUT),
    ("prerouting raw", _IN),
    ("name *", _BOTH),
)
_BRIDGE_CHAINS = ("forward filter", "input filter", "output filter", "prerouting filter", "name *")
_REASON = "may drop packets"
_SWITCH = one_of("enable", "disable")
_RULE_NUMBER = number(1, 999999)
_CHAIN_NAME = matching("the name of a chain", r"[a-zA-Z0-9][\w\-\.]*")


def _chain_options(chain: str, words: str, sizes: bool) -> tuple[Option, ...]:
    rule = f"{chain} rule *"
    named = chain.removesuffix(" *")
    return as_unmodelled(
        _REASON,
        *((tag(named, "Chain of its own", _CHAIN_NAME),) if named != chain else ()),
        tag(f"{chain} rule", "Rule; the lowest number is tried first", _RULE_NUMBER),
        node(f"{rule} ipsec", "Whether the packet was or will be encrypted", whole=True),
        *flags(f"{rule} ipsec", f"{words} {_OLD}", "Only packets that were or will be encrypted, or were not"),
        *(
            (
                leaf(f"{rule} set tcp-mss", "Overwrite the MSS of a SYN", number(500, 1460, "pmtu"), unit="bytes"),
                leaf(f"{rule} tcp mss", "Only segments with this MSS", number_range(1, 16384), unit="bytes"),
            )
            if sizes
            else ()
        ),
    )


OPTIONS: tuple[Option, ...] = (
    *unmodelled("", "firewall", _REASON),
    leaf("firewall global-options receive-redirects", "Believe ICMP redirects", _SWITCH),
    leaf("firewall global-options ipv6-receive-redirects", "Believe ICMPv6 redirects", _SWITCH),
    leaf("firewall global-options ip-src-route", "Forward IPv4 packets that say their way", _SWITCH),
    leaf("firewall global-options ipv6-src-route", "Forward IPv6 packets that say their way", _SWITCH),
    *(
        option
        for family in ("ipv4", "ipv6")
        for chain, words in _CHAINS
        for option in _chain_options(f"firewall {family} {chain}", words, chain not in ("input filter",))
    ),
    *(
        option
        for chain in _BRIDGE_CHAINS
        for option in _chain_options(f"firewall bridge {chain}", _BOTH, sizes=False)
    ),
)
