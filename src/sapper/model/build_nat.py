"""Source NAT rules of the tree to rules of the Router, in order of their numbers.

A match that the Router cannot say (ports, ranges, groups, several protocols, a wildcard) is named in
``unmodelled``: the rule then matches no more than the record says, and perhaps less.
"""

from __future__ import annotations

from sapper.address import Address, Prefix
from sapper.model.branch import Branch
from sapper.model.build_interfaces import address_of
from sapper.model.routing import SourceNat
from sapper.schema.protocol import ANY_PROTOCOL, protocol_number

_BEYOND = (
    ("source", "port"),
    ("source", "group"),
    ("source", "fqdn"),
    ("destination", "port"),
    ("destination", "group"),
    ("destination", "fqdn"),
    ("outbound-interface", "group"),
    ("packet-type",),
    ("load-balance",),
)


def build_nat(root: Branch) -> tuple[SourceNat, ...]:
    """The enabled rules, lowest number first."""
    rules = [
        _rule(branch)
        for branch in root.each("nat", "source", "rule")
        if branch.name.isascii() and branch.name.isdigit() and len(branch.name) <= 6 and not branch.has("disable")
    ]
    return tuple(sorted(rules, key=lambda rule: rule.number))


def _rule(branch: Branch) -> SourceNat:
    beyond = [" ".join(words) for words in _BEYOND if branch.has(*words)]
    negated: list[str] = []
    return SourceNat(
        number=int(branch.name),
        origin=branch.origin,
        outbound=_outbound(branch, negated, beyond),
        source=_network(branch, "source", negated, beyond),
        destination=_network(branch, "destination", negated, beyond),
        protocol=_protocol(branch, negated, beyond),
        translation=_translation(branch, beyond),
        exclude=branch.has("exclude"),
        negated=tuple(negated),
        unmodelled=tuple(beyond),
    )


def _outbound(branch: Branch, negated: list[str], beyond: list[str]) -> str | None:
    text = branch.text("outbound-interface", "name")
    if text is None:
        return None
    if text.endswith("*"):
        beyond.append(f"outbound-interface name {text}")
        return None
    if text.startswith("!"):
        negated.append("outbound")
    return text.removeprefix("!")


def _network(branch: Branch, side: str, negated: list[str], beyond: list[str]) -> Prefix | None:
    text = branch.text(side, "address")
    if text is None:
        return None
    network = _prefix_or_host(text.removeprefix("!"))
    if network is None:
        beyond.append(f"{side} address {text}")
    elif text.startswith("!"):
        negated.append(side)
    return network


def _prefix_or_host(text: str) -> Prefix | None:
    try:
        return Prefix.parse(text) if "/" in text else Prefix.host(Address.parse(text))
    except ValueError:
        return None


def _protocol(branch: Branch, negated: list[str], beyond: list[str]) -> int | None:
    text = branch.text("protocol") or "all"
    number = protocol_number(text.removeprefix("!"))
    if number == ANY_PROTOCOL and not text.startswith("!"):
        return None
    if number is None or number < 0:
        beyond.append(f"protocol {text}")
        return None
    if text.startswith("!"):
        negated.append("protocol")
    return number


def _translation(branch: Branch, beyond: list[str]) -> Address | None:
    """The new source. Of a range or network the first address stands for all."""
    text = branch.text("translation", "address")
    if text is None or text == "masquerade":
        return None
    if "-" in text or "/" in text:
        beyond.append(f"translation address {text}")
    return address_of(text.partition("-")[0])
