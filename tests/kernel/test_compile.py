"""From a Router to its Plan: what VyOS renders for strongSwan and asks of the kernel, rule by rule.

The expectations are the reference's sentences (sections 11 and 21), each with the smallest Router that shows it; the
property tests make the same rules hold for any names, numbers and orders.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sapper.address import Address, Prefix
from sapper.kernel.compile import compile_router
from sapper.kernel.connections import section_name
from sapper.kernel.links import vti_if_id
from sapper.kernel.plan import Child, Connection, Plan, Selector
from sapper.kernel.proposals import DH_KEYWORD
from sapper.model.interface import Vti
from sapper.model.ipsec import Authentication, Dpd, EspGroup, IkeGroup, Peer, PeerTunnel, Proposal, VtiBind
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.secret import Secret

HERE = Origin("here", 0, 0)
EAST, WEST, WEST_2 = (Address.parse(text) for text in ("192.0.2.10", "203.0.113.20", "203.0.113.21"))
LAN, FAR = Prefix.parse("10.1.0.0/24"), Prefix.parse("10.2.0.0/24")
IKE = IkeGroup(name="IKE", origin=HERE, proposals=(Proposal("aes256", "sha256", 14),))
ESP = EspGroup(name="ESP", origin=HERE, proposals=(Proposal("aes128", "sha256"),))
TRANSPORT = replace(ESP, mode="transport")


def peer_tunnel(number: str = "1", esp: EspGroup = ESP, **fields: object) -> PeerTunnel:
    return PeerTunnel(number=number, origin=HERE, esp_group=esp, **fields)  # type: ignore[arg-type]


def peer(*tunnels: PeerTunnel, name: str = "west", **fields: object) -> Peer:
    made = Peer(
        name=name,
        origin=HERE,
        ike_group=IKE,
        authentication=Authentication(),
        local_address=EAST,
        remote_addresses=(WEST,),
        tunnels=tunnels,
    )
    return replace(made, **fields)


def compiled(generation: str = "1.4", **fields: object) -> Plan:
    return compile_router(Router(name="east", generation=generation, **fields))  # type: ignore[arg-type]


def connection(of: Peer, generation: str = "1.4") -> Connection:
    (made,) = compiled(generation, peers=(of,)).connections
    return made


def child(of: Peer, generation: str = "1.4") -> Child:
    return connection(of, generation).children[0]


def test_an_ike_proposal_always_ends_in_a_group() -> None:
    group = replace(IKE, proposals=(Proposal("aes256", "sha512", 19, "prfsha256"), Proposal("3des", "md5")))
    assert connection(peer(ike_group=group)).proposals == ("aes256-sha512-prfsha256-ecp256", "3des-md5-modp1024")


@pytest.mark.parametrize(
    ("pfs", "expected"),
    [
        ("disable", "aes256gcm128-sha256"),
        ("enable", "aes256gcm128-sha256-modp2048"),
        ("dh-group20", "aes256gcm128-sha256-ecp384"),
        ("dh-group32", "aes256gcm128-sha256-curve448"),
    ],
)
def test_pfs_decides_the_group_of_an_esp_proposal_and_an_aead_keeps_its_hash(pfs: str, expected: str) -> None:
    esp = replace(ESP, pfs=pfs, proposals=(Proposal("aes256gcm128", "sha256"),))
    assert child(peer(peer_tunnel(esp=esp))).esp_proposals == (expected,)


def test_pfs_enable_takes_the_first_ike_proposal_whatever_matches() -> None:
    ike = replace(IKE, proposals=(Proposal("aes128", "sha1", 5), Proposal("aes256", "sha256", 14)))
    made = connection(peer(peer_tunnel(), ike_group=ike))
    assert made.children[0].esp_proposals == ("aes128-sha256-modp1536",)


def test_groups_without_proposals_get_the_defaults() -> None:
    bare = peer(peer_tunnel(esp=EspGroup(name="E", origin=HERE)), ike_group=IkeGroup(name="I", origin=HERE))
    assert connection(bare).proposals == ("aes128-sha1-modp1024",)
    assert child(bare).esp_proposals == ("aes128-sha1-modp1024",)


@given(st.lists(st.sampled_from(sorted(DH_KEYWORD)), min_size=1, max_size=5))
def test_proposals_keep_their_order(groups: list[int]) -> None:
    ike = replace(IKE, proposals=tuple(Proposal("aes128", "sha256", group) for group in groups))
    assert [text.split("-")[-1] for text in connection(peer(ike_group=ike)).proposals] == [
        DH_KEYWORD[group] for group in groups
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("@west", "west"), ("192.0.2.1", "192-0-2-1"), ("2001:db8::1", "2001-db8--1"), ("a@b", "ab")],
)
def test_section_names(name: str, expected: str) -> None:
    assert section_name(name) == expected
    assert connection(peer(peer_tunnel("7"), name=name)).children[0].name == f"{expected}-tunnel-7"


@pytest.mark.parametrize(
    ("kind", "passive", "start", "tries"),
    [
        ("initiate", False, "start", 0),
        ("trap", False, "trap", 1),
        ("none", False, "none", None),
        ("initiate", True, "none", 0),
    ],
)
def test_connection_type_decides_start_action_and_keyingtries(
    kind: str, passive: bool, start: str, tries: int | None
) -> None:
    made = connection(peer(peer_tunnel(), connection_type=kind, passive=passive))
    assert made.children[0].start_action == start
    assert made.keyingtries == tries


@pytest.mark.parametrize(("exchange", "version"), [("ikev1", 1), ("ikev2", 2), ("any", 0)])
def test_key_exchange_decides_the_version(exchange: str, version: int) -> None:
    ike = replace(IKE, key_exchange=exchange, aggressive=True)
    made = connection(peer(ike_group=ike))
    assert made.version == version
    assert made.aggressive == (version == 1)


def test_dead_peer_detection_only_where_it_is_configured() -> None:
    without = connection(peer(peer_tunnel()))
    assert (without.dpd_delay_s, without.dpd_timeout_s, without.children[0].dpd_action) == (None, None, None)
    with_dpd = connection(peer(peer_tunnel(), ike_group=replace(IKE, dpd=Dpd("restart", 10, 40))))
    assert (with_dpd.dpd_delay_s, with_dpd.dpd_timeout_s) == (10, 40)
    assert with_dpd.children[0].dpd_action == "restart"


def test_addresses_times_and_the_secret_are_carried() -> None:
    auth = Authentication(local_id="east", remote_id="west", secret=Secret("hidden"), secret_ids=("east", "west"))
    ike = replace(IKE, lifetime_s=3600, mobike=False, close_action="trap")
    made = connection(peer(peer_tunnel(), authentication=auth, ike_group=ike, force_udp=True))
    assert (made.local_addrs, made.remote_addrs) == ((EAST,), (WEST,))
    assert (made.rekey_time_s, made.mobike, made.encap, made.auth) == (3600, False, True, "psk")
    assert (made.local_id, made.remote_id, made.secret_ids) == ("east", "west", ("east", "west"))
    assert made.secret == Secret("hidden")
    assert made.children[0].close_action == "trap"
    assert "hidden" not in repr(made)


def test_any_is_no_address_and_certificates_are_pubkey() -> None:
    made = connection(peer(local_address=None, remote_addresses=(), authentication=Authentication(mode="x509")))
    assert (made.local_addrs, made.remote_addrs, made.auth) == ((), (), "pubkey")


def test_a_disabled_peer_and_a_disabled_tunnel_are_not_there() -> None:
    assert compiled(peers=(peer(disabled=True),)).connections == ()
    made = connection(peer(peer_tunnel("1", disabled=True), peer_tunnel("2")))
    assert [item.name for item in made.children] == ["west-tunnel-2"]


def test_tunnel_mode_puts_the_suffix_after_every_prefix() -> None:
    tunnel = peer_tunnel(
        local_prefixes=(LAN, Prefix.parse("10.9.0.0/24")), remote_prefixes=(FAR,), protocol=6, remote_port=443
    )
    made = child(peer(tunnel))
    assert made.local_ts == (Selector(LAN, 6), Selector(Prefix.parse("10.9.0.0/24"), 6))
    assert made.remote_ts == (Selector(FAR, 6, 443),)


@pytest.mark.parametrize(
    ("generation", "kept"), [("1.1", True), ("1.2", True), ("1.3", True), ("1.4", False), ("1.5", False)]
)
def test_a_side_without_prefix_loses_its_protocol_since_swanctl(generation: str, kept: bool) -> None:
    made = child(peer(peer_tunnel(protocol=47)), generation)
    expected = ((Selector(Prefix.host(EAST), 47),), (Selector(Prefix.host(WEST), 47),)) if kept else ((), ())
    assert (made.local_ts, made.remote_ts) == expected


def test_transport_mode_selects_the_addresses_and_only_the_last_has_the_suffix() -> None:
    made = child(peer(peer_tunnel(esp=TRANSPORT, protocol=47), remote_addresses=(WEST, WEST_2)))
    assert made.mode == "transport"
    assert made.local_ts == (Selector(Prefix.host(EAST), 47),)
    assert made.remote_ts == (Selector(Prefix.host(WEST)), Selector(Prefix.host(WEST_2), 47))


def test_priority_counts_in_tunnel_mode_only() -> None:
    assert child(peer(peer_tunnel(priority=5))).priority == 5
    assert child(peer(peer_tunnel(esp=TRANSPORT, priority=5))).priority is None


def test_lifetime_stays_and_rekeying_goes_with_disable_rekey() -> None:
    made = child(peer(peer_tunnel(esp=replace(ESP, lifetime_s=900, rekey=False, compression=True))))
    assert (made.life_time_s, made.rekey_time_s, made.ipcomp) == (900, 0, True)
    assert child(peer(peer_tunnel())).rekey_time_s is None


def test_overlapping_prefixes_make_a_passthrough_child() -> None:
    wide = Prefix.parse("10.0.0.0/8")
    made = connection(peer(peer_tunnel(local_prefixes=(LAN, FAR), remote_prefixes=(wide, FAR))))
    tunnel, bypass = made.children
    assert tunnel.name == "west-tunnel-1"
    assert (bypass.name, bypass.mode, bypass.start_action) == ("west-tunnel-1-passthrough", "pass", "trap")
    assert bypass.local_ts == bypass.remote_ts == (Selector(LAN), Selector(FAR))


@given(st.lists(st.integers(8, 24), min_size=1, max_size=3), st.lists(st.integers(8, 24), min_size=1, max_size=3))
def test_a_passthrough_child_exists_exactly_where_prefixes_overlap(near: list[int], far: list[int]) -> None:
    locals_ = tuple(Prefix.parse(f"10.{length}.0.0/{length}") for length in near)
    remotes = tuple(Prefix.parse(f"10.{length}.0.0/{length}") for length in far)
    made = connection(peer(peer_tunnel(local_prefixes=locals_, remote_prefixes=remotes)))
    overlapping = {
        local
        for local in locals_
        for remote in remotes
        if local.first <= remote.last and remote.first <= local.last
    }
    found = {selector.prefix for item in made.children if item.mode == "pass" for selector in item.local_ts}
    assert found == overlapping


def test_families_never_overlap() -> None:
    tunnel = peer_tunnel(local_prefixes=(Prefix.everything(4),), remote_prefixes=(Prefix.everything(6),))
    assert len(connection(peer(tunnel)).children) == 1


def bind(name: str = "vti3") -> VtiBind:
    return VtiBind(interface=name, origin=HERE, esp_group=ESP)


def test_a_bound_vti_gets_a_child_for_everything_and_its_script() -> None:
    plan = compiled(peers=(peer(vti=bind()),), vtis=(Vti(name="vti3", origin=HERE),))
    made = plan.connections[0].children[0]
    everything = (Selector(Prefix.everything(4)), Selector(Prefix.everything(6)))
    assert (made.name, made.mode, made.if_id, made.updown) == ("west-vti", "tunnel", 4, "vti3")
    assert made.local_ts == made.remote_ts == everything
    (link,) = plan.links
    assert (link.kind, link.up, link.if_id, link.raised_by) == ("xfrm", False, 4, "west-vti")


def test_tunnels_beside_a_bound_vti_replace_its_child_and_share_its_id() -> None:
    made = connection(peer(peer_tunnel("1", remote_prefixes=(FAR,)), peer_tunnel("2"), vti=bind()))
    assert [item.name for item in made.children] == ["west-tunnel-1", "west-tunnel-2"]
    assert {(item.if_id, item.updown) for item in made.children} == {(4, "vti3")}


def test_a_vti_that_nobody_binds_or_that_is_disabled_is_never_raised() -> None:
    (link,) = compiled(vtis=(Vti(name="vti3", origin=HERE),)).links
    assert (link.up, link.raised_by) == (False, None)
    disabled = (Vti(name="vti3", origin=HERE, disabled=True),)
    assert compiled(peers=(peer(vti=bind()),), vtis=disabled).links[0].raised_by is None


@given(st.integers(0, 4_000))
def test_the_id_of_an_xfrm_interface_is_never_zero(number: int) -> None:
    assert vti_if_id(f"vti{number}") == number + 1
