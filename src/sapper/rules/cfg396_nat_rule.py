"""CFG396: a NAT rule that says not, or says twice, where it acts and what it makes."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Attached
from sapper.model.branch import Branch, first_span
from sapper.rules.devices import devices
from sapper.rules.example import without
from sapper.rules.finding import Finding
from sapper.rules.fragment import is_whole
from sapper.rules.ipsec_tree import address
from sapper.rules.match_tree import nat_rules
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_RULE = """\
set nat source rule 10 outbound-interface name eth0
set nat source rule 10 source address 10.1.0.0/16
set nat source rule 10 translation address masquerade
"""

RULE = Rule(
    code="CFG396",
    title="a NAT rule without translation or with two interfaces",
    severity="error",
    why=(
        "VyOS refuses the commit: a rule needs a translation address or port, unless it excludes or has a "
        "load-balance backend (destination also takes a redirect); and an interface is given by name or by group. "
        "Of a translation address that no interface has it only warns, and the kernel does not mind: answers must "
        "find their way back to the router all the same."
    ),
    bad=without(_RULE, "translation"),
    good=_RULE,
)

_TRANSLATIONS = (("translation", "address"), ("translation", "port"), ("load-balance", "backend"))


def find(subject: Subject) -> Iterator[Finding]:
    assigned = _assigned(subject.top)
    for kind, rule in nat_rules(subject):
        if not _translates(kind, rule):
            wanted = "address or port, or exclude" if kind == "source" else "address, port or redirect, or exclude"
            message = f"this rule has no translation ({wanted}): VyOS refuses it"
            yield RULE.finding(message, rule.where, first_span(rule.node))
        for word in ("outbound-interface", "inbound-interface"):
            group = rule.below(word, "group")
            if group is not None and rule.has(word, "name"):
                message = f"{word} name and group exclude each other: VyOS refuses it"
                yield RULE.finding(message, group.where, first_span(group.node))
        value = rule.in_force("translation", "address")
        single = address(value.word) if value is not None and kind == "source" else None
        if value is not None and single is not None and assigned is not None and single not in assigned:
            message = f"no interface has {value.word}: VyOS only warns, and answers may not come back"
            yield RULE.finding(message, f"{rule.where} translation address", value.span, severity="warning")


def _translates(kind: str, rule: Branch) -> bool:
    if rule.has("exclude") or any(rule.has(*words) for words in _TRANSLATIONS):
        return True
    return kind == "destination" and rule.has("translation", "redirect")


def _assigned(top: Branch) -> set[Address] | None:
    """All addresses of the router; None where the text is a fragment or an address comes at run time."""
    if not is_whole(top) or top.has("interfaces", "pppoe") or top.has("interfaces", "wwan"):
        return None
    found: set[Address] = set()
    for device in devices(top):
        for value in device.branch.texts("address"):
            if value.word == "dhcp":
                return None
            try:
                found.add(Attached.parse(value.word).address)
            except ValueError:
                continue
    return found
