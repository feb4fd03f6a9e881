"""Plans from configuration text, for the tests of sizes."""

from __future__ import annotations

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.build import build

GRE_IN_TRANSPORT = """\
set interfaces ethernet eth0 address '192.0.2.10/24'
set interfaces ethernet eth1 address '10.1.0.1/24'
set interfaces tunnel tun0 address '10.0.0.2/29'
set interfaces tunnel tun0 encapsulation 'gre'
set interfaces tunnel tun0 remote '203.0.113.20'
set interfaces tunnel tun0 source-address '192.0.2.10'
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set vpn ipsec authentication psk west id '203.0.113.20'
set vpn ipsec authentication psk west secret 'only-for-this-test'
set vpn ipsec esp-group E mode 'transport'
set vpn ipsec esp-group E proposal 1 encryption 'aes256gcm128'
set vpn ipsec ike-group I proposal 1 dh-group '14'
set vpn ipsec ike-group I proposal 1 encryption 'aes256'
set vpn ipsec site-to-site peer west authentication mode 'pre-shared-secret'
set vpn ipsec site-to-site peer west default-esp-group 'E'
set vpn ipsec site-to-site peer west ike-group 'I'
set vpn ipsec site-to-site peer west local-address '192.0.2.10'
set vpn ipsec site-to-site peer west remote-address '203.0.113.20'
set vpn ipsec site-to-site peer west tunnel 1 protocol 'gre'
"""
VTI = (
    GRE_IN_TRANSPORT.replace("tunnel 1 protocol 'gre'", "vti bind 'vti0'")
    .replace("mode 'transport'", "mode 'tunnel'")
    .replace("set interfaces tunnel tun0 encapsulation 'gre'\n", "")
    .replace("set interfaces tunnel tun0 remote '203.0.113.20'\n", "")
    .replace("set interfaces tunnel tun0 source-address '192.0.2.10'\n", "")
    .replace("tunnel tun0", "vti vti0")
)


def plan_of(text: str) -> Plan:
    """The Plan that a configuration asks for."""
    upgraded = upgrade(read(text, "east.set"))
    return compile_router(build(upgraded.root, upgraded.generation, "east").router)
