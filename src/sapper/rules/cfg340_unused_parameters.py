"""CFG340: parameters of a tunnel that its encapsulation has no use for.

VyOS checks none of these. For ipip6, ip6ip6 and ip6gre it hands the words of both families to the tool, and those
of IPv6 come last; for ip6gretap and ip6erspan it hands over key, tos and ttl only. Source: VyOS' interfaces_tunnel
and the mapping of its options to ``ip link``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.tunnel import ENCAPSULATION, IPV6_ENCAPSULATIONS

_LABELLED = TUNNEL + "set interfaces tunnel tun0 parameters ipv6 hoplimit 32\n"

RULE = Rule(
    code="CFG340",
    title="parameters that the encapsulation does not use",
    severity="warning",
    why=(
        "VyOS takes the options of every encapsulation for every other and silently leaves out those that do not "
        "fit. The outer header is then made of the defaults."
    ),
    bad=_LABELLED,
    good=instead(_LABELLED, "ipv6 hoplimit", "ip ttl"),
)

_IPV6_WORDS = ("encaplimit", "flowlabel", "hoplimit", "tclass")
_ONLY_KEY_TOS_TTL = frozenset({"ip6gretap", "ip6erspan"})
_COUNTERPART = {"ttl": "hoplimit", "tos": "tclass"}


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = tunnel.text("encapsulation")
        if encapsulation is None or encapsulation not in ENCAPSULATION.words or not tunnel.has("parameters"):
            continue
        for words, reason in _unused(encapsulation):
            option = tunnel.below("parameters", *words)
            if option is not None:
                said = " ".join(words)
                message = f"{tunnel.name} is {encapsulation} and has parameters {said}: VyOS takes it, {reason}"
                yield RULE.finding(message, option.where, first_span(option.node), fixes=(_leave_out(option),))


def _unused(encapsulation: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words below ``parameters`` that mean nothing here, each with what becomes of it."""
    if encapsulation not in IPV6_ENCAPSULATIONS:
        for word in _IPV6_WORDS:
            yield ("ipv6", word), "and an outer header of IPv4 has no use for it"
    elif encapsulation in _ONLY_KEY_TOS_TTL:
        for word in _IPV6_WORDS:
            yield ("ipv6", word), "and does not pass it on: the kernel's default stays"
        yield ("ip", "no-pmtu-discovery"), "and does not pass it on"
    else:
        for word, counterpart in _COUNTERPART.items():
            yield ("ip", word), f"and parameters ipv6 {counterpart} or its default wins"
    if encapsulation in ("ipip6", "ip6ip6"):
        yield ("ip", "key"), "and this header has no key to tell tunnels apart by"
    if "erspan" not in encapsulation:
        yield ("erspan",), "and only erspan and ip6erspan use it"


def _leave_out(option: Branch) -> Fix:
    return Fix("leave it out", (f"delete {option.where}",))
