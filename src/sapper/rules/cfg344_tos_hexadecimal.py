"""CFG344: a tos that the tool reads as hexadecimal.

VyOS checks a decimal number from 0 to 99 and hands its digits to ``ip link``, whose rtnl_dsfield_a2n reads them to
the base 16. One digit means the same either way. Where the traffic class of IPv6 wins, the tos is CFG340's
business.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import devices
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TOS = TUNNEL + "set interfaces tunnel tun0 parameters ip tos "

RULE = Rule(
    code="CFG344",
    title="a tos that is read as hexadecimal",
    severity="warning",
    why=(
        "VyOS takes a decimal number and passes its digits on, and `ip link` reads them as hexadecimal: tos 20 "
        "puts 32 into the outer header. The peer's view and any class that looks at the field must use the second "
        "number."
    ),
    bad=_TOS + "20\n",
    good=_TOS + "8\n",
)

_KINDS = frozenset({"tunnel", "vxlan", "geneve"})
_TCLASS_WINS = frozenset({"ipip6", "ip6ip6", "ip6gre"})
_ONE_DIGIT = 9


def find(subject: Subject) -> Iterator[Finding]:
    for device in devices(subject.top):
        if device.kind not in _KINDS or device.parent is not None:
            continue
        value = device.branch.in_force("parameters", "ip", "tos")
        if value is None or device.branch.text("encapsulation") in _TCLASS_WINS:
            continue
        word = value.word
        if not (word.isascii() and word.isdigit() and len(word) == len("20") and int(word) > _ONE_DIGIT):
            continue
        written = int(word)
        message = (
            f"tos {word} of {device.name}: VyOS passes the digits on, and they are read as 0x{word} = "
            f"{int(word, 16)}; {_instead(written)}"
        )
        yield RULE.finding(message, device.where("parameters", "ip", "tos"), value.span)


def _instead(number: int) -> str:
    digits = f"{number:x}"
    return f"write {digits} for {number}" if digits.isdigit() else f"{number} cannot be written"
