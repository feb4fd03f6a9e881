"""Plans for the renderers' test on a kernel: every kind of link with every option, routes, rules, NAT, connections.

``EVERYTHING`` is what iproute2 can say, ``FOR_NETWORKD`` the part of it that systemd-networkd 252 can, with the values
that it knows (no TOS of IPIP, no traffic class).
"""

from __future__ import annotations

from typing import Any

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Child,
    Connection,
    DestinationNatRule,
    Encapsulating,
    ErspanHeader,
    GeneveHeader,
    Guard,
    L2tpSession,
    Link,
    LinkKind,
    MarkRule,
    MssClamp,
    Plan,
    Route,
    Rule,
    Selector,
    SixRdPrefixes,
    SourceNatRule,
    Sysctl,
    VxlanHeader,
    WireguardDevice,
    WireguardPeer,
)
from sapper.secret import Secret

# Base64 of bytes that a kernel keeps as they are (a clamped private key, any public key).
PRIVATE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="
PUBLIC = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="
OTHER = "Xab0hKhmXPKdnDnhC8nuPW2x9ZD2hGpHzlHNCJ8TFwM="
SHARED = "ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A="


def address(text: str) -> Address:
    return Address.parse(text)


def prefix(text: str) -> Prefix:
    return Prefix.parse(text)


def at(*texts: str) -> tuple[Attached, ...]:
    return tuple(map(Attached.parse, texts))


HERE4, HERE6 = address("192.0.2.1"), address("2001:db8::1")


def tunnel(kind: LinkKind, number: int, **more: Any) -> Link:
    """Tunnel ``tunN`` to an end of its own, with an address of its own."""
    outer = {"link", "key", "ttl", "tos_inherit", "tos", "pmtu_discovery", "ignore_df", "encaplimit", "flow_label"}
    outer |= {"sequence", "erspan", "sixrd", "remote", "local"}
    fields = {name: more.pop(name) for name in list(more) if name in outer}
    six = kind.startswith("ip6")
    remote = address(f"2001:db8::1:{number:x}") if six else address(f"192.0.2.{100 + number}")
    payload = more.pop("payload", None)
    protocol = payload or {"ipip": 4, "sit": 41}.get(kind, 47)
    ends = {"local": HERE6 if six else HERE4, "remote": remote}
    if six:
        fields = {"encaplimit": 4, **fields}
    address_here = () if more.get("master", "").startswith("br") else at(f"10.0.{number}.1/30")
    return Link(
        **{"name": f"tun{number}", "kind": kind, "mtu_bytes": 1400 - number, "multicast": False, **more},
        addresses=address_here,
        encapsulating=Encapsulating(**{**ends, "protocol": protocol, "payload": payload, **fields}),
    )


UNDER = (
    Link(name="lo", kind="loopback", addresses=at("10.9.9.9/32")),
    Link(name="eth0", kind="ethernet", mtu_bytes=1600, addresses=at("192.0.2.1/24", "2001:db8::1/64")),
    Link(name="eth1", kind="ethernet", addresses=at("10.1.0.1/24"), multicast=False),
    Link(name="eth0.5", kind="vlan", parent="eth0", vlan=5, mtu_bytes=1600, addresses=at("10.5.0.1/24")),
    Link(name="dum0", kind="dummy", multicast=False, addresses=at("10.10.0.1/32", "fd10::1/128")),
    Link(name="br0", kind="bridge", addresses=at("10.20.0.1/24")),
    Link(name="red", kind="vrf", vrf_table=1000),
    Link(name="eth9", kind="ethernet", up=False, addresses=at("10.99.0.1/24")),
)
WIREGUARD = Link(
    name="wg0",
    kind="wireguard",
    mtu_bytes=1420,
    addresses=at("10.30.0.1/24"),
    wireguard=WireguardDevice(
        private_key=Secret(PRIVATE),
        port=51820,
        fwmark=0x51,
        peers=(
            WireguardPeer(
                public_key=PUBLIC,
                allowed=(prefix("10.31.0.0/24"), prefix("fd31::/64")),
                preshared_key=Secret(SHARED),
                endpoint=address("192.0.2.77"),
                port=51821,
                keepalive_s=25,
            ),
            WireguardPeer(public_key=OTHER, allowed=(prefix("10.32.0.0/24"),)),
        ),
    ),
)
XFRM = (
    Link(
        name="vti0",
        kind="xfrm",
        if_id=1,
        up=False,
        raised_by="WEST-vti",
        mtu_bytes=1400,
        addresses=at("10.40.0.1/29"),
    ),
    Link(name="vti1", kind="xfrm", if_id=2, parent="eth0", addresses=at("10.41.0.1/29")),
)
L2TP = (
    Link(
        name="l2tpeth0",
        kind="l2tpeth",
        mtu_bytes=1488,
        addresses=at("10.50.0.1/24"),
        l2tp=L2tpSession(
            encapsulation="udp",
            local=HERE4,
            remote=address("192.0.2.2"),
            tunnel_id=10,
            peer_tunnel_id=20,
            session_id=30,
            peer_session_id=40,
            source_port=5000,
            destination_port=5001,
        ),
    ),
    Link(
        name="l2tpeth1",
        kind="l2tpeth",
        mtu_bytes=1400,
        master="br0",
        l2tp=L2tpSession(
            encapsulation="ip",
            local=HERE4,
            remote=address("192.0.2.3"),
            tunnel_id=11,
            peer_tunnel_id=21,
            session_id=31,
            peer_session_id=41,
        ),
    ),
)
GRE = (
    tunnel("gre", 0),
    tunnel("gre", 2, remote=None, key=4294967295, link="eth0", multicast=True),
    tunnel("gretap", 3, ttl=0, pmtu_discovery=False, master="br0"),
    tunnel("gre", 16, key=9, sequence=True, tos_inherit=False, tos=0x20, master="red"),
    tunnel("erspan", 12, key=1, sequence=True, erspan=ErspanHeader(version=1, index=7)),
    tunnel("erspan", 13, key=2, sequence=True, erspan=ErspanHeader(version=2, egress=True, hw_id=9)),
)
VXLAN_WITH_REMOTES = Link(
    name="vxlan0",
    kind="vxlan",
    mtu_bytes=1450,
    addresses=at("10.60.0.1/24"),
    vxlan=VxlanHeader(vni=100, local=HERE4, remotes=(address("192.0.2.2"), address("192.0.2.3")), learning=False),
)
VXLAN_WITH_GROUP = Link(
    name="vxlan1",
    kind="vxlan",
    mtu_bytes=1450,
    vxlan=VxlanHeader(vni=101, group=address("239.1.1.1"), link="eth0", port=4790, ttl=7, tos=0x10, df="set"),
)
VXLAN6 = Link(
    name="vxlan3",
    kind="vxlan",
    mtu_bytes=1450,
    vxlan=VxlanHeader(vni=102, local=HERE6, remotes=(address("2001:db8::2"),), port=4791, flow_label=0x1F),
)
GENEVE = (
    Link(name="gnv0", kind="geneve", mtu_bytes=1400, geneve=GeneveHeader(vni=5, remote=address("192.0.2.2"))),
    Link(
        name="gnv1",
        kind="geneve",
        mtu_bytes=1400,
        geneve=GeneveHeader(
            vni=6, remote=address("2001:db8::2"), ttl=9, tos=0x20, df="inherit", flow_label=0x1F, port=6082
        ),
    ),
)
ONLY_IPROUTE2 = (
    tunnel("gre", 1, key=0),
    tunnel("gretap", 17, ttl=0, pmtu_discovery=False, ignore_df=True),
    tunnel("ipip", 4),
    tunnel("ipip", 5, ttl=0, pmtu_discovery=False, tos_inherit=False, tos=0x10, link="eth0"),
    tunnel("sit", 6),
    tunnel("sit", 7, remote=None, sixrd=SixRdPrefixes(prefix("2001:db9::/32"), prefix("192.0.0.0/8"))),
    tunnel("ip6tnl", 8, payload=4),
    tunnel("ip6tnl", 9, payload=41, encaplimit=None, tos_inherit=False, tos=0x20, flow_label=None, ttl=3),
    tunnel("ip6tnl", 18, payload=41, flow_label=0xABCDE, link="eth0"),
    tunnel("ip6gre", 10, key=9, encaplimit=7),
    tunnel("ip6gretap", 11, key=1, master="br0"),
    tunnel("ip6erspan", 14, key=1, sequence=True, erspan=ErspanHeader(version=1, index=5)),
    tunnel("ip6erspan", 15, key=2, sequence=True, erspan=ErspanHeader(version=2, egress=True, hw_id=3)),
    Link(name="br1", kind="bridge"),
    Link(
        name="vxlan2",
        kind="vxlan",
        mtu_bytes=1450,
        master="br1",
        vxlan=VxlanHeader(
            vni=None, local=HERE4, port=4792, vni_filter=True, vlan_to_vni=((10, 200), (11, 201)), learning=False
        ),
    ),
    Link(
        name="gnv2",
        kind="geneve",
        mtu_bytes=1400,
        geneve=GeneveHeader(vni=7, remote=address("192.0.2.4"), inner_protocol=True),
    ),
)
FLAT = {"tos_inherit": False}
NETWORKD_TUNNELS = (
    tunnel("ipip", 4, **FLAT),
    tunnel("sit", 6, **FLAT),
    tunnel("sit", 7, remote=None, sixrd=SixRdPrefixes(prefix("2001:db9::/32"), prefix("0.0.0.0/0")), **FLAT),
    tunnel("ip6tnl", 8, payload=4, **FLAT),
    tunnel("ip6tnl", 9, payload=41, encaplimit=None, flow_label=None, ttl=3, link="eth0", **FLAT),
    tunnel("ip6gre", 10, key=9, encaplimit=None, **FLAT),
    tunnel("ip6gretap", 11, key=1, encaplimit=None, master="br0", **FLAT),
)

ROUTES = (
    Route(prefix=prefix("0.0.0.0/0"), via=address("192.0.2.254"), metric=1),
    Route(prefix=prefix("::/0"), via=address("2001:db8::fe"), link="eth0", metric=257),
    Route(prefix=prefix("10.2.0.0/24"), link="tun0", metric=1),
    Route(prefix=prefix("10.2.0.0/24"), kind="unreachable", metric=254),
    Route(prefix=prefix("10.3.0.0/24"), via=address("10.0.0.2"), metric=1),
    Route(prefix=prefix("10.4.0.0/24"), link="vti0", metric=1),
    Route(prefix=prefix("10.4.1.0/24"), via=address("10.40.0.2"), metric=1),
    Route(prefix=prefix("10.6.0.0/24"), link="eth9"),
    Route(prefix=prefix("10.7.0.0/24"), via=address("172.16.0.1"), link="eth1", onlink=True),
    Route(prefix=prefix("fd02::/64"), kind="blackhole", metric=300),
    Route(prefix=prefix("10.8.0.0/24"), via=address("192.0.2.9"), table=100, source=address("192.0.2.1")),
)
# Several next hops for one prefix; one of them waits for a link that is down.
SHARED_BY_GATEWAY = (
    Route(prefix=prefix("10.11.0.0/16"), via=address("192.0.2.21"), metric=5),
    Route(prefix=prefix("10.11.0.0/16"), via=address("10.1.0.21"), link="eth1", metric=5),
    Route(prefix=prefix("10.12.0.0/16"), via=address("192.0.2.22"), metric=5),
    Route(prefix=prefix("10.12.0.0/16"), via=address("192.0.2.23"), metric=5),
    Route(prefix=prefix("10.12.0.0/16"), via=address("10.40.0.3"), metric=5),
    Route(prefix=prefix("fd12::/64"), via=address("2001:db8::22"), metric=500),
    Route(prefix=prefix("fd12::/64"), via=address("2001:db8::23"), metric=500),
)
SHARED_BY_DEVICE = (
    Route(prefix=prefix("10.13.0.0/16"), link="tun0", metric=5),
    Route(prefix=prefix("10.13.0.0/16"), link="tun1", metric=5),
)
RULES = (
    Rule(0, 255, 4),
    Rule(90, 100, 4, 0x7FFFFF9B),
    Rule(91, 100, 6, 0x7FFFFF9B),
    Rule(100, 100, 4),
    Rule(32766, 254, 4),
)
SYSCTLS = (
    Sysctl("net.ipv4.ip_forward", "1"),
    Sysctl("net.ipv6.conf.all.forwarding", "1"),
    Sysctl("net.ipv4.conf.default.rp_filter", "0"),
    Sysctl("net.ipv4.conf.eth0.5.rp_filter", "2"),
    Sysctl("net.ipv4.conf.tun0.rp_filter", "1"),
    Sysctl("net.ipv4.conf.eth1.rp_filter", "2"),
    Sysctl("net.ipv4.conf.l2tpeth0.rp_filter", "1"),
)
BOTH = (*UNDER, *GRE, *XFRM, *L2TP, WIREGUARD, VXLAN_WITH_REMOTES, VXLAN_WITH_GROUP, VXLAN6, *GENEVE)
EVERYTHING = Plan(
    name="everything",
    links=(*BOTH, *ONLY_IPROUTE2),
    routes=(*ROUTES, *SHARED_BY_GATEWAY, *SHARED_BY_DEVICE),
    rules=RULES,
    sysctls=SYSCTLS,
)
FOR_NETWORKD = Plan(
    name="for-networkd",
    links=(*BOTH, *NETWORKD_TUNNELS),
    routes=(*ROUTES, *SHARED_BY_GATEWAY),
    rules=RULES,
    sysctls=SYSCTLS,
)

NEGATED = frozenset({"protocol", "outbound", "destination"})
FIREWALL = Plan(
    name="firewall",
    source_nat=(
        SourceNatRule(number=20, action="masquerade", out_link="eth0"),
        SourceNatRule(number=10, action="accept", out_link="eth0", destination=prefix("10.2.0.0/24")),
        SourceNatRule(
            number=15,
            action="masquerade",
            out_link="eth9",
            destination=prefix("10.8.0.0/24"),
            negated=NEGATED,
            protocol=47,
        ),
        SourceNatRule(number=30, action="snat", source=prefix("10.3.0.0/24"), to=address("192.0.2.9")),
        SourceNatRule(number=40, action="masquerade", source=prefix("fd00::/8")),
    ),
    destination_nat=(
        DestinationNatRule(
            number=10,
            action="dnat",
            in_link="eth0",
            protocol=6,
            port="80,8080-8090",
            to=address("10.1.0.5"),
            to_port="80",
        ),
        DestinationNatRule(number=20, action="redirect", in_link="eth*", protocol=17, port="!53", to_port="5353"),
        DestinationNatRule(
            number=30,
            action="dnat",
            destination=prefix("2001:db8::5/128"),
            protocol=6,
            port="443",
            to=address("fd00::5"),
            to_port="8443",
        ),
        DestinationNatRule(number=40, action="accept", source=prefix("10.0.0.0/8"), negated=frozenset({"source"})),
        DestinationNatRule(number=50, action="dnat", port="99", to_port="98"),
        DestinationNatRule(number=60, action="dnat", to=address("10.1.0.6")),
    ),
    marks=(
        MarkRule(family=4, mark=0x7FFFFF9B, in_links=("eth1", "eth2"), source=prefix("10.1.0.0/24"), protocol=6),
        MarkRule(
            family=6, mark=5, in_links=("eth1",), destination=prefix("fd00::/8"), negated=frozenset({"destination"})
        ),
    ),
    mss_clamps=(
        MssClamp(family=4, bytes=1360, out_link="tun0"),
        MssClamp(family=6, bytes=None, out_link="tun0"),
        MssClamp(family=4, bytes=1300, in_links=("eth1",), lower_only=False, destination=prefix("10.2.0.0/24")),
    ),
    guards=(
        Guard(name="out", hook="output", family=4, destination=prefix("203.0.113.20/32"), protocol=47, link="eth0"),
        Guard(name="out raw", hook="output", family=6, source=prefix("fd00::/8"), protocol=41, raw=True),
        Guard(name="through", hook="forward", family=4, destination=prefix("10.2.0.0/24")),
        Guard(name="in", hook="input", family=4, protocol=47, link="eth0"),
        Guard(name="in raw", hook="prerouting", family=6, protocol=47, raw=True),
    ),
)

ODD_ID = 'C=CH, O="Fo\\o # {b}", CN=east = 1'
CONNECTIONS = Plan(
    name="connections",
    links=(*UNDER, *XFRM),
    routes=ROUTES,
    install_routes=False,
    connections=(
        Connection(
            name="WEST",
            title="WEST",
            version=2,
            local_addrs=(HERE4,),
            remote_addrs=(address("203.0.113.20"), address("2001:db8:1::20")),
            proposals=("aes128-sha256-ecp256", "aes256gcm128-sha256-modp2048"),
            local_id="east",
            remote_id="@#112233",
            secret=Secret('pa"ss\\wo#rd } = {'),
            secret_ids=("east", "west side"),
            dpd_delay_s=30,
            dpd_timeout_s=120,
            keyingtries=0,
            mobike=False,
            encap=True,
            children=(
                Child(
                    name="WEST-vti",
                    mode="tunnel",
                    local_ts=(Selector(prefix("0.0.0.0/0")), Selector(prefix("::/0"))),
                    remote_ts=(Selector(prefix("0.0.0.0/0")), Selector(prefix("::/0"))),
                    esp_proposals=("aes256gcm128-modp2048", "aes128-sha256"),
                    close_action="trap",
                    dpd_action="restart",
                    if_id=1,
                    updown="vti0",
                    life_bytes=1000000,
                    life_packets=5000,
                    title="WEST vti",
                ),
            ),
        ),
        Connection(
            name="any-where",
            version=1,
            local_addrs=(),
            remote_addrs=(),
            proposals=("aes128-sha1-modp1024",),
            aggressive=True,
            local_id=ODD_ID,
            secret=Secret("line\nbreak\0\x7f\u00e9"),
            secret_ids=("any",),
            children=(
                Child(
                    name="any-where-tunnel-1",
                    mode="transport",
                    local_ts=(Selector(prefix("192.0.2.1/32"), 47),),
                    remote_ts=(),
                    esp_proposals=("aes128-sha1",),
                    start_action="none",
                    rekey_time_s=0,
                    replay_window=0,
                    ipcomp=True,
                ),
                Child(
                    name="any-where-tunnel-2",
                    mode="tunnel",
                    local_ts=(Selector(prefix("10.1.0.0/24"), 6, 443),),
                    remote_ts=(Selector(prefix("10.2.0.0/24"), None, 80),),
                    esp_proposals=("aes128-sha1",),
                    priority=77,
                ),
                Child(
                    name="any-where-tunnel-2-passthrough",
                    mode="pass",
                    local_ts=(Selector(prefix("10.1.0.0/24")),),
                    remote_ts=(Selector(prefix("10.1.0.0/24")),),
                    esp_proposals=(),
                    start_action="trap",
                ),
            ),
        ),
    ),
)


def without(plan: Plan, *names: str) -> Plan:
    """The Plan without those links."""
    return msgspec.structs.replace(plan, links=tuple(link for link in plan.links if link.name not in names))
