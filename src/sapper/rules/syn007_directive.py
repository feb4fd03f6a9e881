"""SYN007: a comment that speaks to sapper in words that it does not know, or waives without a reason."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.directive import directives_of
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TEXT = """\
interfaces {
    ethernet eth0 {
        address 192.0.2.10/24
    }
    /* sapper: ignore CFG312%s */
    tunnel tun0 {
        address 10.0.0.1/29
        encapsulation gre
        remote 203.0.113.20
        source-address 192.0.2.10
    }
}
"""

RULE = Rule(
    code="SYN007",
    title="a comment for sapper that it does not understand",
    severity="warning",
    why=(
        "A waiver is a decision that somebody else will have to understand, so it needs a reason and counts only with "
        "one. A comment with a mistyped word would silently do nothing."
    ),
    bad=_TEXT % "",
    good=_TEXT % " eth1 comes with the next line card",
)


def find(subject: Subject) -> Iterator[Finding]:
    directives = subject.directives or directives_of(subject.document)
    for wrong in directives.misunderstood:
        yield RULE.finding(wrong.message, " ".join(wrong.path), wrong.span)
