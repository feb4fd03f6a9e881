"""``policy route`` and ``policy route6``: rules that mark, reroute or change packets that enter an interface.

A policy without interfaces has no effect. ``pmtu`` as an MSS is a word of releases up to 1.3.
"""

from __future__ import annotations

from sapper.schema.match import IPSEC_WORDS, packet_options, side_options
from sapper.schema.name_value import INTERFACE_MATCH, VRF_OR_DEFAULT
from sapper.schema.option import Option, as_immaterial, as_unmodelled, flag, flags, immaterial, leaf, multi, tag
from sapper.schema.value import DESCRIPTION, IP_PROTOCOL, matching, number, one_of

_NAME = matching("the name of a policy", r"[a-zA-Z0-9][A-Za-z0-9_.-]*")
_ACTION = one_of("accept", "reject", "return", "drop")
_MARKS = "the mark of a connection may choose another rule later"


def _policy_options(policy: str, family: int) -> tuple[Option, ...]:
    rule = f"{policy} * rule *"
    return (
        tag(policy, f"Policy for IPv{family} packets that enter its interfaces", _NAME),
        multi(f"{policy} * interface", "Interface whose incoming packets are looked at", INTERFACE_MATCH),
        *as_immaterial("free text", leaf(f"{policy} * description", "Free text", DESCRIPTION)),
        *as_immaterial("logging", flag(f"{policy} * default-log", "Log what no rule matches")),
        *immaterial(f"{policy} *", "enable-default-log", "logging"),
        tag(f"{policy} * rule", "Rule; the lowest number is tried first", number(1, 999999)),
        flag(f"{rule} disable", "Leave this rule out"),
        leaf(f"{rule} action", "What happens to a match", _ACTION),
        leaf(f"{rule} protocol", "Only packets of this protocol", IP_PROTOCOL),
        *side_options(rule, "source", family),
        *side_options(rule, "destination", family),
        *packet_options(rule, family),
        *flags(f"{rule} ipsec", " ".join(IPSEC_WORDS), "Only packets that were or will be encrypted, or were not"),
        *_set_options(f"{rule} set"),
        *as_immaterial("free text", leaf(f"{rule} description", "Free text", DESCRIPTION)),
        *immaterial(rule, "log", "logging"),
    )


def _set_options(action: str) -> tuple[Option, ...]:
    return (
        leaf(f"{action} table", "Route by this table", number(1, 200, "main")),
        leaf(f"{action} vrf", "Route in this VRF", VRF_OR_DEFAULT),
        leaf(f"{action} mark", "Mark the packet", number(1, 2147483647)),
        leaf(f"{action} tcp-mss", "Overwrite the MSS of a SYN", number(500, 1460, "pmtu"), unit="bytes"),
        *as_unmodelled(_MARKS, leaf(f"{action} connection-mark", "Mark the connection", number(0, 2147483647))),
        *as_immaterial("a field that no selector looks at", leaf(f"{action} dscp", "Set the class", number(0, 63))),
    )


OPTIONS: tuple[Option, ...] = (
    *_policy_options("policy route", 4),
    *_policy_options("policy route6", 6),
)
