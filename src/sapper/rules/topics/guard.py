"""What a guard in the firewall is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="guard",
    title="A guard in the firewall",
    text="""\
Two rules for one tunnel: on the way out, drop its outer packets that will not be encrypted (nftables: rt ipsec
missing; VyOS: ipsec match-none-out); on the way in, drop those that were not decrypted (meta ipsec missing;
match-none-in). Scope them to the tunnel's protocol and ends: a rule for every protocol drops the ESP packets as well,
and one for all GRE takes down tunnels that are meant to be plain.

A guard counts in the proof only where nothing before it in its chain can let the packet pass: an earlier accept, a
jump, or VyOS' global state policies. While a router boots, tunnels and routes are there before the firewall is.
""",
    see=("confidentiality", "authenticity"),
)
