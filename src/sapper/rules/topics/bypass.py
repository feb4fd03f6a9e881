"""What the property no-bypass is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="no-bypass",
    title="The property no-bypass",
    text="""\
No packet for a network behind the tunnel leaves by an untrusted interface in clear on another way than the tunnel.

An xfrm interface drops what finds no SA. But when it goes down, its routes go with it, its connected prefix too, and
the next best route takes over: most often the default route, to the provider and in clear. A route of the worst
distance with target reject for the same prefixes ends that.

The networks are those that are routed to the tunnel, its connected prefixes, its remote selectors, and what a person
states with protect. The default route counts only if somebody says so.
""",
    see=("LEAK102", "vti", "waivers"),
)
