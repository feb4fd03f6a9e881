"""CFG385: dead peer detection of which only a part is written.

Without the node there is none. Until 1.3 the action that comes along is hold, which is called trap now; the upgrade
writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, is_old
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_DPD = "set vpn ipsec ike-group IKE dead-peer-detection"
_INTERVAL = PEER + f"{_DPD} interval 10\n"

RULE = Rule(
    code="CFG385",
    title="dead peer detection with defaults that come along",
    severity="info",
    why=(
        "Any one of action, interval and timeout switches detection on and silently brings the others: action "
        "clear, 30 s, 120 s. clear removes the policies together with the SA, and then nothing keeps the packets "
        "from leaving in clear but a trap policy or a guard."
    ),
    bad=_INTERVAL,
    good=_INTERVAL + f"{_DPD} action trap\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    written = Branch((), subject.document.root) if old else subject.top
    for group in written.each(*IPSEC, "ike-group"):
        detection = group.below("dead-peer-detection")
        if detection is None:
            continue
        version = group.text("key-exchange")
        missing = [f"interval {detection.text('interval')} s"] if not detection.texts("interval") else []
        if version != "ikev2" and not detection.texts("timeout"):
            missing.append(f"timeout {detection.text('timeout')} s")
        if not detection.texts("action"):
            default = "hold" if old else detection.text("action")
            brought = ", ".join([f"action {default}", *missing])
            message = f"no action is written: VyOS silently brings {brought}"
            yield RULE.finding(message, detection.where, first_span(detection.node))
