"""The same clamps in nftables' own words, for a router that is plain Linux.

A table of its own, which is safe to load twice: rules that stand in it already only do the same again. An MSS is
only ever lowered (net/netfilter/nft_exthdr.c), so a clamp that is too small has to be replaced, not added to. Source:
nft(8), "tcp option maxseg".
"""

from __future__ import annotations

from collections.abc import Iterable

from sapper.rules.clamping import Clamp
from sapper.rules.finding import Fix
from sapper.rules.sized import Sized

_TABLE = "inet sapper_mss"
_FAMILY = {4: "ipv4", 6: "ipv6"}
_CHAINS = {
    "leaving": "type filter hook forward priority mangle; policy accept;",
    "entering": "type filter hook prerouting priority mangle; policy accept;",
}
_WORDS = {"leaving": "oifname", "entering": "iifname"}


def tunnel_clamps(wanted: Iterable[tuple[Sized, list[int]]]) -> tuple[Fix, ...]:
    """Statements for ``nft -f`` that clamp what leaves by each tunnel, for its families."""
    names: dict[tuple[int, int], list[str]] = {}
    for tunnel, families in wanted:
        for family in families:
            names.setdefault((family, tunnel.segment(family)), []).append(tunnel.name)
    rules = [_rule("leaving", links, family, size) for (family, size), links in names.items() if size > 0]
    return _fix("with nftables: lower the MSS of what leaves by the tunnel, at both ends", rules)


def new_sizes(clamps: Iterable[Clamp], size: int) -> tuple[Fix, ...]:
    """Statements for ``nft -f`` that take the place of these clamps, with another MSS."""
    rules = []
    for clamp in clamps:
        if clamp.leaving is not None:
            rules.append(_rule("leaving", [clamp.leaving], clamp.family, size))
        elif clamp.entering:
            rules.append(_rule("entering", list(clamp.entering), clamp.family, size))
    return _fix(f"with nftables, in place of what is there: an MSS of {size}", rules if size > 0 else [])


def _fix(title: str, rules: list[tuple[str, str]]) -> tuple[Fix, ...]:
    if not rules:
        return ()
    chains = [
        f"add chain {_TABLE} {name} {{ {_CHAINS[name]} }}" for name in dict.fromkeys(name for name, _ in rules)
    ]
    lines = (f"add table {_TABLE}", *chains, *(rule for _, rule in rules))
    return (Fix(title, lines, language="nftables"),)


def _rule(chain: str, links: list[str], family: int, size: int) -> tuple[str, str]:
    """The chain and its rule: SYNs with a larger MSS; a reset is none."""
    names = ", ".join(f'"{link}"' for link in dict.fromkeys(links))
    which = names if len(set(links)) == 1 else f"{{ {names} }}"
    return chain, (
        f"add rule {_TABLE} {chain} {_WORDS[chain]} {which} meta nfproto {_FAMILY[family]} "
        f"tcp flags & (syn | rst) == syn tcp option maxseg size > {size} counter tcp option maxseg size set {size}"
    )
