"""Every encapsulation with its families and options, as set commands: what the guest's kernel is asked to make.

A case is the lines below ``interfaces``; both ends' underlay is eth0 with an address of each family. The keys are
made up for these tests and used nowhere else.
"""

from __future__ import annotations

import base64
import hashlib

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.build import build

UNDERLAY = """
interfaces ethernet eth0 address 192.0.2.1/24
interfaces ethernet eth0 address 2001:db8::1/64
"""
V4 = "source-address 192.0.2.1\nremote 192.0.2.2"
V6 = "source-address 2001:db8::1\nremote 2001:db8::2"


def made_up_key(words: str) -> str:
    return base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()


PRIVATE_KEY, PRESHARED_KEY = made_up_key("private"), made_up_key("preshared")
PUBLIC_KEYS = (made_up_key("west"), made_up_key("north"))


def tunnel(encapsulation: str, ends: str, *options: str) -> str:
    lines = (f"encapsulation {encapsulation}", *ends.splitlines(), *options)
    return below("tunnel tun0", *lines)


def below(name: str, *lines: str) -> str:
    return "\n".join(f"interfaces {name} {line}" for line in lines)


def tap6(encapsulation: str, *options: str) -> str:
    """``parameters ipv6`` is written, and VyOS does not hand it on for these kinds."""
    return tunnel(encapsulation, V6, "parameters ipv6 encaplimit none", "parameters ipv6 hoplimit 9", *options)


ERSPAN_2 = ("parameters erspan version 2", "parameters erspan direction egress", "parameters erspan hw-id 7")
L2TP = ("tunnel-id 100", "peer-tunnel-id 200", "session-id 110", "peer-session-id 210")
WIREGUARD = (
    f"private-key {PRIVATE_KEY}",
    "peer west public-key " + PUBLIC_KEYS[0],
    "peer west allowed-ips 10.2.0.0/24",
    "peer west allowed-ips fd02::/64",
)

CASES: dict[str, str] = {
    "gre": tunnel("gre", V4),
    "gre-address": tunnel("gre", V4, "address 10.0.0.1/30", "address fd00::1/64", "mtu 1400", "enable-multicast"),
    "gre-key": tunnel("gre", V4, "parameters ip key 4294967295", "parameters ip ttl 255"),
    "gre-key-0": tunnel("gre", V4, "parameters ip key 0"),
    "gre-tos": tunnel("gre", V4, "parameters ip tos 20"),
    "gre-odd-tos": tunnel("gre", V4, "parameters ip tos 11"),
    "gre-no-pmtu": tunnel("gre", V4, "parameters ip ttl 0", "parameters ip no-pmtu-discovery"),
    "gre-multipoint": tunnel("gre", "source-address 192.0.2.1", "parameters ip key 5"),
    "gre-source-interface": tunnel("gre", "source-interface eth0\nremote 192.0.2.2"),
    "gre-both": tunnel("gre", V4, "source-interface eth0"),
    "gre-disabled": tunnel("gre", V4, "disable"),
    "gretap": tunnel("gretap", V4, "parameters ip key 6"),
    "gretap-ignore-df": tunnel(
        "gretap", V4, "parameters ip ttl 0", "parameters ip no-pmtu-discovery", "parameters ip ignore-df"
    ),
    "gretap-bridged": tunnel("gretap", V4) + "\n" + below("bridge br0", "member interface tun0"),
    "erspan-1": tunnel("erspan", V4, "parameters ip key 7", "parameters erspan index 3"),
    "erspan-default": tunnel("erspan", V4, "parameters ip key 7"),
    "erspan-2": tunnel("erspan", V4, "parameters ip key 7", *ERSPAN_2),
    "erspan-ingress": tunnel(
        "erspan", V4, "parameters ip key 1023", "parameters erspan version 2", "parameters erspan direction ingress"
    ),
    "ipip": tunnel("ipip", V4, "address 10.0.0.1/30"),
    "ipip-options": tunnel("ipip", V4, "parameters ip tos 8", "parameters ip ttl 33", "source-interface eth0"),
    "ipip-no-pmtu": tunnel("ipip", V4, "parameters ip ttl 0", "parameters ip no-pmtu-discovery"),
    "sit": tunnel("sit", V4, "address fd00::1/64"),
    "sit-broker": tunnel(
        "sit", V4, "address 2001:db8:b::2/64", "mtu 1480", "parameters ip ttl 255", "parameters ip tos 20"
    ),
    "sit-6rd": below(
        "tunnel tun0",
        "encapsulation sit",
        "local-ip 192.0.2.1",
        "6rd-prefix 2001:db8:4000::/36",
        "6rd-relay-prefix 192.0.0.0/8",
    ),
    "sit-6rd-ignored": tunnel("sit", V4, "6rd-prefix 2001:db8:4000::/36"),
    "ipip6": tunnel("ipip6", V6, "address 10.0.0.1/30"),
    "ipip6-none": tunnel("ipip6", V6, "parameters ipv6 encaplimit none", "parameters ipv6 flowlabel inherit"),
    "ip6ip6": tunnel("ip6ip6", V6, "address fd00::1/64"),
    "ip6ip6-options": tunnel(
        "ip6ip6",
        V6,
        "parameters ipv6 encaplimit 9",
        "parameters ipv6 flowlabel 0xabcde",
        "parameters ipv6 hoplimit 12",
        "parameters ipv6 tclass 0x2e",
        "source-interface eth0",
    ),
    "ip6gre": tunnel("ip6gre", V6, "address 10.0.0.1/30", "address fd00::1/64"),
    "ip6gre-options": tunnel(
        "ip6gre",
        V6,
        "parameters ip key 77",
        "parameters ipv6 encaplimit none",
        "parameters ipv6 flowlabel 0x1",
        "parameters ipv6 hoplimit 255",
        "parameters ipv6 tclass 0x10",
    ),
    "ip6gre-inherit": tunnel("ip6gre", V6, "parameters ipv6 flowlabel inherit", "source-interface eth0"),
    "ip6gretap": tap6("ip6gretap", "parameters ip key 8", "parameters ip ttl 31"),
    "ip6gretap-tos": tap6("ip6gretap", "parameters ip tos 20"),
    "ip6erspan-1": tap6("ip6erspan", "parameters ip key 9", "parameters erspan index 5"),
    "ip6erspan-2": tap6("ip6erspan", "parameters ip key 9", *ERSPAN_2),
    "vti": below("vti vti3", "address 10.0.0.1/30", "address fd00::1/64", "mtu 1400"),
    "vti-default": below("vti vti10", "description nothing"),
    "vxlan": below("vxlan vxlan0", "vni 10", "remote 192.0.2.2"),
    "vxlan-source": below("vxlan vxlan0", "vni 10", "source-address 192.0.2.1", "remote 192.0.2.2", "port 8472"),
    "vxlan-remotes": below("vxlan vxlan0", "vni 11", *(f"remote 192.0.2.{host}" for host in (2, 3, 4))),
    "vxlan-v6": below(
        "vxlan vxlan0", "vni 12", "source-address 2001:db8::1", "remote 2001:db8::2", "remote 2001:db8::3"
    ),
    "vxlan-v6-label": below("vxlan vxlan0", "vni 12", "remote 2001:db8::2", "parameters ipv6 flowlabel 0xabc"),
    "vxlan-group": below("vxlan vxlan0", "vni 13", "group 239.1.1.1", "source-interface eth0", "mtu 1400"),
    "vxlan-group-v6": below("vxlan vxlan0", "vni 13", "group ff05::100", "source-interface eth0", "mtu 1400"),
    "vxlan-options": below(
        "vxlan vxlan0",
        "vni 16777214",
        "remote 192.0.2.2",
        "parameters nolearning",
        "parameters ip df set",
        "parameters ip tos 20",
        "parameters ip ttl 5",
        "mtu 1450",
        "address 10.0.0.1/30",
    ),
    "vxlan-external": below("vxlan vxlan0", "parameters external", "source-address 192.0.2.1"),
    "vxlan-filter": below(
        "vxlan vxlan0", "parameters external", "parameters vni-filter", "source-address 192.0.2.1"
    ),
    "vxlan-bridged": below("vxlan vxlan0", "vni 14", "remote 192.0.2.2", "parameters ip df inherit")
    + "\n"
    + below("bridge br0", "member interface vxlan0", "address 10.0.0.1/24"),
    "vxlan-vlans": below(
        "vxlan vxlan0",
        "parameters external",
        "source-address 192.0.2.1",
        "vlan-to-vni 10 vni 10010",
        "vlan-to-vni 20-22 vni 20020-20022",
    )
    + "\n"
    + below("bridge br0", "enable-vlan", "member interface vxlan0"),
    "geneve": below("geneve gnv0", "vni 20", "remote 192.0.2.2"),
    "geneve-v6": below("geneve gnv0", "vni 21", "remote 2001:db8::2", "parameters ipv6 flowlabel 0x7"),
    "geneve-options": below(
        "geneve gnv0",
        "vni 22",
        "remote 192.0.2.2",
        "parameters ip df set",
        "parameters ip tos 20",
        "parameters ip ttl 7",
        "mtu 1400",
    ),
    "geneve-innerproto": below("geneve gnv0", "vni 23", "remote 192.0.2.2", "parameters ip innerproto"),
    "l2tp-udp": below("l2tpv3 l2tpeth0", *V4.splitlines(), *L2TP),
    "l2tp-udp-ports": below(
        "l2tpv3 l2tpeth0", *V4.splitlines(), *L2TP, "source-port 6000", "destination-port 7000", "mtu 1400"
    ),
    "l2tp-ip": below("l2tpv3 l2tpeth0", *V4.splitlines(), *L2TP, "encapsulation ip", "address 10.0.0.1/30"),
    "l2tp-udp-v6": below("l2tpv3 l2tpeth0", *V6.splitlines(), *L2TP),
    "l2tp-ip-v6": below("l2tpv3 l2tpeth0", *V6.splitlines(), *L2TP, "encapsulation ip"),
    "wireguard": below("wireguard wg0", *WIREGUARD),
    "wireguard-options": below(
        "wireguard wg0",
        *WIREGUARD,
        "address 10.0.0.1/30",
        "port 51820",
        "fwmark 4660",
        "mtu 1380",
        "peer west address 192.0.2.2",
        "peer west port 51821",
        "peer west persistent-keepalive 25",
        f"peer west preshared-key {PRESHARED_KEY}",
        "peer north public-key " + PUBLIC_KEYS[1],
        "peer north address 2001:db8::2",
        "peer north port 51822",
        "peer north allowed-ips ::/0",
    ),
    "vrf": "vrf name red table 1000\n" + tunnel("gre", V4, "vrf red", "address 10.0.0.1/30", "address fd00::1/64"),
}


# What is no encapsulation and yet decides a packet's way or size: one router that has all of it.
WAYS = """
interfaces ethernet eth1 address 10.1.0.1/24
interfaces ethernet eth1 ip adjust-mss 1360
interfaces ethernet eth1 ip source-validation strict
interfaces ethernet eth1 ipv6 adjust-mss clamp-mss-to-pmtu
interfaces ethernet eth1 ipv6 disable-forwarding
protocols static route 10.9.0.0/16 next-hop 192.0.2.8
protocols static route 10.9.0.0/16 next-hop 192.0.2.9
protocols static route 10.9.0.0/16 next-hop 192.0.2.7 distance 5
protocols static route 10.8.0.0/16 next-hop 192.0.2.8
protocols static route 10.8.0.0/16 interface eth1
protocols static route6 2001:db8:9::/48 next-hop 2001:db8::8
protocols static route6 2001:db8:9::/48 next-hop 2001:db8::9
protocols static table 10 route 0.0.0.0/0 next-hop 192.0.2.6
policy route SPLIT interface eth1
policy route SPLIT rule 5 destination address 10.3.0.0/16
policy route SPLIT rule 5 action accept
policy route SPLIT rule 10 source address 10.1.0.0/25
policy route SPLIT rule 10 protocol udp
policy route SPLIT rule 10 set table 10
policy route SPLIT rule 20 source address !10.1.0.64/26
policy route SPLIT rule 20 set table 10
policy route MSS interface eth1
policy route MSS rule 10 protocol tcp
policy route MSS rule 10 tcp flags syn
policy route MSS rule 10 set tcp-mss 1300
nat destination rule 10 inbound-interface name eth0
nat destination rule 10 protocol tcp
nat destination rule 10 destination port 80,8000-8080
nat destination rule 10 translation address 10.1.0.5
nat destination rule 10 translation port 8080
nat destination rule 20 inbound-interface name eth0
nat destination rule 20 protocol udp
nat destination rule 20 destination address 192.0.2.1
nat destination rule 20 destination port 53
nat destination rule 20 translation port 5353
nat destination rule 5 exclude
nat destination rule 5 source address 10.2.0.0/24
nat source rule 10 outbound-interface name eth0
nat source rule 10 translation address masquerade
system sysctl parameter net.ipv4.conf.all.log_martians value 1
"""


def plan_of(lines: str, generation: str | None = None) -> Plan:
    """Read, upgraded, built and compiled, as ``sapper`` does with a file."""
    whole = (UNDERLAY + lines).strip().splitlines()
    upgraded = upgrade(read("\n".join(f"set {line}" for line in whole) + "\n", "east.set"))
    return compile_router(build(upgraded.root, generation or upgraded.generation, "east").router)
