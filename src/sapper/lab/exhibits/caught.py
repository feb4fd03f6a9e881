"""What goes wrong with tunnels over IPsec and is found by nobody before it is on the wire, and the code for each.

The order is that of the project's own list. docs/rules/findings.md is made from it; a test wants an exhibit for each.
"""

from __future__ import annotations

CAUGHT: tuple[tuple[str, str], ...] = (
    ("plaintext fallback: canonical GRE, `initiate` and `none` as the vendor's manual recommends", "LEAK101"),
    ("missing blackhole", "LEAK104"),
    ("charon's route in table 220, which outlives a flush and passes the blackhole", "LEAK105"),
    ("masquerade without an exclusion", "LEAK106"),
    ("`protocol gre` as selector with another encapsulation, or the reverse", "LEAK107"),
    ("selector narrower than the tunnel's ends", "LEAK108"),
    ("routes through a VTI that go down with it", "LEAK102"),
    ("trap on one end only", "PAIR401"),
    ("transport mode through NAT", "PAIR402"),
    ("MOBIKE moves IKE into the tunnel", "LEAK111"),
    ("default route through the tunnel that it depends on", "LEAK110"),
    ("overlapping selectors where the wrong policy wins", "LEAK112"),
    ("tunnel with remote any that decapsulates for the world", "LEAK113"),
    ("missing inbound check", "LEAK103"),
    ("layer 2 bridge that leaks through a second port", "LEAK114"),
    ("IPv6 forgotten beside a protected IPv4", "LEAK115"),
    ("guard without its inbound half", "LEAK116"),
    ("the window at boot before VyOS' firewall is there", "LEAK117"),
    ("a trap that charon refuses because the remote is any", "LEAK109"),
    ("`protocol gre` with an end that is dynamic or behind NAT", "LEAK118"),
    ("a GRE key taken for security", "SEC501"),
    ("ESP with null encryption or GMAC only", "SEC502"),
    ("replay window 0", "CFG383"),
    ("weak proposals", "SEC504"),
    ("aggressive mode with a pre-shared key", "SEC505"),
    ("short secrets", "SEC506"),
)
