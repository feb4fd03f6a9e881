"""How to say that VyOS refuses what VyOS 1.2 and before still took.

The verify rules of sections that 1.3 brought are no errors in an older text: that release loads it, and the next
one does not.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.rules.finding import Severity
from sapper.rules.subject import Subject


class Refusal(NamedTuple):
    """``words`` begin a clause: VyOS refuses it."""

    severity: Severity
    words: str


def refusal_since_1_3(subject: Subject) -> Refusal:
    """An error in a text of 1.3 or later, a warning in an older one."""
    if subject.generation < "1.3":
        return Refusal("warning", "VyOS 1.3 and later refuse it")
    return Refusal("error", "VyOS refuses it")
