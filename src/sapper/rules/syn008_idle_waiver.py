"""SYN008: a waiver that waives nothing. Found when all other findings are known, in :mod:`sapper.rules.waive`."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TEXT = """\
interfaces {
    ethernet eth0 {
        address 192.0.2.10/24
    }%s
    tunnel tun0 {
        address 10.0.0.1/29
        encapsulation gre
        mtu 1476
        remote 203.0.113.20
        source-address 192.0.2.10
    }
}
"""

RULE = Rule(
    code="SYN008",
    title="a waiver that waives nothing",
    severity="warning",
    why=(
        "What it waived has been mended, or the waiver names the wrong code or the wrong place. Left where it is, it "
        "would hide the next finding of that code from everybody."
    ),
    bad=_TEXT % "\n    /* sapper: ignore CFG318 the key is set next week */",
    good=_TEXT % "",
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: a single rule does not know what the others find."""
    yield from ()
