"""What waivers, and what a person states is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="waivers",
    title="Waivers, and what a person states",
    text="""\
A comment at a node of the configuration says sapper: ignore CODE reason, and the findings of that code at the node
and below it are listed as waived. sapper.toml beside the configuration or above it does the same with [[ignore]] and
code, reason and path. A waiver without a reason counts for nothing (SYN007), and one that waives nothing is a finding
(SYN008). Verdicts are never waived.

sapper: protect at a tunnel says that it must be protected even if no IPsec selector meets it; protect with networks,
or protect = [...] in sapper.toml, adds networks that must not leave in clear; trusted names interfaces on which
nobody listens.
""",
    see=("SYN007", "SYN008"),
)
