"""CFG375: an option of an IKE group that only the other version of IKE has.

Aggressive mode and the timeout of dead peer detection belong to IKEv1, MOBIKE (RFC 4555) to IKEv2. The word
``mobike`` of older texts is gone after the upgrade, so it is read where it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, is_old
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_AGGRESSIVE = PEER + "set vpn ipsec ike-group IKE mode aggressive\n"

RULE = Rule(
    code="CFG375",
    title="an option of the other IKE version",
    severity="warning",
    why=(
        "It is silently ignored. Aggressive mode is rendered for key-exchange ikev1 only, not where key-exchange is "
        "unset; disable-mobike says nothing to IKEv1; with IKEv2 strongSwan finds a dead peer by retransmission "
        "(about 165 s), whatever the timeout says. Until 1.3 VyOS refuses mode with ikev2 and mobike with ikev1."
    ),
    bad=_AGGRESSIVE,
    good=instead(_AGGRESSIVE, "ikev2", "ikev1"),
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for group in subject.top.each(*IPSEC, "ike-group"):
        version = group.text("key-exchange")
        yield from _mode(group, version, old)
        if version == "ikev1":
            yield from _mobike(subject, group, old)
        timeout = group.in_force("dead-peer-detection", "timeout")
        if version == "ikev2" and timeout is not None:
            message = (
                f"timeout {timeout.word} is for IKEv1: ignored with ikev2, which gives a peer up after its "
                "retransmissions (about 165 s)"
            )
            yield RULE.finding(message, f"{group.where} dead-peer-detection timeout", timeout.span)


def _mode(group: Branch, version: str | None, old: bool) -> Iterator[Finding]:
    mode = group.in_force("mode")
    if mode is None or version == "ikev1":
        return
    path = f"{group.where} mode"
    if old:
        message = f"mode {mode.word} is for ikev1: VyOS refuses it with {version}"
        yield RULE.finding(message, path, mode.span, severity="error")
    elif mode.word == "aggressive":
        words = f"key-exchange {version}" if version else "key-exchange unset"
        message = f"aggressive mode is for ikev1: VyOS ignores it with {words}"
        yield RULE.finding(message, path, mode.span)


def _mobike(subject: Subject, group: Branch, old: bool) -> Iterator[Finding]:
    if old:
        written = Branch((), subject.document.root).below(*IPSEC, "ike-group", group.name, "mobike")
        if written is not None:
            message = "mobike is for ikev2: VyOS refuses it with ikev1"
            yield RULE.finding(message, written.where, first_span(written.node), severity="error")
        return
    flag = group.below("disable-mobike")
    if flag is not None:
        message = "IKEv1 has no MOBIKE: disable-mobike is ignored with ikev1"
        yield RULE.finding(message, flag.where, first_span(flag.node))
