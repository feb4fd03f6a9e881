"""What the property liveness is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="liveness",
    title="The property liveness",
    text="""\
In the state up, with the network undisturbed, the tunnel works. What is handed to it leaves in ESP for its peer, by an
interface that leads out: its selectors cover the encapsulation that is really used, no route leads the tunnel into
itself, NAT does not take packets out of their policy, and the families fit. Clear packets that arrive all the same do not
count as working: the SA that is up is not used. WireGuard needs no SA.

A size that does not fit refutes it only where nobody can say "too big" to the sender: between the ports of a bridge.

A refutation shows the packet, its way, and where it ended. What sapper does not model and could stop a packet, a
firewall for example, makes the verdict unknown. What the network and the far end have to do is assumed, and listed.
With both ends given (sapper check EAST WEST) the far end is looked at instead: keys, proposals, selectors, modes, the
tunnel's two addresses, its encapsulation and its key.

The lab measures it in up: all packets that were sent are delivered, and none of them left in clear.
""",
    see=("states", "LEAK106", "LEAK107", "LEAK108", "LEAK110", "MTU208", "PAIR404", "PAIR406", "PAIR407"),
)
