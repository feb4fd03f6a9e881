"""Single rules in nft's language (nft(8)): matches, verdicts, and the names of links in quotes.

A rule with a match that the Plan does not carry is an error: without it, the rule would match more. The kernel only
ever lowers an MSS (net/netfilter/nft_exthdr.c), also where the rule, as VyOS writes it, says to set it.
"""

from __future__ import annotations

import re

from sapper.address import Family, Prefix
from sapper.kernel.plan import DestinationNatRule, Guard, MarkRule, MssClamp, SourceNatRule
from sapper.render.inexpressible import Inexpressible
from sapper.render.link_order import checked_name

TABLE_FAMILIES: dict[Family, str] = {4: "ip", 6: "ip6"}
_PORTS = re.compile(r"(\d{1,5}(-\d{1,5})?|[a-z][a-z0-9-]*)(,(\d{1,5}(-\d{1,5})?|[a-z][a-z0-9-]*))*")
_ONE_PORT = re.compile(r"\d{1,5}(-\d{1,5})?")
_WITH_PORTS = frozenset({6, 17, 33, 132, 136})
MSS_LIMIT = 65535
ANY_LINK = "any"  # how the older generations write no interface


def source_nat(rule: SourceNatRule) -> str:
    path = f"source NAT rule {rule.number}"
    _refuse_unmodelled(path, rule.unmodelled)
    words = _link("oifname", rule.out_link, bool(rule.negated & {"out_link", "outbound"}), path)
    words += _ends(rule.source, rule.destination, rule.negated, _family(rule, path))
    words += _protocol(rule.protocol, "protocol" in rule.negated)
    if rule.action == "snat":
        if rule.to is None:
            raise Inexpressible(path, "no address to translate to")
        return _rule([*words, "counter", "snat to", str(rule.to)], path)
    return _rule([*words, "counter", rule.action], path)


def destination_nat(rule: DestinationNatRule) -> str:
    path = f"destination NAT rule {rule.number}"
    _refuse_unmodelled(path, rule.unmodelled)
    words = _link("iifname", rule.in_link, bool(rule.negated & {"in_link", "inbound"}), path)
    words += _ends(rule.source, rule.destination, rule.negated, _family(rule, path))
    ported = rule.port is not None or rule.to_port is not None
    words += ["meta l4proto { tcp, udp }"] if ported and rule.protocol is None else []
    words += _protocol(rule.protocol, "protocol" in rule.negated)
    if ported and rule.protocol is not None and ("protocol" in rule.negated or rule.protocol not in _WITH_PORTS):
        raise Inexpressible(path, "a port, but the protocol has none")
    words += _port(rule, path)
    return _rule([*words, "counter", _destination(rule, path)], path)


def mark(rule: MarkRule) -> str:
    """The first rule that matches decides, as on VyOS."""
    path = f"policy routing mark {rule.mark:#x}"
    _refuse_unmodelled(path, rule.unmodelled)
    words = _link_set("iifname", rule.in_links, path) + _ends(
        rule.source, rule.destination, rule.negated, rule.family
    )
    words += _protocol(rule.protocol, "protocol" in rule.negated)
    return _rule([*words, "counter", f"meta mark set {rule.mark:#010x}", "return"], path)


def mss_clamp(clamp: MssClamp) -> str:
    """By the link that a SYN leaves by (those that reset as well are none), or by the one that it entered."""
    path = f"MSS clamp of {clamp.out_link or ', '.join(clamp.in_links)}"
    words = _link("oifname", clamp.out_link, False, path) + _link_set("iifname", clamp.in_links, path)
    words += _ends(clamp.source, clamp.destination, frozenset(), clamp.family)
    words.append(f"tcp flags & {'(syn | rst)' if clamp.out_link else 'syn'} == syn")
    if clamp.bytes is None:
        return _rule([*words, "counter", "tcp option maxseg size set rt mtu"], path)
    if not 0 < clamp.bytes < MSS_LIMIT:
        raise Inexpressible(path, f"{clamp.bytes} is no MSS")
    larger = [f"tcp option maxseg size {clamp.bytes + 1}-{MSS_LIMIT}"] if clamp.lower_only else []
    return _rule([*words, *larger, "counter", f"tcp option maxseg size set {clamp.bytes}"], path)


def guard(guard: Guard) -> str:
    """Drops what will not be encrypted on the way out, or was not decrypted on the way in."""
    outward = guard.hook in ("output", "forward")
    words = _link("oifname" if outward else "iifname", guard.link, False, guard.name)
    words += _ends(guard.source, guard.destination, frozenset(), guard.family)
    words += _protocol(guard.protocol, False)
    return _rule([*words, "rt ipsec missing" if outward else "meta ipsec missing", "counter drop"], guard.name)


def family_of(source: Prefix | None, destination: Prefix | None, to: object) -> Family:
    """The family of a rule's addresses; without any it is IPv4, as VyOS' NAT is."""
    for value in (source, destination, to):
        family = getattr(value, "family", None)
        if family in (4, 6):
            return 6 if family == 6 else 4
    return 4


def _family(rule: SourceNatRule | DestinationNatRule, path: str) -> Family:
    family = family_of(rule.source, rule.destination, rule.to)
    if rule.to is not None and rule.to.family != family:
        raise Inexpressible(path, f"{rule.to} is of another family than what it matches")
    return family


def _refuse_unmodelled(path: str, unmodelled: tuple[str, ...]) -> None:
    if unmodelled:
        raise Inexpressible(
            path, f"the match {unmodelled[0]!r} is not modelled; without it the rule would match more"
        )


def _rule(words: list[str], path: str) -> str:
    """The rule with its origin as the kernel keeps it, 128 bytes at most."""
    label = "".join(mark for mark in path if mark.isalnum() or mark in " _.,-")[:120]
    return " ".join([*words, f'comment "{label}"'])


def _link(key: str, name: str | None, negated: bool, path: str) -> list[str]:
    if name in (None, ANY_LINK):
        return []
    return [key, *(["!="] if negated else []), _quoted(name, path)]


def _link_set(key: str, names: tuple[str, ...], path: str) -> list[str]:
    if not names:
        return []
    written = [_quoted(name, path) for name in names]
    return [key, written[0] if len(written) == 1 else f"{{ {', '.join(written)} }}"]


def _quoted(name: str, path: str) -> str:
    """The name in quotes; a star at its end means any continuation, on VyOS as in nft."""
    checked_name(name.removesuffix("*"), path)
    return f'"{name}"'


def _ends(source: Prefix | None, destination: Prefix | None, negated: frozenset[str], family: Family) -> list[str]:
    words: list[str] = []
    for field, name, prefix in (("saddr", "source", source), ("daddr", "destination", destination)):
        if prefix is not None:
            if prefix.family != family:
                raise Inexpressible(f"match {prefix}", f"it is no IPv{family} network")
            word = TABLE_FAMILIES[prefix.family]
            words += [word, field, *(["!="] if name in negated else []), str(prefix)]
    return words


def _protocol(protocol: int | None, negated: bool) -> list[str]:
    if protocol is None:
        return []
    return ["meta l4proto", *(["!="] if negated else []), str(protocol)]


def _port(rule: DestinationNatRule, path: str) -> list[str]:
    if rule.port is None:
        return []
    items = [item.strip() for item in rule.port.split(",")]
    negated = all(item.startswith("!") for item in items)
    text = ",".join(item.removeprefix("!") if negated else item for item in items)
    negated |= "port" in rule.negated
    if not _PORTS.fullmatch(text):
        raise Inexpressible(path, f"the port {rule.port!r} is not a list of numbers, ranges and names")
    ports = [item if item[0].isdigit() else f'"{item}"' for item in text.split(",")]
    value = f"{{ {', '.join(ports)} }}" if len(ports) > 1 else ports[0]
    return ["th dport", *(["!="] if negated else []), value]


def _destination(rule: DestinationNatRule, path: str) -> str:
    if rule.to_port is not None and not _ONE_PORT.fullmatch(rule.to_port):
        raise Inexpressible(path, f"the port {rule.to_port!r} is not a number or a range")
    port = f":{rule.to_port}" if rule.to_port is not None else ""
    if rule.action == "accept":
        return "accept"
    if rule.action == "redirect":
        return f"redirect to {port}" if port else "redirect"
    if rule.to is None and not port:
        raise Inexpressible(path, "nothing to translate to")
    if rule.to is None:
        return f"dnat to {port}"
    return f"dnat to [{rule.to}]{port}" if port and rule.to.family == 6 else f"dnat to {rule.to}{port}"
