"""CFG331: an interface in a VRF that is not defined.

As with interfaces (CFG312), only where the text configures any Ethernet interface: without one it is a fragment.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.devices import devices
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.nearest import nearest

_BAD = TUNNEL + "set interfaces tunnel tun0 vrf BLUE\n"

RULE = Rule(
    code="CFG331",
    title="a VRF that is not defined",
    severity="error",
    why=(
        "VyOS refuses the commit: VRFs are made before all interfaces, and this one is none of them. `default` is "
        "always there."
    ),
    bad=_BAD,
    good=_BAD + "set vrf name BLUE table 1000\n",
)

_GUESSES = 10
"""For how many names the nearest is looked for, so that a large text does not take quadratic time."""


def find(subject: Subject) -> Iterator[Finding]:
    if not subject.top.has("interfaces", "ethernet"):
        return
    defined = [vrf.name for vrf in subject.top.each("vrf", "name")]
    known = {"default", *defined}
    guesses = _GUESSES
    for device in devices(subject.top):
        value = device.branch.in_force("vrf")
        if value is not None and value.word not in known:
            guess = nearest(value.word, defined) if guesses else None
            guesses = max(0, guesses - 1)
            hint = f"; did you mean `{guess}`?" if guess else ""
            message = f"{device.name} is in the VRF {value.word}, which is not defined: VyOS refuses it{hint}"
            yield RULE.finding(message, device.where("vrf"), value.span)
