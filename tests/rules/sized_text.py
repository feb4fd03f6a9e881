"""From a text to the findings about sizes: with Plan and sizes, and with the proof only where it is asked for."""

from __future__ import annotations

import msgspec
from subject_from_text import subject_of

from sapper.kernel.compile import compile_router
from sapper.mtu.of_plan import tunnel_sizes
from sapper.proof.prove import prove
from sapper.rules.finding import Finding
from sapper.rules.register import RULES
from sapper.rules.subject import Subject

SIZE_RULES = [module for module in RULES if module.RULE.code.startswith("MTU")]


def sized_subject(text: str, *, proved: bool = False) -> Subject:
    """What the rules about sizes look at."""
    subject = subject_of(text)
    plan = compile_router(subject.router)
    return msgspec.structs.replace(
        subject,
        plan=plan,
        tunnels=prove(plan) if proved else (),
        sizes=tuple(tunnel_sizes(plan, subject.generation)),
    )


def size_findings(text: str, *, proved: bool = False) -> list[Finding]:
    """Every finding about sizes, in order of codes."""
    subject = sized_subject(text, proved=proved)
    return [finding for module in SIZE_RULES for finding in module.find(subject)]


def codes(text: str, *, proved: bool = False) -> list[str]:
    return [finding.code for finding in size_findings(text, proved=proved)]
