"""MTU209: the firewall drops the ICMP messages that say what fits."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.clamp_fix import has_old_words
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding, Fix
from sapper.rules.icmp_filter import Filtered, filters
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_RULE_10 = "set firewall ipv4 forward filter rule 10"
_BAD = f"{TUNNEL}{_RULE_10} action drop\n{_RULE_10} protocol icmp\n"

RULE = Rule(
    code="MTU209",
    title='a firewall that drops "too big"',
    severity="warning",
    why=(
        "A packet that is too large for the tunnel, or for the path below it, is answered by ICMP: type 3 code 4, or "
        '"packet too big" of ICMPv6. Where the answer is dropped, the sender goes on with packets that never '
        "arrive. RFC 4890 lists it among the messages that must not be dropped. A rule that accepts what is related "
        "to a connection lets it through; echo requests may be dropped without harm."
    ),
    bad=_BAD,
    good=_BAD
    + "set firewall ipv4 forward filter rule 5 action accept\n"
    + "set firewall ipv4 forward filter rule 5 protocol icmp\n"
    + "set firewall ipv4 forward filter rule 5 icmp type 3\n"
    + "set firewall ipv4 forward filter rule 5 icmp code 4\n",
)

_WORDS = {
    "ipv4": ("ICMP type 3 code 4 (fragmentation needed)", ("protocol icmp", "icmp type 3", "icmp code 4")),
    "ipv6": ("ICMPv6 packet too big", ("protocol ipv6-icmp", "icmpv6 type-name packet-too-big")),
}
_OLD_CHAINS = {"ipv4": "name", "ipv6": "ipv6-name"}
_OLD_IPV6 = ("protocol icmpv6", "icmpv6 type packet-too-big")


def find(subject: Subject) -> Iterator[Finding]:
    if all(tunnel.inner_mtu is None for tunnel in subject.sizes):
        return
    for filtered in filters(subject):
        chain, rule = filtered
        name = " ".join(chain.branch.path[1:])
        message_words, _ = _WORDS[chain.family]
        by = f"rule {rule.name} of {name}" if rule is not None else f"the default action of {name}"
        message = (
            f"{by} drops {message_words}: senders do not learn what the tunnels take, and their packets vanish"
        )
        at = rule if rule is not None else chain.branch
        yield RULE.finding(message, at.where, first_span(at.node), fixes=tuple(_fix(subject, filtered)))


def _fix(subject: Subject, filtered: Filtered) -> Iterator[Fix]:
    """A rule in front of the one that drops, where a number is free."""
    chain, rule = filtered
    taken = {int(each.name) for each in chain.branch.each("rule") if each.name.isdigit()}
    last = int(rule.name) - 1 if rule is not None and rule.name.isdigit() else max(taken, default=0) + 10
    free = next((number for number in range(last, 0, -1) if number not in taken), None)
    path, words = chain.branch.where, _WORDS[chain.family][1]
    if has_old_words(subject):
        path = f"firewall {_OLD_CHAINS[chain.family]} {chain.branch.name}"
        words = words if chain.family == "ipv4" else _OLD_IPV6
    if free is not None and not (has_old_words(subject) and chain.is_hook):
        commands = (f"set {path} rule {free} {option}" for option in ("action accept", *words))
        yield Fix("let it pass first", tuple(commands))
