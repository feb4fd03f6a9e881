"""What a tunnel between dummy addresses and a blackhole is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="dummy",
    title="A tunnel between dummy addresses and a blackhole",
    text="""\
The ends of the tunnel are addresses of dummy interfaces, which no route leads to but the one that the IKE daemon
installs with the SA (in table 220, in tunnel mode). A blackhole route for the far dummy address stands in the main
table: with the SA up the daemon's route comes first, without it the tunnel's packets are dropped.

It needs no address outside, so it serves behind NAT and with a dynamic address. It does not check what comes in: a
guard's inbound half belongs to it.
""",
    see=("LEAK101", "guard", "vti"),
)
