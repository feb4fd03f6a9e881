"""SEC502: an ESP proposal that encrypts nothing: null, or GMAC, which only authenticates."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PROTECTED, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, proposals
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="SEC502",
    title="ESP that encrypts nothing",
    severity="error",
    why=(
        "The packet looks like ESP, and its content can be read. Where it is one of several proposals, the far end may "
        "choose it. The proof counts such a tunnel as clear."
    ),
    reference="RFC 2410 (null), RFC 4543 (GMAC)",
    lab="The content of the probes is found in the captured ESP packets.",
    bad=instead(PROTECTED, "aes256gcm128", "null"),
    good=PROTECTED,
)


def find(subject: Subject) -> Iterator[Finding]:
    for group in subject.top.each(*IPSEC, "esp-group"):
        for proposal in proposals(group):
            value = proposal.in_force("encryption")
            if value is not None and (value.word == "null" or value.word.endswith("gmac")):
                message = f"{value.word} encrypts nothing: the content of the ESP packets can be read"
                yield RULE.finding(message, f"{proposal.where} encryption", value.span)
