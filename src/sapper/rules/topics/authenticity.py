"""What the property authenticity is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="authenticity",
    title="The property authenticity",
    text="""\
No packet that is injected on an untrusted interface is decapsulated unless it came through the SA.

The kernel looks for an inbound policy when it delivers a packet. Where none is installed, GRE, IPIP and 6in4 devices
take packets from anybody who writes the far end's address into them. A policy makes the kernel ask for ESP, except
for sit, which asks none: there only a firewall rule helps. Over four million hosts on the Internet decapsulate plain
packets (VU#199397).
""",
    see=("guard",),
)
