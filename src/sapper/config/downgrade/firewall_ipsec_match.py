"""``ipsec match-ipsec-in`` is match-ipsec: firewall step 17-to-16. Older rules cannot ask about the way out."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_ipsec_match import policy_rules
from sapper.config.upgrade.firewall_rules import rules_with_paths
from sapper.config.upgrade.graft import rename_word

_REASON = "a rule asks for IPsec on the way in only"


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for path, rule in (*rules_with_paths(root), *policy_rules(root)):
        match = rule.child("ipsec")
        if match is None:
            continue
        rename_word(match, "match-ipsec-in", "match-ipsec")
        rename_word(match, "match-none-in", "match-none")
        lacks += [
            lacking(match.children[word], _REASON, *path, "ipsec", word)
            for word in ("match-ipsec-out", "match-none-out")
            if word in match.children
        ]
    return lacks
