"""Every topic, in the order in which a newcomer would read them. A new topic is one file and one line here."""

from __future__ import annotations

from sapper.rules.topics import (
    authenticity,
    bypass,
    confidentiality,
    dummy,
    guard,
    liveness,
    states,
    unknown,
    vti,
    waivers,
)
from sapper.rules.topics.topic import Topic

TOPICS: tuple[Topic, ...] = (
    confidentiality.TOPIC,
    bypass.TOPIC,
    authenticity.TOPIC,
    liveness.TOPIC,
    unknown.TOPIC,
    *states.TOPICS,
    vti.TOPIC,
    dummy.TOPIC,
    guard.TOPIC,
    waivers.TOPIC,
)
