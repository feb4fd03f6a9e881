"""The reference proof: every entry, every property, one situation and one packet class after the other.

Nothing here is fast, and everything is plain. :mod:`sapper.proof.prove` comes to the same verdicts over sets; the tests
compare the two on thousands of Plans. The lab asks :func:`questions` for single situations.
"""

from __future__ import annotations

from typing import Literal

from sapper.kernel.complete import complete
from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.over_udp import UDP_KINDS, unwalked_devices
from sapper.proof.properties import authenticity, bypass, confidentiality, liveness, liveness_verdict
from sapper.proof.properties.protected import Entry, entries_of
from sapper.proof.properties.question import Question
from sapper.proof.properties.tally import settle
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts

# No verdict says so any more; readers of older reports know the words.
NOT_EXAMINED = "not examined by this version: it needs the far end's configuration and exact sizes"
UNPROTECTED = "no IPsec selector, peer or profile is meant to protect it"
NOT_WALKED = "the walk does not follow the outer packets of this kind of device yet"
_PROPERTIES = (confidentiality, bypass, authenticity, liveness)


def enumerate_all(plan: Plan) -> tuple[TunnelVerdicts, ...]:
    """The verdicts of every tunnel, VTI and plain policy-based connection of a Plan."""
    whole = complete(plan)
    return tuple(_prove_entry(whole, entry) for entry in entries_of(whole))


def questions(plan: Plan, entry: Entry) -> tuple[Question, ...]:
    """What is asked of an entry of a completed Plan: one question for each examined property."""
    return tuple(module.question(plan, entry) for module in _PROPERTIES)


def _prove_entry(plan: Plan, entry: Entry) -> TunnelVerdicts:
    verdicts: dict[str, PropertyVerdict] = {}
    for asked in questions(plan, entry):
        if entry.is_protected and entry.link is not None and not_walked(plan, entry.link, asked.property):
            verdicts[asked.property] = PropertyVerdict(verdict="unknown", reason=f"{entry.name}: {NOT_WALKED}")
        elif entry.is_protected:
            judge = liveness_verdict.settle if asked.property == "liveness" else settle
            verdicts[asked.property] = judge(plan, entry, asked)
        else:
            verdicts[asked.property] = PropertyVerdict(verdict="not-applicable", reason=UNPROTECTED)
    return TunnelVerdicts(
        name=entry.name,
        encapsulation=encapsulation_of(entry.link) if entry.link else "none",
        protection=protection_of(entry),
        verdicts=verdicts,
    )


def not_walked(plan: Plan, link: Link, asked: str) -> bool:
    """Whether that property is not asked of the device, because its outer packets are UDP."""
    if link.kind not in UDP_KINDS:
        return False
    return asked == "liveness" or link.name in unwalked_devices(plan)


def protection_of(entry: Entry) -> Literal["none", "ipsec", "vti", "wireguard"]:
    """What is meant to protect it."""
    if entry.link is not None and entry.link.kind == "xfrm":
        return "vti"
    if entry.is_wireguard:
        return "wireguard"
    return "ipsec" if entry.connections else "none"
