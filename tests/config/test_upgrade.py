"""Old words become new ones, with their places; the document itself is not touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config.generation import recognise_generation
from sapper.config.print_set import print_set
from sapper.config.set_syntax import read_set
from sapper.config.tree import Document, Node, Source
from sapper.config.upgrade import upgrade
from sapper.config.upgrade.graft import move, rename

PEER = "vpn ipsec site-to-site peer"
IKE = "vpn ipsec ike-group I"


def document(*commands: str) -> Document:
    return read_set(Source("x", "".join(f"set {command}\n" for command in commands)))


def upgraded(*commands: str) -> set[str]:
    return {" ".join(path) for path in upgrade(document(*commands)).root.leaves()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("interfaces tunnel tun0 local-ip 192.0.2.1", "interfaces tunnel tun0 source-address 192.0.2.1"),
        ("interfaces tunnel tun0 remote-ip 192.0.2.1", "interfaces tunnel tun0 remote 192.0.2.1"),
        ("interfaces l2tpv3 l2tpeth0 local-ip 192.0.2.1", "interfaces l2tpv3 l2tpeth0 source-address 192.0.2.1"),
        ("interfaces tunnel tun0 remote 192.0.2.1/32", "interfaces tunnel tun0 remote 192.0.2.1"),
        ("interfaces tunnel tun0 encapsulation gre-bridge", "interfaces tunnel tun0 encapsulation gretap"),
        ("interfaces tunnel tun0 dhcp-interface eth0", "interfaces tunnel tun0 source-interface eth0"),
        ("interfaces tunnel tun0 multicast enable", "interfaces tunnel tun0 enable-multicast"),
        ("interfaces tunnel tun0 multicast disable", "interfaces tunnel tun0"),
        ("interfaces dummy dum0 local-ip 192.0.2.1", "interfaces dummy dum0 local-ip 192.0.2.1"),
        (f"{IKE} close-action clear", f"{IKE} close-action none"),
        (f"{IKE} close-action hold", f"{IKE} close-action trap"),
        (f"{IKE} close-action restart", f"{IKE} close-action start"),
        (f"{IKE} dead-peer-detection action hold", f"{IKE} dead-peer-detection action trap"),
        (f"{IKE} dead-peer-detection action restart", f"{IKE} dead-peer-detection action restart"),
        (f"{IKE} mobike disable", f"{IKE} disable-mobike"),
        (f"{IKE} mobike enable", IKE),
        (f"{IKE} ikev2-reauth yes", f"{IKE} ikev2-reauth"),
        ("vpn ipsec esp-group E compression enable", "vpn ipsec esp-group E compression"),
        ("vpn ipsec esp-group E compression disable", "vpn ipsec esp-group E"),
        ("vpn ipsec ipsec-interfaces interface eth0", "vpn ipsec interface eth0"),
        (f"{PEER} east connection-type respond", f"{PEER} east connection-type trap"),
        (f"{PEER} 2001:db8::2 tunnel 1 protocol gre", f"{PEER} peer_2001-db8--2 tunnel 1 protocol gre"),
        (f"{PEER} 192.0.2.1 force-encapsulation enable", f"{PEER} peer_192-0-2-1 force-udp-encapsulation"),
        (f"{PEER} 192.0.2.1 authentication id me", f"{PEER} peer_192-0-2-1 authentication local-id me"),
        ("nat source rule 1 outbound-interface eth0", "nat source rule 1 outbound-interface name eth0"),
        ("nat source rule 1 outbound-interface eth+", "nat source rule 1 outbound-interface name eth*"),
        ("nat source rule 1 outbound-interface any", "nat source rule 1"),
        ("nat source rule 1 outbound-interface name eth0", "nat source rule 1 outbound-interface name eth0"),
        (
            "protocols static interface-route 10.0.0.0/8 next-hop-interface tun0",
            "protocols static route 10.0.0.0/8 interface tun0",
        ),
        (
            "protocols static table 9 interface-route6 ::/0 next-hop-interface tun0",
            "protocols static table 9 route6 ::/0 interface tun0",
        ),
        (
            "interfaces ethernet eth0 vif 5 bridge-group bridge br1",
            "interfaces bridge br1 member interface eth0.5",
        ),
        ("interfaces ethernet eth0 vif 5 policy route P", "policy route P interface eth0.5"),
        (
            "interfaces tunnel tun0 parameters ip bridge-group bridge br1",
            "interfaces bridge br1 member interface tun0",
        ),
        ("interfaces bridge br0 stp true", "interfaces bridge br0 stp"),
        ("interfaces bridge br0 igmp-snooping querier enable", "interfaces bridge br0 igmp querier"),
        ("interfaces ethernet eth0 bond-group bond1", "interfaces bonding bond1 member interface eth0"),
        ("interfaces vxlan vxlan0 link eth0", "interfaces vxlan vxlan0 source-interface eth0"),
        ("firewall name X rule 1 inbound-interface eth0", "firewall ipv4 name X rule 1 inbound-interface name eth0"),
        ("firewall name X rule 1 ipsec match-ipsec", "firewall ipv4 name X rule 1 ipsec match-ipsec-in"),
        ("policy route P rule 1 ipsec match-none", "policy route P rule 1 ipsec match-none-in"),
        ("interfaces ethernet eth0 firewall local ipv6-name X", "firewall ipv6 input filter rule 5 jump-target X"),
        ("interfaces ethernet eth0 firewall out name X", "firewall ipv4 forward filter rule 5 outbound-interface name eth0"),
        ("firewall options interface eth0.5 adjust-mss6 1300", "interfaces ethernet eth0 vif 5 ipv6 adjust-mss 1300"),
        ("vpn ipsec logging log-modes all", "vpn ipsec log subsystem any"),
        ("nat source rule 1 log enable", "nat source rule 1 log"),
        ("nat source rule 1 source address 192.0.2.1/24", "nat source rule 1 source address 192.0.2.0/24"),
        ("policy local-route rule 1 source 192.0.2.1", "policy local-route rule 1 source address 192.0.2.1"),
        ("policy route P rule 1 state new enable", "policy route P rule 1 state new"),
        ("policy route P enable-default-log", "policy route P default-log"),
        ("system gateway-address 192.0.2.1", "protocols static route 0.0.0.0/0 next-hop 192.0.2.1"),
        ("interfaces wireguard wg0 peer a endpoint 192.0.2.1:51820", "interfaces wireguard wg0 peer a port 51820"),
        ("interfaces wireguard wg0 peer a endpoint [2001:db8::1]:51820", "interfaces wireguard wg0 peer a address 2001:db8::1"),
    ],
)  # fmt: skip
def test_old_words_become_new_ones(old: str, new: str) -> None:
    result = upgrade(document(old))
    found = {" ".join(path) for path, _ in result.root.walk()}
    assert new in found
    assert old == new or old not in found


@pytest.mark.parametrize("name", ["any", "0.0.0.0", "@west"])
def test_a_peer_without_an_address_answers_only(name: str) -> None:
    new = "peer_" + name.removeprefix("@").replace(".", "-")
    identity = "west" if name == "@west" else "%any"
    found = upgraded(f"{PEER} {name} connection-type initiate", f"{PEER} {name} authentication pre-shared-secret s")
    assert found >= {
        f"{PEER} {new} connection-type none",
        f"{PEER} {new} remote-address any",
        f"{PEER} {new} authentication remote-id {identity}",
        f"vpn ipsec authentication psk {new} secret s",
    }
    assert not any("initiate" in path or "pre-shared-secret s" in path for path in found)


def test_the_key_is_found_by_identities_in_order() -> None:
    root = upgrade(
        document(
            f"{PEER} 192.0.2.9 authentication pre-shared-secret s",
            f"{PEER} 192.0.2.9 local-address 192.0.2.1",
            f"{PEER} 192.0.2.9 authentication id me",
            f"{PEER} 192.0.2.9 authentication remote-id you",
            f"{PEER} 192.0.2.9 dhcp-interface eth0",
        )
    ).root
    key = root.find("vpn", "ipsec", "authentication", "psk", "peer_192-0-2-9")
    assert key is not None
    assert list(key.children["id"].children) == ["me", "you", "192.0.2.1", "192.0.2.9"]
    assert list(key.children["secret"].children) == ["s"]
    assert list(key.children["dhcp-interface"].children) == ["eth0"]


def test_no_identity_is_written_twice() -> None:
    root = upgrade(
        document(
            f"{PEER} 192.0.2.9 authentication pre-shared-secret s",
            f"{PEER} 192.0.2.9 local-address any",
        )
    ).root
    key = root.find("vpn", "ipsec", "authentication", "psk", "peer_192-0-2-9", "id")
    assert key is not None
    assert list(key.children) == ["192.0.2.9", "any"]


def test_defaults_that_changed_are_written_out() -> None:
    old = "interfaces tunnel tun0 local-ip 192.0.2.1"
    assert upgraded(old, f"{IKE} dead-peer-detection interval 10") >= {
        f"{IKE} key-exchange ikev1",
        f"{IKE} dead-peer-detection action trap",
    }
    assert f"{IKE} key-exchange ikev1" not in upgraded(old, f"{IKE} key-exchange ikev2")
    assert "interfaces tunnel tun0 parameters ip ttl 255" in upgraded(
        old, "interfaces tunnel tun0 encapsulation gre"
    )
    assert f"{IKE} lifetime 60" in upgraded(f"{IKE} lifetime 60")
    assert f"{IKE} key-exchange ikev1" not in upgraded(f"{IKE} lifetime 60")


def test_a_file_of_mixed_age_is_read_word_by_word() -> None:
    found = upgraded(
        "interfaces tunnel tun0 local-ip 192.0.2.1",
        "interfaces tunnel tun0 remote 192.0.2.9",
        f"{PEER} east remote-address 192.0.2.9",
        f"{PEER} 192.0.2.8 tunnel 1 protocol gre",
        f"{IKE} lifetime 60",
    )
    assert found == {
        "interfaces tunnel tun0 source-address 192.0.2.1",
        "interfaces tunnel tun0 remote 192.0.2.9",
        f"{PEER} east remote-address 192.0.2.9",
        f"{PEER} peer_192-0-2-8 tunnel 1 protocol gre",
        f"{PEER} peer_192-0-2-8 remote-address 192.0.2.8",
        f"{PEER} peer_192-0-2-8 authentication remote-id 192.0.2.8",
        f"{IKE} lifetime 60",
    }


def test_both_words_for_one_end_merge_in_the_order_of_writing() -> None:
    root = upgrade(
        document(
            "interfaces tunnel tun0 remote 192.0.2.1",
            "interfaces tunnel tun0 remote-ip 192.0.2.2/32",
            "interfaces tunnel tun0 remote-ip 192.0.2.1",
        )
    ).root
    remote = root.find("interfaces", "tunnel", "tun0", "remote")
    assert remote is not None
    assert [value.word for value in remote.values()] == ["192.0.2.2", "192.0.2.1"]
    assert [len(node.spans) for node in (remote, *remote.values())] == [3, 1, 2]


def test_what_was_written_anew_points_at_the_words_it_came_from() -> None:
    found = document(f"{PEER} 192.0.2.9 authentication pre-shared-secret sesame")
    text = found.source.text
    root = upgrade(found).root

    def written(*path: str) -> str:
        node = root.find(*path)
        assert node is not None
        return text[node.span.start : node.span.end]

    assert written("vpn", "ipsec", "authentication", "psk", "peer_192-0-2-9", "secret", "sesame") == "sesame"
    assert written("vpn", "ipsec", "site-to-site", "peer", "peer_192-0-2-9") == "192.0.2.9"
    assert (
        written("vpn", "ipsec", "site-to-site", "peer", "peer_192-0-2-9", "remote-address", "192.0.2.9")
        == "192.0.2.9"
    )


VERSIONS = {"interfaces": 22, "ipsec": 5, "nat": 5, "firewall": 5, "quagga": 8}


def with_footer(versions: dict[str, int], *commands: str) -> Document:
    found = document(*commands)
    found.components = versions
    return found


@pytest.mark.parametrize("number", [19, 20])
def test_a_step_runs_for_files_below_its_number(number: int) -> None:
    old = "interfaces tunnel tun0 local-ip 192.0.2.1"
    found = set(upgrade(with_footer({**VERSIONS, "interfaces": number}, old)).root.leaves())
    end = "source-address" if number < 20 else "local-ip"
    assert found == {("interfaces", "tunnel", "tun0", end, "192.0.2.1")}


def test_a_component_that_the_footer_does_not_have_counts_as_0() -> None:
    found = set(upgrade(with_footer({"ipsec": 5}, "interfaces tunnel tun0 local-ip 192.0.2.1")).root.leaves())
    assert ("interfaces", "tunnel", "tun0", "source-address", "192.0.2.1") in found


def test_a_vti_without_a_peer_is_dropped_and_noted_where_the_footer_says_so() -> None:
    commands = ["interfaces vti vti0 mtu 1400", "interfaces vti vti1 mtu 1400", f"{PEER} 192.0.2.9 vti bind vti1"]
    result = upgrade(with_footer(VERSIONS, *commands))
    vtis = result.root.find("interfaces", "vti")
    assert vtis is not None
    assert list(vtis.children) == ["vti1"]
    assert [note.path for note in result.notes] == [("interfaces", "vti", "vti0")]
    vtis = upgrade(with_footer({**VERSIONS, "interfaces": 25}, *commands)).root.find("interfaces", "vti")
    assert vtis is not None
    assert len(vtis.children) == 2


@pytest.mark.parametrize(
    "command",
    [
        f"{PEER} 192.0.2.9 authentication x509 cert-file a.pem",
        f"{PEER} 192.0.2.9 authentication rsa-key-name west",
        "vpn rsa-keys local-key file a.key",
        "vpn ipsec include-ipsec-conf a.conf",
        "interfaces wireguard wg0 private-key default",
        "firewall options interface foo0 adjust-mss 1300",
        "protocols static arp 192.0.2.1 hwaddr 00:00:5e:00:53:01",
    ],
)
def test_what_cannot_be_upgraded_is_kept_or_noted(command: str) -> None:
    result = upgrade(document(command))
    assert len(result.notes) == 1
    assert result.notes[0].code == ""
    assert all(word in command.split() for word in result.notes[0].path if not word.startswith("private"))


def test_ipsec_on_its_way_to_1_4_has_the_old_rules_until_its_number_says_so() -> None:
    rolling = with_footer(
        {"interfaces": 22, "ipsec": 6}, f"{IKE} lifetime 60", f"{PEER} west tunnel 1 protocol gre"
    )
    found = {" ".join(path) for path in upgrade(rolling).root.leaves()}
    assert {f"{IKE} key-exchange ikev1", f"{PEER} peer_west remote-address west"} <= found


WORDS = {
    "interfaces": ["tunnel tun0", "tunnel tun1", "ethernet eth0", "ethernet eth0 vif 5", "l2tpv3 l2tpeth0"],
    "option": [
        "local-ip 192.0.2.1", "local-ip 192.0.2.1/32", "remote-ip 2001:db8::1/64", "source-address 192.0.2.1",
        "encapsulation gre-bridge", "encapsulation gre", "parameters ip bridge-group bridge br0", "bridge-group br0",
        "bridge-group bridge br0", "bridge-group cost 5", "multicast enable", "multicast disable", "dhcp-interface eth0",
        "policy route P", "policy ipv6-route P", "multicast", "local-ip", "bridge-group", "parameters ip bridge-group",
    ],
    "peer": [
        "authentication pre-shared-secret s", "authentication id me", "authentication mode pre-shared-secret",
        "connection-type respond", "connection-type initiate", "local-address 192.0.2.1", "remote-address 192.0.2.2",
        "force-encapsulation enable", "tunnel 1 protocol gre", "tunnel 1 allow-nat-networks disable", "authentication",
        "vti bind vti0", "dhcp-interface eth0", "connection-type",
    ],
    "other": [
        "vpn ipsec ike-group I close-action hold", "vpn ipsec ike-group I dead-peer-detection action hold",
        "vpn ipsec ike-group I mobike disable", "vpn ipsec esp-group E compression enable", "vpn ipsec ike-group I",
        "vpn ipsec ipsec-interfaces interface eth0", "vpn ipsec interface eth1", "vpn ipsec ipsec-interfaces",
        "vpn ipsec authentication psk x secret s", "vpn ipsec logging log-modes all",
        "nat source rule 1 outbound-interface eth0", "nat source rule 1 outbound-interface any",
        "nat source rule 1 outbound-interface", "protocols static interface-route 10.0.0.0/8 next-hop-interface tun0",
        "protocols static route 10.0.0.0/8 next-hop 192.0.2.1 next-hop-interface eth0",
        "policy route P rule 1 tcp flags SYN,!RST", "policy ipv6-route P rule 1 tcp flags SYN",
    ],
}  # fmt: skip
PEERS = ["192.0.2.9", "2001:db8::9", "@west", "any", "0.0.0.0", "east", "west.example.com"]
COMMANDS = st.one_of(
    st.builds("interfaces {} {}".format, st.sampled_from(WORDS["interfaces"]), st.sampled_from(WORDS["option"])),
    st.builds(f"{PEER} {{}} {{}}".format, st.sampled_from(PEERS), st.sampled_from(WORDS["peer"])),
    st.sampled_from(WORDS["other"]),
)


def shape(node: Node) -> object:
    return [(path, below.spans, below.extent, below.comment) for path, below in node.walk()]


@given(st.lists(COMMANDS, max_size=12))
@settings(max_examples=120, deadline=None)
def test_the_document_stays_and_every_new_word_has_a_place(commands: list[str]) -> None:
    found = document(*commands)
    before = shape(found.root)
    result = upgrade(found)
    assert shape(found.root) == before
    length = len(found.source.text)
    nodes = [node for _, node in result.root.walk()]
    assert len({id(node) for node in nodes}) == len(nodes)
    for path, node in result.root.walk():
        assert node.spans, path
        assert node.spans == sorted(node.spans), path
        assert all(0 <= span.start < span.end <= length for span in [*node.spans, node.extent]), path
        assert all(word == child.word for word, child in node.children.items()), path


@given(st.lists(COMMANDS, max_size=12))
@settings(max_examples=120, deadline=None)
def test_an_upgraded_tree_upgrades_to_itself(commands: list[str]) -> None:
    once = upgrade(document(*commands))
    again = read_set(Source("x", print_set(once.root)))
    # The new words alone need not tell their generation; that of the text would fill in its defaults again.
    again.components = {"interfaces": 33, "ipsec": 14}
    assert recognise_generation(again) == "1.5"
    assert set(upgrade(again).root.leaves()) == set(once.root.leaves())


def test_renaming_many_children_keeps_their_order() -> None:
    root = Node("")
    for number in range(2000):
        root.add(f"old{number}")
    rename(root, lambda node: node.word.replace("old", "new"))
    assert list(root.children) == [f"new{number}" for number in range(2000)]


def test_merging_keeps_what_both_hold() -> None:
    root, other = Node(""), Node("")
    root.add("a").add("b").add("c")
    other.add("a").add("b").add("d")
    move(other.children["a"], root, "a")
    assert list(root.leaves()) == [("a", "b", "c"), ("a", "b", "d")]
