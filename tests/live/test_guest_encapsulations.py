"""From set commands to a link in a kernel: every encapsulation, attribute by attribute as iproute2 shows it.

The configuration is read, built and compiled here, as for any file; sapper installs the Plan in the guest; then
iproute2, and the kernel's own answer in our decoder, must say what the Plan says, and nothing else. What VyOS does
where the configuration is silent stands here as numbers of its own, taken from VyOS and not from the Plan.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from encapsulation_cases import CASES, PRESHARED_KEY, PRIVATE_KEY, PUBLIC_KEYS, WAYS, plan_of
from msgspec import structs
from shown_by_iproute2 import configurable, expected

from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Link, Plan
from sapper.kernel.wire import encode_plan
from sapper.lab.guest import Guest
from sapper.live.netlink.geneve import decode_geneve
from sapper.live.netlink.l2tp import decode_sessions
from sapper.live.netlink.link import decode_link
from sapper.live.netlink.tunnel import decode_encapsulating, decode_vrf, decode_xfrm
from sapper.live.netlink.vxlan import decode_default_entry, decode_vxlan
from sapper.live.netlink.wireguard import decode_device

pytestmark = pytest.mark.lab

PLANS: dict[str, Plan] = {name: plan_of(lines) for name, lines in CASES.items()} | {"ways": plan_of(WAYS)}
TUNNELS = [name for name in CASES if name != "vrf"]


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with Guest(
        agent_module="guest_encapsulations", agent_paths=(str(Path(__file__).parent),), boot_deadline_s=90
    ) as booted:
        yield booted


@pytest.fixture(scope="module")
def observed(guest: Guest) -> Any:
    @cache
    def observe(name: str) -> dict[str, Any]:
        message: dict[str, Any] = {"made": encode_plan(PLANS[name])}
        if name.startswith("wireguard"):
            shared = {PUBLIC_KEYS[0]: PRESHARED_KEY} if name == "wireguard-options" else {}
            message["keys"] = {"private": PRIVATE_KEY, "preshared": shared}
        answer = guest.call(message, deadline_s=60)
        assert "refused" not in answer, answer
        return answer

    return observe


def tunnel_of(name: str) -> Link:
    return next(link for link in PLANS[name].links if encapsulation_of(link) != "none")


def shown(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(link for link in answer["links"] if link["ifname"] == name)
    return found


@pytest.mark.parametrize("name", [name for name in TUNNELS if tunnel_of(name).kind not in ("l2tpeth", "wireguard")])
def test_iproute2_shows_the_plan_and_nothing_else(observed: Any, name: str) -> None:
    link = tunnel_of(name)
    info = shown(observed(name), link.name)["linkinfo"]

    assert info["info_kind"] == link.kind
    assert configurable(link, info["info_data"]) == expected(link)


@pytest.mark.parametrize("name", CASES)
def test_states_sizes_addresses_and_masters(observed: Any, name: str) -> None:
    answer = observed(name)
    for link in PLANS[name].links:
        device = shown(answer, link.name)
        addresses = {
            f"{entry['local']}/{entry['prefixlen']}"
            for each in answer["addresses"]
            if each["ifname"] == link.name
            for entry in each["addr_info"]
            if entry["scope"] == "global"
        }
        assert ("UP" in device["flags"]) == link.up
        # A sit device without a remote gets an address of its own (net/ipv6/addrconf.c, add_v4_addrs).
        assert addresses - {"::192.0.2.1/96"} == {str(attached) for attached in link.addresses}
        assert device.get("master") == link.master
        assert link.mtu_bytes in (None, device["mtu"])
        if link.encapsulating is not None:
            assert ("MULTICAST" in device["flags"]) == link.multicast


@pytest.mark.parametrize("name", CASES)
def test_the_kernels_own_answer_decodes_to_the_plan(observed: Any, name: str) -> None:
    answer = observed(name)
    links = {link.name: link for link in (decode_link(bytes.fromhex(raw)) for raw in answer["raw"])}
    names = {link.index: link.name or "" for link in links.values()}
    entries = [decode_default_entry(bytes.fromhex(raw)) for raw in answer["forwarding"]]
    for planned in PLANS[name].links:
        seen = links[planned.name]
        if planned.encapsulating is not None:
            assert decode_encapsulating(planned.kind, seen.data, names) == planned.encapsulating
        elif planned.vxlan is not None:
            remotes = [entry[1] for entry in entries if entry is not None and entry[0] == seen.index]
            first = planned.vxlan.group or next(iter(planned.vxlan.remotes), None)
            further = [remote for remote in remotes if remote != first]
            assert decode_vxlan(seen.data, names, further) == structs.replace(planned.vxlan, vlan_to_vni=())
            assert first is None or first in remotes
        elif planned.geneve is not None:
            assert decode_geneve(seen.data) == planned.geneve
        elif planned.vrf_table is not None:
            assert decode_vrf(seen.data) == planned.vrf_table
        elif planned.if_id is not None:
            assert decode_xfrm(seen.data) == planned.if_id


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("l2tp")])
def test_l2tp_sessions_as_iproute2_and_the_kernel_say(observed: Any, name: str) -> None:
    answer, link = observed(name), tunnel_of(name)
    session = link.l2tp
    assert session is not None
    (tunnel,), (shown_session,) = answer["l2tp_shown"]
    decoded = decode_sessions(*(map(bytes.fromhex, answer[f"l2tp_{word}"]) for word in ("tunnels", "sessions")))

    assert decoded == {link.name: session}
    assert (tunnel["tunnel_id"], tunnel["peer_tunnel"]) == (session.tunnel_id, session.peer_tunnel_id)
    assert (tunnel["local"], tunnel["peer"]) == (str(session.local), str(session.remote))
    assert tunnel["encap"].lower() == session.encapsulation
    assert (tunnel.get("local_port", 0), tunnel.get("peer_port", 0)) == (
        session.source_port,
        session.destination_port,
    )
    assert (shown_session["session_id"], shown_session["peer_session_id"]) == (110, 210)
    assert (shown_session["interface"], shown_session["tunnel_id"]) == (link.name, session.tunnel_id)


@pytest.mark.parametrize("name", ["wireguard", "wireguard-options"])
def test_wireguard_devices_read_back(observed: Any, name: str) -> None:
    planned = tunnel_of(name).wireguard
    assert planned is not None
    seen = decode_device(map(bytes.fromhex, observed(name)["wireguard"]))

    assert seen.private_key is not None
    assert seen.private_key.reveal() == clamped(PRIVATE_KEY)
    assert seen.port == planned.port or (planned.port == 0 and seen.port > 0)
    assert seen.fwmark == planned.fwmark
    assert {peer.public_key: peer for peer in seen.peers} == {peer.public_key: peer for peer in planned.peers}


def clamped(key: str) -> str:
    """A Curve25519 secret as the kernel keeps it (RFC 7748 5)."""
    raw = bytearray(base64.b64decode(key))
    raw[0] &= 248
    raw[31] = raw[31] & 127 | 64
    return base64.b64encode(raw).decode()


# The configuration is silent: what VyOS then does, in iproute2's words (its scripts and schema, not our records).
IPV4_DEFAULTS = {"ttl": 64, "tos": "0x1", "pmtudisc": True}
IPV6_DEFAULTS = {"ttl": 64, "encap_limit": 4, "ip6_tnl_f_use_orig_tclass": True, "flowlabel": "0x00000"}
SILENT: dict[str, tuple[int, dict[str, Any]]] = {
    "gre": (1476, IPV4_DEFAULTS),
    "ipip": (1476, IPV4_DEFAULTS),
    "sit": (1476, IPV4_DEFAULTS),
    "gretap-bridged": (1476, IPV4_DEFAULTS),
    "erspan-default": (1476, {**IPV4_DEFAULTS, "erspan_ver": 1, "iseq": True, "oseq": True}),
    "ipip6": (1476, IPV6_DEFAULTS),
    "ip6ip6": (1476, IPV6_DEFAULTS),
    "ip6gre": (1476, IPV6_DEFAULTS),
    "ip6gretap-tos": (1476, {"ttl": 64, "encap_limit": 4}),
    "ip6erspan-1": (1476, {**IPV6_DEFAULTS, "iseq": True, "oseq": True}),
    "vti-default": (1500, {"if_id": "0xb"}),
    "vxlan": (1500, {"port": 4789, "ttl": 16, "tos": "0x1", "df": "unset", "learning": True}),
    "geneve": (1500, {"port": 6081, "ttl": 0, "tos": "0x1", "df": "unset"}),
}


@pytest.mark.parametrize("name", SILENT)
def test_where_the_configuration_is_silent(observed: Any, name: str) -> None:
    mtu, wanted = SILENT[name]
    device = shown(observed(name), tunnel_of(name).name)
    data = device["linkinfo"]["info_data"]

    assert device["mtu"] == mtu
    assert {word: data.get(word) for word in wanted} == wanted
    if tunnel_of(name).encapsulating is not None:
        assert "MULTICAST" not in device["flags"]
        assert ("okey" in data) == ("erspan" in name)


def test_where_the_configuration_of_a_session_or_a_key_is_silent(observed: Any) -> None:
    (tunnel,), _ = observed("l2tp-udp")["l2tp_shown"]
    assert (tunnel["encap"], tunnel["local_port"], tunnel["peer_port"]) == ("UDP", 5000, 5000)
    assert shown(observed("l2tp-udp"), "l2tpeth0")["mtu"] == 1488
    assert shown(observed("wireguard"), "wg0")["mtu"] == 1420
    assert decode_device(map(bytes.fromhex, observed("wireguard")["wireguard"])).fwmark == 0
    assert "UP" not in shown(observed("vti-default"), "vti10")["flags"]


def test_vlans_with_identifiers_of_their_own(observed: Any) -> None:
    (port,) = [port for port in observed("vxlan-vlans")["vlans"] if port["ifname"] == "vxlan0"]
    pairs = {
        (entry["vlan"] + offset, entry["tunid"] + offset)
        for entry in port["tunnels"]
        for offset in range(entry.get("vlanEnd", entry["vlan"]) - entry["vlan"] + 1)
    }

    planned = tunnel_of("vxlan-vlans").vxlan
    assert planned is not None
    assert pairs == {(10, 10010), (20, 20020), (21, 20021), (22, 20022)} == set(planned.vlan_to_vni)


def test_a_bridge_follows_its_smallest_port_where_nothing_else_is_said(observed: Any) -> None:
    assert shown(observed("gretap-bridged"), "br0")["mtu"] == 1476
    assert shown(observed("vxlan-bridged"), "br0")["mtu"] == 1500


def test_every_encapsulation_was_made_in_each_family_it_can_have(observed: Any) -> None:
    made = {(encapsulation_of(tunnel_of(name)), family_of(tunnel_of(name))) for name in TUNNELS}
    for name, record in ENCAPSULATIONS.items():
        families = {record.outer_family} if record.outer_family or name in ("vti", "wireguard") else {4, 6}
        assert {(name, family) for family in families} <= made


def family_of(link: Link) -> int | None:
    ends = [
        *((link.encapsulating.local, link.encapsulating.remote) if link.encapsulating else ()),
        *((link.vxlan.local, link.vxlan.group, *link.vxlan.remotes) if link.vxlan else ()),
        link.geneve.remote if link.geneve else None,
        link.l2tp.local if link.l2tp else None,
    ]
    families = {int(end.family) for end in ends if end is not None}
    return families.pop() if len(families) == 1 else 4 if link.encapsulating else None


def test_the_routes_of_a_vrf_are_in_its_table(observed: Any) -> None:
    routes = [(route["dst"], route["dev"], route.get("table")) for route in observed("vrf")["routes"]]

    assert ("10.0.0.0/30", "tun0", "1000") in routes


def test_several_ways_of_one_distance(observed: Any) -> None:
    answer = observed("ways")
    v4 = [route for route in answer["routes"] if route["dst"] == "10.9.0.0/16"]
    hops = [{hop["gateway"] for hop in route.get("nexthops", [route])} for route in v4]
    mixed = next(route for route in answer["routes"] if route["dst"] == "10.8.0.0/16")
    v6 = [
        hop["gateway"]
        for route in answer["routes6"]
        if route["dst"] == "2001:db8:9::/48"
        for hop in route.get("nexthops", [route])
    ]

    assert answer["waiting"] == []
    assert hops == [{"192.0.2.8", "192.0.2.9"}, {"192.0.2.7"}]
    assert [(hop.get("gateway"), hop["dev"]) for hop in mixed["nexthops"]] == [
        ("192.0.2.8", "eth0"),
        (None, "eth1"),
    ]
    assert sorted(v6) == ["2001:db8::8", "2001:db8::9"]


def test_policy_routing_in_the_kernel(observed: Any) -> None:
    answer = observed("ways")
    lines = [line.strip() for line in answer["nft"].splitlines()]
    rule = next(rule for rule in answer["rules"] if rule["priority"] == 10)
    default = next(route for route in answer["routes"] if route.get("table") == "10")

    assert [line for line in lines if "meta mark set" in line] == [
        'iifname "eth1" ip daddr 10.3.0.0/16 counter meta mark set 0x00000000 accept',
        'iifname "eth1" ip saddr 10.1.0.0/25 meta l4proto udp counter meta mark set 0x7ffffff5 accept',
        'iifname "eth1" ip saddr != 10.1.0.64/26 counter meta mark set 0x7ffffff5 accept',
    ]
    assert (rule["fwmark"], rule["table"]) == ("0x7ffffff5", "10")
    assert (default["dst"], default["gateway"]) == ("default", "192.0.2.6")


def test_mss_of_both_kinds_and_destination_nat_as_nft_lists_them(observed: Any) -> None:
    lines = [line.strip() for line in observed("ways")["nft"].splitlines()]

    assert [line for line in lines if "maxseg" in line] == [
        'oifname "eth1" tcp flags syn / syn,rst tcp option maxseg size 1361-65535 counter tcp option maxseg size set 1360',
        'iifname "eth1" tcp flags & syn == syn counter tcp option maxseg size set 1300',
        'oifname "eth1" tcp flags syn / syn,rst counter tcp option maxseg size set rt mtu',
    ]
    assert "type nat hook prerouting priority dstnat; policy accept;" in lines
    assert [line for line in lines if "dnat to" in line or "10.2.0.0" in line] == [
        "ip saddr 10.2.0.0/24 counter accept",
        'iifname "eth0" tcp dport { 80, 8000-8080 } counter dnat to 10.1.0.5:8080',
        'iifname "eth0" ip daddr 192.0.2.1 udp dport 53 counter dnat to :5353',
    ]


def test_settings_of_interfaces_and_of_the_system(observed: Any) -> None:
    sysctls = observed("ways")["sysctls"]

    assert sysctls == {item.name: item.value for item in PLANS["ways"].sysctls}
    assert sysctls["net.ipv4.conf.eth1.rp_filter"] == "1"
    assert sysctls["net.ipv6.conf.eth1.forwarding"] == "0"
    assert sysctls["net.ipv4.conf.all.log_martians"] == "1"
