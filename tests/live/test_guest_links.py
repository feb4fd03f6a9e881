"""Every kind of link on a kernel that has it: what iproute2 and the kernel itself say is what the Plan says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from guest_links import PLANS, STATES

from sapper.kernel.plan import Encapsulating, Link
from sapper.lab.guest import Guest
from sapper.live.netlink.link import LinkMessage, decode_link
from sapper.live.netlink.state import decode_state
from sapper.live.netlink.tunnel import decode_encapsulating, decode_vlan, decode_xfrm

pytestmark = pytest.mark.lab
TUNNELS = [name for name, plan in PLANS.items() if plan.links[-1].encapsulating is not None]
# What iproute2 calls the protocol of ipip, sit and ip6tnl devices.
PROTOCOL_WORDS = {("ipip", 4): "ipip", ("sit", 41): "ip6ip", ("ip6tnl", 4): "ipip6", ("ip6tnl", 41): "ip6ip6"}


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with Guest(agent_module="guest_links", agent_paths=(str(Path(__file__).parent),), boot_deadline_s=90) as booted:
        yield booted


@pytest.fixture(scope="module")
def observed(guest: Guest) -> Any:
    @cache
    def observe(name: str) -> dict[str, Any]:
        answer = guest.call({"plan": name}, deadline_s=60)
        assert "refused" not in answer, answer
        return answer

    return observe


def shown(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(link for link in answer["links"] if link["ifname"] == name)
    return found


def dotted(key: int) -> str:
    return ".".join(str(byte) for byte in key.to_bytes(4, "big"))


@pytest.mark.parametrize("name", TUNNELS)
def test_iproute2_shows_the_tunnel(observed: Any, name: str) -> None:
    link = PLANS[name].links[-1]
    outer = link.encapsulating
    assert outer is not None
    device = shown(observed(name), link.name)
    data = device["linkinfo"]["info_data"]

    assert device["linkinfo"]["info_kind"] == link.kind
    assert data["local"] == str(outer.local or "any")
    assert data["remote"] == str(outer.remote or "any")
    assert data["ttl"] == outer.ttl
    assert device.get("link") == outer.link
    assert data.get("okey") == data.get("ikey") == (None if outer.key is None else dotted(outer.key))
    assert data.get("proto") == PROTOCOL_WORDS.get((link.kind, outer.protocol))
    if link.kind.startswith("ip6"):
        assert data.get("encap_limit") == outer.encaplimit
        assert data.get("ip6_tnl_f_ign_encap_limit", False) == (outer.encaplimit is None)
        assert data.get("ip6_tnl_f_use_orig_tclass", False) == outer.tos_inherit
    else:
        assert data.get("tos", "0x0") == ("0x1" if outer.tos_inherit else "0x0")
        assert data["pmtudisc"] == outer.pmtu_discovery
        assert data.get("ignore_df", False) == outer.ignore_df


@pytest.mark.parametrize("name", PLANS)
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
        assert addresses == {str(attached) for attached in link.addresses}
        assert device.get("master") == link.master
        assert link.mtu_bytes in (None, device["mtu"])
        if link.encapsulating is not None:
            assert ("MULTICAST" in device["flags"]) == link.multicast


@pytest.mark.parametrize("name", PLANS)
def test_the_kernels_answer_decodes_to_the_plan(observed: Any, name: str) -> None:
    links = {link.name: link for link in (decode_link(bytes.fromhex(raw)) for raw in observed(name)["raw"])}
    names = {link.index: link.name or "" for link in links.values()}
    for planned in PLANS[name].links:
        link = links[planned.name]
        assert link.up == planned.up
        assert link.kind == ("veth" if planned.kind == "ethernet" else planned.kind)
        assert read_back(planned, link, names) == wanted(planned)


def read_back(planned: Link, link: LinkMessage, names: dict[int, str]) -> Encapsulating | int | None:
    if planned.encapsulating is not None:
        return decode_encapsulating(planned.kind, link.data, names)
    return {"xfrm": decode_xfrm, "vlan": decode_vlan}.get(planned.kind, lambda _: None)(link.data)


def wanted(planned: Link) -> Encapsulating | int | None:
    return planned.encapsulating or planned.if_id or planned.vlan


def test_routes_follow_their_link(observed: Any) -> None:
    answer = observed("routes")
    ways = [
        {(route["dst"], route.get("type", route.get("dev"))) for family in step.values() for route in family}
        for step in answer["steps"]
    ]
    down = {("10.2.0.0/24", "unreachable")}
    up = {("10.2.0.0/24", "vti0"), ("10.3.0.0/24", "vti0"), ("fd01::/64", "vti0"), ("fd00::/64", "vti0")} | down

    assert set(answer["waiting"]) == {"10.2.0.0/24", "10.3.0.0/24", "fd01::/64"}
    for number, step in enumerate(ways):
        assert (up if number % 2 else down) <= step
        assert number % 2 or not any(way == "vti0" for _, way in step)


def test_states_as_the_kernel_and_iproute2_list_them(observed: Any) -> None:
    answer = observed("xfrm")
    found = [decode_state(bytes.fromhex(payload)) for payload in answer["states"]]
    by_spi = {state.spi: state for state in found}

    assert by_spi.keys() == {state.spi for state in STATES}
    for state in STATES:
        seen = by_spi[state.spi]
        for name in state.__struct_fields__:
            if name != "added_at":
                assert getattr(seen, name) == getattr(state, name), name
        assert not seen.larval
    assert "aead rfc4106(gcm(aes)) 0x" + "a1" * 20 + " (160 bits) 128" in answer["shown"]
    assert "auth-trunc hmac(sha1) 0x" + "e5" * 20 + " (160 bits) 96" in answer["shown"]
    assert "encap type espinudp sport 4500 dport 4501" in answer["shown"]
    assert "expire add: soft 0(sec), hard 3600(sec)" in answer["shown"]
    assert "if_id 0x1" in answer["shown"]
    assert "sel src 192.0.2.1/32 dst 192.0.2.2/32 proto udp sport 7" in answer["shown"]
    assert answer["left"] == 0


def test_source_nat_as_nft_lists_it(observed: Any) -> None:
    answer = observed("nat")
    lines = [line.strip() for line in answer["nat"].splitlines()]

    assert [line for line in lines if "counter" in line] == [
        'oifname "eth0" ip daddr 10.2.0.0/24 counter accept',
        'oifname "eth0" meta l4proto != gre counter accept',
        "ip saddr 10.3.0.0/24 counter snat to 192.0.2.9",
        'oifname != "eth0" counter masquerade',
        "ip6 saddr 2001:db8:1::/48 counter masquerade",
    ]
    assert lines.count("type nat hook postrouting priority srcnat; policy accept;") == 2


def test_ike_can_be_dropped_and_let_through_again(observed: Any) -> None:
    answer = observed("nat")

    assert "udp dport { 500, 4500 } counter drop" in answer["dropping"]
    assert "type filter hook forward" in answer["dropping"]
    # Installing the same rules once more changed nothing, and the table for the drop is gone.
    assert answer["again"] == answer["nat"]
