"""The routers that the examples of the leak rules are made from, each with its far end.

DUMMY: a tunnel between dummy addresses; WAN: one between the addresses outside; VTI: an xfrm interface. Each leaks as
it stands; BLACKHOLE, GUARD and REJECT are what makes it safe. The far ends are the same, seen from the other side.
"""

from __future__ import annotations

DUMMY = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces dummy dum0 address 10.10.0.1/32
set interfaces tunnel tun0 address 10.0.0.1/29
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 10.10.0.1
set interfaces tunnel tun0 remote 10.10.0.2
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret example
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 14
set vpn ipsec site-to-site peer west authentication mode pre-shared-secret
set vpn ipsec site-to-site peer west connection-type initiate
set vpn ipsec site-to-site peer west default-esp-group ESP
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west local-address 192.0.2.10
set vpn ipsec site-to-site peer west remote-address 203.0.113.20
set vpn ipsec site-to-site peer west tunnel 1 local prefix 10.10.0.1/32
set vpn ipsec site-to-site peer west tunnel 1 remote prefix 10.10.0.2/32
"""

BLACKHOLE = "set protocols static route 10.10.0.2/32 blackhole\n"

DUMMY_GUARD_IN = """\
set firewall ipv4 input filter rule 10 action drop
set firewall ipv4 input filter rule 10 protocol gre
set firewall ipv4 input filter rule 10 source address 10.10.0.2
set firewall ipv4 input filter rule 10 ipsec match-none-in
"""

DUMMY_GUARD_OUT = """\
set firewall ipv4 output filter rule 10 action drop
set firewall ipv4 output filter rule 10 protocol gre
set firewall ipv4 output filter rule 10 destination address 10.10.0.2
set firewall ipv4 output filter rule 10 ipsec match-none-out
"""

DUMMY_ALL_OUT = "".join(
    f"""\
set firewall ipv4 {hook} filter rule 10 action drop
set firewall ipv4 {hook} filter rule 10 destination address 10.10.0.2
set firewall ipv4 {hook} filter rule 10 ipsec match-none-out
"""
    for hook in ("forward", "output")
)
"""Whatever goes to the far dummy address, the tunnel's packets or others, and from wherever."""

WAN = (
    DUMMY.replace("set interfaces dummy dum0 address 10.10.0.1/32\n", "")
    .replace("source-address 10.10.0.1", "source-address 192.0.2.10")
    .replace("ESP mode tunnel", "ESP mode transport")
    .replace("remote 10.10.0.2\n", "remote 203.0.113.20\n")
    .replace("tunnel 1 local prefix 10.10.0.1/32\n", "tunnel 1 protocol gre\n")
    .replace("set vpn ipsec site-to-site peer west tunnel 1 remote prefix 10.10.0.2/32\n", "")
)

WAN_GUARD_IN = DUMMY_GUARD_IN.replace("10.10.0.2", "203.0.113.20")
WAN_GUARD_OUT = DUMMY_GUARD_OUT.replace("10.10.0.2", "203.0.113.20")

VTI = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces vti vti0 address 10.0.0.1/30
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route 192.168.2.0/24 interface vti0
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret example
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 14
set vpn ipsec site-to-site peer west authentication mode pre-shared-secret
set vpn ipsec site-to-site peer west connection-type initiate
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west local-address 192.0.2.10
set vpn ipsec site-to-site peer west remote-address 203.0.113.20
set vpn ipsec site-to-site peer west vti bind vti0
set vpn ipsec site-to-site peer west vti esp-group ESP
"""

REJECT = """\
set protocols static route 10.0.0.0/30 reject distance 254
set protocols static route 192.168.2.0/24 reject distance 254
"""

MASQUERADE = """\
set nat source rule 100 outbound-interface name eth0
set nat source rule 100 translation address masquerade
"""

EXCLUSION = """\
set nat source rule 10 destination address 10.10.0.2/32
set nat source rule 10 exclude
set nat source rule 10 outbound-interface name eth0
"""

_TURNED = (
    ("192.0.2.10", "203.0.113.20"),
    ("next-hop 192.0.2.1\n", "next-hop 203.0.113.1\n"),
    ("10.10.0.1", "10.10.0.2"),
    ("2001:db8:1::", "2001:db8:2::"),
    ("2001:db8:a1:", "2001:db8:a2:"),
    ("2001:db8:ff::1/", "2001:db8:ff::2/"),
    ("address 10.0.0.1/", "address 10.0.0.2/"),
    ("192.168.1.", "192.168.2."),
    (" west", " east"),
    ("connection-type initiate", "connection-type none"),
)


def far_end(text: str) -> str:
    """The other router of the pair: every address and name exchanged for its counterpart."""
    for number, (here, there) in enumerate(_TURNED):
        text = text.replace(here, f"\0{number}a").replace(there, f"\0{number}b")
    for number, (here, there) in enumerate(_TURNED):
        text = text.replace(f"\0{number}a", there).replace(f"\0{number}b", here)
    return text
