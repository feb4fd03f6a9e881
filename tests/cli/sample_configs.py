"""Configurations for the tests of the front ends. SECRET must be in no output whatever is asked."""

from __future__ import annotations

SECRET = "kEy-ThAt-NoBoDy-MaY-sEe"

VTI = f"""\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth1 address 192.168.1.1/24
set interfaces vti vti0 address 10.0.0.1/30
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route 192.168.2.0/24 interface vti0
set vpn ipsec authentication psk west id 192.0.2.10
set vpn ipsec authentication psk west id 203.0.113.20
set vpn ipsec authentication psk west secret {SECRET}
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
set interfaces vti vti0 mtu 1446
set interfaces vti vti0 ip adjust-mss 1406
"""

SAFE_VTI = VTI + (
    "set protocols static route 10.0.0.0/30 reject distance 254\n"
    "set protocols static route 192.168.2.0/24 reject distance 254\n"
)

CANONICAL = f"""\
interfaces {{
    ethernet eth0 {{
        address 192.0.2.10/24
    }}
    tunnel tun0 {{
        address 10.0.0.2/29
        local-ip 192.0.2.10
        remote-ip 203.0.113.20
        encapsulation gre
    }}
}}
vpn {{
    ipsec {{
        esp-group ESP {{
            mode transport
        }}
        site-to-site {{
            peer 203.0.113.20 {{
                authentication {{
                    mode pre-shared-secret
                    pre-shared-secret {SECRET}
                }}
                local-address 192.0.2.10
                tunnel 1 {{
                    esp-group ESP
                    protocol gre
                }}
            }}
        }}
    }}
}}
"""
