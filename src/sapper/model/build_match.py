"""What a rule of NAT or of a policy matches on, as far as a record of the Router can say it.

A match that no record can say (ports, ranges, groups, several protocols, a wildcard) is named in ``beyond``: the
rule then matches no more than the record says, and perhaps less. A match with ``!`` is named in ``negated``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sapper.address import Address, Prefix
from sapper.model.branch import Branch
from sapper.schema.protocol import ANY_PROTOCOL, protocol_number

SIDES = ("source", "destination")
_BESIDE_ADDRESSES = ("port", "group", "fqdn", "mac-address")


class Match:
    """The matches of one rule, and lists of what the record cannot say and of what is negated."""

    __slots__ = ("_branch", "beyond", "negated")

    def __init__(self, branch: Branch, beyond: Sequence[tuple[str, ...]]) -> None:
        """``beyond`` are the rule's words, beside the ends', that a record cannot say."""
        self._branch = branch
        self.negated: list[str] = []
        self.beyond = [" ".join(words) for words in beyond if branch.has(*words)]
        for side in SIDES:
            self.beyond += [f"{side} {word}" for word in _BESIDE_ADDRESSES if branch.has(side, word)]

    def interface(self, word: str, role: str) -> str | None:
        """The interface of ``word name``; ``role`` is what a negation of it is called."""
        if self._branch.has(word, "group"):
            self.beyond.append(f"{word} group")
        text = self._branch.text(word, "name")
        if text is None:
            return None
        if text.endswith("*"):
            self.beyond.append(f"{word} name {text}")
            return None
        if text.startswith("!"):
            self.negated.append(role)
        return text.removeprefix("!")

    def network(self, side: str) -> Prefix | None:
        """The network of ``source`` or ``destination``."""
        text = self._branch.text(side, "address")
        if text is None:
            return None
        network = _prefix_or_host(text.removeprefix("!"))
        if network is None:
            self.beyond.append(f"{side} address {text}")
        elif text.startswith("!"):
            self.negated.append(side)
        return network

    def protocol(self) -> int | None:
        """The protocol's number; None for all of them."""
        text = self._branch.text("protocol") or "all"
        number = protocol_number(text.removeprefix("!"))
        if number == ANY_PROTOCOL and not text.startswith("!"):
            return None
        if number is None or number < 0:
            self.beyond.append(f"protocol {text}")
            return None
        if text.startswith("!"):
            self.negated.append("protocol")
        return number

    def translation(self) -> Address | None:
        """The new address of a NAT rule. Of a range or network the first one stands for all."""
        text = self._branch.text("translation", "address")
        if text is None or text == "masquerade":
            return None
        if "-" in text or "/" in text:
            self.beyond.append(f"translation address {text}")
        try:
            return Address.parse(text.partition("-")[0].partition("/")[0])
        except ValueError:
            return None


def rule_number(branch: Branch) -> int | None:
    """The number of a rule, or None if its name is none."""
    name = branch.name
    return int(name) if name.isascii() and name.isdigit() and len(name) <= 6 else None


def _prefix_or_host(text: str) -> Prefix | None:
    try:
        return Prefix.parse(text) if "/" in text else Prefix.host(Address.parse(text))
    except ValueError:
        return None
