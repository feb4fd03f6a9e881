"""What the property liveness is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="liveness",
    title="The property liveness",
    text="""\
In the state up, with the network undisturbed, the tunnel works: its selectors cover the encapsulation that is really
used, no route leads a tunnel into itself, NAT does not take packets out of their policy, keys and families fit.

The lab measures it: packets that were sent and delivered.
""",
    see=("states",),
)
