"""What a VTI and unreachable routes is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="vti",
    title="A VTI and unreachable routes",
    text="""\
A VTI is an xfrm interface: what is routed to it is encrypted by an SA with its interface id, or dropped. VyOS raises
it when the SA comes up and lowers it when the SA goes, by a script that has been seen to miss an update.

To make it safe, every prefix that is routed to it, and its own connected prefix, needs a route of the worst distance
with target reject (blackhole works too), because the routes through it go when it goes down.
""",
    see=("LEAK102", "no-bypass", "dummy", "guard"),
)
