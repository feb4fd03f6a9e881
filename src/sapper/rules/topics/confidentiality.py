"""What the property confidentiality is."""

from __future__ import annotations

from sapper.rules.topics.topic import Topic

TOPIC = Topic(
    name="confidentiality",
    title="The property confidentiality",
    text="""\
No packet that is handed to the tunnel device leaves by an untrusted interface without encryption. For a policy-based
connection without a device: no packet that matches its selectors before NAT does.

RFC 4301 says that a packet without a policy is discarded. Linux lets it pass, in clear. So wherever no policy is
installed (while the router boots, before the SA is up, after it was closed), the routes alone decide where the
tunnel's packets go. A policy without an SA drops; that is why a trap protects as long as it is installed.

ESP with a null cipher or GMAC counts as clear. WireGuard counts as encryption: it has no way out in clear.
""",
    see=("LEAK101", "states", "dummy", "guard"),
)
