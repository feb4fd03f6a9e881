"""Peers: groups and their defaults, keys by identity, and what is assumed where VyOS refuses."""

from __future__ import annotations

import pytest
from router_from_text import built_from, router_from

from sapper.address import Prefix
from sapper.model.ipsec import Dpd, Proposal
from sapper.rules.example import PEER, instead, without

WEST = "set vpn ipsec site-to-site peer west"


def codes(text: str) -> list[str]:
    return [assumed.code for assumed in built_from(text).defaulted]


def test_a_complete_peer_needs_no_assumption() -> None:
    assert codes(PEER) == []
    (peer,) = router_from(PEER).peers
    assert (peer.name, peer.connection_type, peer.passive, peer.replay_window) == ("west", "initiate", False, 32)
    assert str(peer.local_address) == "192.0.2.10"
    assert [str(address) for address in peer.remote_addresses] == ["203.0.113.20"]
    assert peer.ike_group.key_exchange == "ikev2"
    assert peer.ike_group.proposals == (Proposal("aes128", "sha1", 14),)
    (tunnel,) = peer.tunnels
    assert (tunnel.protocol, tunnel.esp_group.mode) == (47, "transport")
    assert tunnel.esp_group.proposals == (Proposal("aes256gcm128", "sha1"),)
    assert peer.authentication.secret is not None
    assert peer.authentication.secret.reveal() == "example"


@pytest.mark.parametrize(
    ("missing", "code"),
    [("authentication mode", "CFG306"), ("ike-group IKE\n", "CFG307"), ("default-esp-group", "CFG308")],
)
def test_what_vyos_demands_is_assumed_and_named(missing: str, code: str) -> None:
    assert codes(without(PEER, missing.strip())) == [code]


def test_the_assumed_groups_are_vyos_defaults() -> None:
    (peer,) = router_from("set vpn ipsec site-to-site peer 203.0.113.20 tunnel 1 protocol gre\n").peers
    ike, esp = peer.ike_group, peer.tunnels[0].esp_group
    assert (ike.key_exchange, ike.lifetime_s, ike.close_action, ike.dpd) == ("any", 28800, "none", None)
    assert ike.proposals == (Proposal("aes128", "sha1", 2),)
    assert (esp.mode, esp.lifetime_s, esp.pfs, esp.rekey) == ("tunnel", 3600, "enable", True)
    assert esp.proposals == (Proposal("aes128", "sha1"),)


def test_a_group_that_is_not_defined_is_stood_in_for() -> None:
    (peer,) = router_from(without(PEER, "ipsec esp-group")).peers
    assert peer.tunnels[0].esp_group.name == "ESP"
    assert peer.tunnels[0].esp_group.mode == "tunnel"


def test_dead_peer_detection_is_off_unless_written() -> None:
    group = "set vpn ipsec ike-group IKE dead-peer-detection interval 10\n"
    assert router_from(PEER).peers[0].ike_group.dpd is None
    assert router_from(PEER + group).peers[0].ike_group.dpd == Dpd("clear", 10, 120)


def test_the_old_generations_have_defaults_of_their_own() -> None:
    text = """
set vpn ipsec ike-group IKE dead-peer-detection interval 10
set vpn ipsec ike-group IKE proposal 1 encryption aes256
set vpn ipsec site-to-site peer 203.0.113.20 authentication pre-shared-secret example
set vpn ipsec site-to-site peer 203.0.113.20 ike-group IKE
set vpn ipsec site-to-site peer 203.0.113.20 local-address 192.0.2.10
set vpn ipsec site-to-site peer 203.0.113.20 tunnel 1 local prefix any
"""
    built = built_from(text)
    (peer,) = built.router.peers
    assert peer.ike_group.key_exchange == "ikev1"
    assert peer.ike_group.dpd == Dpd("trap", 10, 120)
    assert peer.authentication.secret is not None
    assert [assumed.code for assumed in built.defaulted] == ["CFG308"]
    assert peer.tunnels[0].local_prefixes == (Prefix.parse("0.0.0.0/0"),)


def test_a_peer_that_may_be_anybody_was_passive() -> None:
    (old,) = router_from("set vpn ipsec site-to-site peer @west connection-type respond\n").peers
    assert old.passive
    assert (old.remote_addresses, old.remote_names) == ((), ())
    (new,) = router_from(instead(PEER, "remote-address 203.0.113.20", "remote-address any")).peers
    assert not new.passive


@pytest.mark.parametrize(
    ("word", "kind"), [("initiate", "initiate"), ("respond", "trap"), ("trap", "trap"), ("none", "none")]
)
def test_connection_types(word: str, kind: str) -> None:
    assert router_from(f"{PEER}{WEST} connection-type {word}\n").peers[0].connection_type == kind


def test_one_any_makes_the_whole_list_any() -> None:
    (peer,) = router_from(f"{PEER}{WEST} remote-address any\n").peers
    assert peer.remote_addresses == ()
    (named,) = router_from(f"{PEER}{WEST} remote-address west.example.org\n").peers
    assert named.remote_names == ("west.example.org",)


def test_selectors_and_switches() -> None:
    (peer,) = router_from(
        f"""{PEER}
{WEST} tunnel 2 local prefix 10.1.0.0/16
{WEST} tunnel 2 remote prefix 10.2.0.0/16
{WEST} tunnel 2 remote port 179
{WEST} tunnel 2 protocol tcp_udp
{WEST} tunnel 2 disable
{WEST} vti bind vti3
{WEST} force-udp-encapsulation
{WEST} replay-window 0
"""
    ).peers
    second = peer.tunnels[1]
    assert second.local_prefixes == (Prefix.parse("10.1.0.0/16"),)
    assert (second.remote_port, second.protocol, second.disabled) == (179, None, True)
    assert peer.vti is not None
    assert (peer.vti.interface, peer.force_udp, peer.replay_window) == ("vti3", True, 0)


def test_a_protocol_that_is_several_is_unmodelled() -> None:
    router = router_from(instead(PEER, "protocol gre", "protocol tcp_udp"))
    assert router.unmodelled == ("vpn ipsec site-to-site peer west tunnel 1 protocol tcp_udp",)


def test_a_key_is_found_by_identity_and_the_best_match_wins() -> None:
    keys = """
set vpn ipsec authentication psk anyone id %any
set vpn ipsec authentication psk anyone secret for-anyone
set vpn ipsec authentication psk other id 198.51.100.1
set vpn ipsec authentication psk other id 198.51.100.2
set vpn ipsec authentication psk other secret for-others
"""
    (peer,) = router_from(keys + PEER).peers
    assert peer.authentication.secret_ids == ("192.0.2.10", "203.0.113.20")
    (stranger,) = router_from(keys + without(PEER, "psk west")).peers
    assert stranger.authentication.secret_ids == ("%any",)
    (nobody,) = router_from(without(keys, "anyone") + without(PEER, "psk west")).peers
    assert nobody.authentication.secret is None


def test_the_identity_of_the_far_end_decides_first() -> None:
    anyone = "set vpn ipsec authentication psk a id %any\nset vpn ipsec authentication psk a secret anyone\n"
    far = "set vpn ipsec authentication psk b id 203.0.113.20\nset vpn ipsec authentication psk b secret far\n"
    near = "set vpn ipsec authentication psk c id 192.0.2.10\nset vpn ipsec authentication psk c secret near\n"
    for keys, chosen in ((anyone + far + near, "203.0.113.20"), (near + anyone, "%any"), (near, "192.0.2.10")):
        (peer,) = router_from(keys + without(PEER, "psk west")).peers
        assert peer.authentication.secret_ids == (chosen,)


def test_a_key_goes_by_the_identities_that_are_written() -> None:
    ids = f"{WEST} authentication local-id east.example\n{WEST} authentication remote-id west.example\n"
    named = instead(instead(PEER, "id 192.0.2.10", "id east.example"), "id 203.0.113.20", "id west.example")
    assert router_from(named + ids).peers[0].authentication.secret is not None
    assert router_from(PEER + ids).peers[0].authentication.secret is None


def test_a_secret_is_in_no_rendering_of_the_router() -> None:
    assert "example" not in repr(built_from(PEER))
