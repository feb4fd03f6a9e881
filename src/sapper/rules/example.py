"""The two configurations that most examples are made from: a GRE tunnel, and the peer that encrypts it.

Both are complete: VyOS takes them as they stand, and no rule about text or configuration has anything to say. An
example of something missing is one of them without its line.
"""

from __future__ import annotations

TUNNEL = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 address 10.0.0.1/30
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
"""

PEER = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret example
set vpn ipsec esp-group ESP mode transport
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 14
set vpn ipsec site-to-site peer west authentication mode pre-shared-secret
set vpn ipsec site-to-site peer west default-esp-group ESP
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west local-address 192.0.2.10
set vpn ipsec site-to-site peer west remote-address 203.0.113.20
set vpn ipsec site-to-site peer west tunnel 1 protocol gre
"""


PROTECTED = TUNNEL + PEER.replace("set interfaces ethernet eth0 address 192.0.2.10/24\n", "")
"""The tunnel and the peer that encrypts it in one router."""


def without(text: str, words: str) -> str:
    """The text without the lines that hold these words."""
    return "".join(line for line in text.splitlines(keepends=True) if words not in line)


def instead(text: str, old: str, new: str) -> str:
    """The text with the words ``old`` written as ``new``."""
    return text.replace(old, new)
