"""What the verdict unknown is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="unknown",
    title="The verdict unknown",
    text="""\
Something in the configuration is not modelled and could change the verdict. The report names it. sapper never calls
a property proved because it did not look.

A section that can only drop packets (a firewall) leaves a proof standing, but a leak that was found may be stopped by
it. Everything else (a routing protocol, a VRF) may open a way that the proof has not seen.
""",
    see=("confidentiality", "no-bypass", "authenticity"),
)
