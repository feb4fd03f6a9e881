"""LEAK105: after a flush of policies, charon's route in table 220 still leads past the blackhole."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.properties.protected import Entry
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY, DUMMY_ALL_OUT, DUMMY_GUARD_IN
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK105",
    title="a flush opens the way past the blackhole",
    severity="info",
    why=(
        "Whoever flushes policies and states (ip xfrm policy flush, a script, a second daemon) leaves the "
        "daemon's routes in table 220. They come before the main table with its blackhole, so the tunnel's "
        "packets leave in clear until the daemon notices, and so does whatever else goes to the far dummy address. A "
        "firewall rule for what will not be encrypted stops all of it, whoever flushes what."
    ),
    reference="the kernel notes: seen on Linux 6.1",
    lab="Policies and states are flushed behind the daemon: five probes leave in clear.",
    bad=DUMMY + BLACKHOLE,
    good=DUMMY + BLACKHOLE + DUMMY_GUARD_IN + DUMMY_ALL_OUT,
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, verdicts in judged(subject):
        verdict = verdicts["confidentiality"]
        if verdict.verdict == "proved" and "flushed" in verdict.tampering and _blackholed(subject, entry):
            origin = origin_of(subject.router, entry.name)
            message = (
                f"{entry.name}: after a flush of policies the daemon's route in table 220 passes the blackhole"
            )
            yield RULE.finding(message, origin.path, origin.span)


def _blackholed(subject: Subject, entry: Entry) -> bool:
    wrapping = entry.link.encapsulating if entry.link is not None else None
    stopping = [route.prefix for route in subject.router.routes if route.kind in ("blackhole", "unreachable")]
    return (
        wrapping is not None
        and wrapping.remote is not None
        and any(wrapping.remote in prefix for prefix in stopping)
    )
