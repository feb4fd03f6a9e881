"""Newer words become older ones and back; what older words cannot say is named with its place, never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.config import downgrade
from sapper.config.generation import COMPONENTS, Generation, recognise_generation
from sapper.config.read import read
from sapper.config.set_syntax import read_set
from sapper.config.translate import components_for, translate
from sapper.config.tree import Document, Source
from sapper.config.upgrade import STEPS, upgrade

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
SAVED = sorted(FILES.glob("*.boot"))
OLDER: tuple[Generation, ...] = ("1.2", "1.3", "1.4", "1.5")

PEER = "vpn ipsec site-to-site peer"
IKE = "vpn ipsec ike-group I"
TUN = "interfaces tunnel tun0"
POLICY = "policy route P"
BASE = "firewall ipv4 forward filter"


def newest(*commands: str) -> Document:
    found = read_set(Source("x.set", "".join(f"set {command}\n" for command in commands)))
    found.components = {**COMPONENTS["1.5"], "ipsec": 14}
    return found


def down(target: Generation, *commands: str) -> set[str]:
    result = translate(newest(*commands), target)
    assert result.lacking == []
    return {" ".join(path) for path in result.root.leaves()}


def back(document: Document, target: Generation) -> set[tuple[str, ...]]:
    """Down to the target and up again."""
    result = translate(document, target)
    assert [(" ".join(lack.path), lack.reason) for lack in result.lacking] == []
    older = Document(document.source, document.syntax, result.root)
    older.components = components_for(document, target)
    assert recognise_generation(older) == target
    return set(upgrade(older).root.leaves())


@pytest.mark.parametrize(
    ("target", "new", "old"),
    [
        ("1.4", f"{PEER} east connection-type trap", f"{PEER} east connection-type respond"),
        ("1.5", f"{PEER} east connection-type trap", f"{PEER} east connection-type respond"),
        ("1.3", f"{IKE} close-action trap", f"{IKE} close-action hold"),
        ("1.3", f"{IKE} close-action start", f"{IKE} close-action restart"),
        ("1.3", f"{IKE} dead-peer-detection action trap", f"{IKE} dead-peer-detection action hold"),
        ("1.3", f"{IKE} dead-peer-detection interval 5", f"{IKE} dead-peer-detection action clear"),
        ("1.3", f"{IKE} disable-mobike", f"{IKE} mobike disable"),
        ("1.3", f"{IKE} ikev2-reauth", f"{IKE} ikev2-reauth yes"),
        ("1.3", "vpn ipsec esp-group E compression", "vpn ipsec esp-group E compression enable"),
        ("1.3", "vpn ipsec interface eth0", "vpn ipsec ipsec-interfaces interface eth0"),
        ("1.3", "vpn ipsec log subsystem ike", "vpn ipsec logging log-modes ike"),
        ("1.3", f"{TUN} enable-multicast", f"{TUN} multicast enable"),
        ("1.3", f"{TUN} source-address 192.0.2.1", f"{TUN} source-address 192.0.2.1"),
        ("1.2", f"{TUN} source-address 192.0.2.1", f"{TUN} local-ip 192.0.2.1"),
        ("1.2", f"{TUN} remote 192.0.2.2", f"{TUN} remote-ip 192.0.2.2"),
        ("1.2", f"{TUN} source-interface eth0", f"{TUN} dhcp-interface eth0"),
        ("1.2", f"{TUN} encapsulation gretap", f"{TUN} encapsulation gre-bridge"),
        ("1.2", f"{TUN} encapsulation gre", f"{TUN} parameters ip ttl 64"),
        ("1.2", "interfaces bridge br0 member interface eth1 cost 5", "interfaces ethernet eth1 bridge-group cost 5"),
        (
            "1.2",
            "interfaces bridge br0 member interface tun0",
            "interfaces tunnel tun0 parameters ip bridge-group bridge br0",
        ),
        ("1.3", "interfaces bridge br0 member interface eth1", "interfaces bridge br0 member interface eth1"),
        ("1.2", "interfaces bridge br0 stp", "interfaces bridge br0 stp true"),
        ("1.3", "interfaces ethernet eth0 vif 5 ip adjust-mss 1300", "firewall options interface eth0.5 adjust-mss 1300"),
        ("1.3", f"{TUN} ipv6 adjust-mss 1300", "firewall options interface tun0 adjust-mss6 1300"),
        ("1.3", f"{POLICY} interface eth0.5", "interfaces ethernet eth0 vif 5 policy route P"),
        ("1.3", "policy route6 P interface eth0", "interfaces ethernet eth0 policy ipv6-route P"),
        ("1.3", f"{POLICY} rule 1 tcp flags syn", f"{POLICY} rule 1 tcp flags SYN"),
        ("1.3", f"{POLICY} rule 1 tcp flags not rst", f"{POLICY} rule 1 tcp flags !RST"),
        ("1.3", f"{POLICY} rule 1 state new", f"{POLICY} rule 1 state new enable"),
        ("1.3", f"{POLICY} rule 1 log", f"{POLICY} rule 1 log enable"),
        ("1.3", f"{POLICY} default-log", f"{POLICY} enable-default-log"),
        ("1.4", f"{POLICY} rule 1 ipsec match-none-in", f"{POLICY} rule 1 ipsec match-none"),
        ("1.3", "nat source rule 1 outbound-interface name eth0", "nat source rule 1 outbound-interface eth0"),
        ("1.3", "nat source rule 1 outbound-interface name eth*", "nat source rule 1 outbound-interface eth+"),
        ("1.3", "nat source rule 1 exclude", "nat source rule 1 outbound-interface any"),
        ("1.3", "nat source rule 1 log", "nat source rule 1 log"),
        ("1.2", "nat source rule 1 log", "nat source rule 1 log enable"),
        ("1.3", "protocols static route 10.0.0.0/8 interface tun0", "protocols static interface-route 10.0.0.0/8 next-hop-interface tun0"),
        ("1.3", "vrf name red protocols static route 10.0.0.0/8 blackhole", "protocols vrf red static route 10.0.0.0/8 blackhole"),
        ("1.2", "system sysctl parameter net.ipv4.ip_forward value 1", "system sysctl custom net.ipv4.ip_forward value 1"),
        ("1.3", "firewall ipv4 name X default-action return", "firewall name X default-action accept"),
        ("1.3", "firewall ipv6 name X rule 1 icmpv6 type-name echo-request", "firewall ipv6-name X rule 1 icmpv6 type echo-request"),
        ("1.4", "firewall ipv4 name X rule 1 ipsec match-ipsec-in", "firewall ipv4 name X rule 1 ipsec match-ipsec"),
        ("1.3", "firewall ipv4 name X rule 1 ipsec match-ipsec-in", "firewall name X rule 1 ipsec match-ipsec"),
        ("1.3", "firewall global-options all-ping enable", "firewall all-ping enable"),
        ("1.3", "firewall zone A interface eth0", "zone-policy zone A interface eth0"),
        ("1.3", "interfaces vxlan vxlan0 vni 5", "interfaces vxlan vxlan0 port 4789"),
        ("1.2", "interfaces pppoe pppoe0 source-interface eth0", "interfaces ethernet eth0 pppoe 0"),
        ("1.3", "interfaces pppoe pppoe0 authentication username a", "interfaces pppoe pppoe0 authentication user a"),
        ("1.3", "interfaces pppoe pppoe0 no-default-route", "interfaces pppoe pppoe0 default-route none"),
        ("1.3", "system ip protocol static route-map R", "protocols static route-map R"),
        ("1.3", "firewall ipv4 name X default-log", "firewall name X enable-default-log"),
        ("1.3", "firewall ipv4 name X rule 1 state new", "firewall name X rule 1 state new enable"),
        ("1.3", "firewall ipv4 name X rule 1 inbound-interface name eth0", "firewall name X rule 1 inbound-interface eth0"),
        ("1.3", "firewall ipv6 name X rule 1 protocol ipv6-icmp", "firewall ipv6-name X rule 1 protocol icmpv6"),
        ("1.3", "policy local-route rule 1 source address 192.0.2.1", "policy local-route rule 1 source 192.0.2.1"),
        ("1.3", "nat source rule 1 translation options port-mapping random",
         "nat source rule 1 translation options port-mapping fully-random"),
        ("1.3", "interfaces vxlan vxlan0 parameters external", "interfaces vxlan vxlan0 external"),
        ("1.2", "interfaces vxlan vxlan0 source-interface eth0", "interfaces vxlan vxlan0 link eth0"),
        ("1.2", "interfaces ethernet eth0 offload gro", "interfaces ethernet eth0 offload-options generic-receive on"),
        ("1.2", "interfaces bonding bond0 member interface eth1", "interfaces ethernet eth1 bond-group bond0"),
        ("1.3", "interfaces wireguard wg0 peer a public-key k", "interfaces wireguard wg0 peer a pubkey k"),
    ],
)  # fmt: skip
def test_new_words_become_old_ones(target: Generation, new: str, old: str) -> None:
    group = (f"{IKE} key-exchange ikev2",) if "ike-group" in new else ()
    result = translate(newest(new, *group), target)
    assert result.lacking == []
    assert old in {" ".join(path) for path, _ in result.root.walk()}


def test_a_base_chain_that_jumps_for_an_interface_hangs_on_it() -> None:
    found = down(
        "1.3",
        f"{BASE} default-action accept",
        f"{BASE} rule 5 action jump",
        f"{BASE} rule 5 jump-target WAN",
        f"{BASE} rule 5 inbound-interface name eth0",
        "firewall ipv4 name WAN rule 1 action drop",
    )
    assert found == {"interfaces ethernet eth0 firewall in name WAN", "firewall name WAN rule 1 action drop"}


def test_a_wireguard_peer_has_one_end_point() -> None:
    peer = "interfaces wireguard wg0 peer a"
    assert down("1.2", f"{peer} address 192.0.2.1", f"{peer} port 51820") == {f"{peer} endpoint 192.0.2.1:51820"}


def test_a_key_goes_to_the_peer_whose_identities_it_names() -> None:
    peers = [
        command
        for name, address in (("east", "192.0.2.2"), ("north", "192.0.2.3"))
        for command in (
            f"{PEER} {name} authentication mode pre-shared-secret",
            f"{PEER} {name} authentication remote-id {address}",
            f"{PEER} {name} remote-address {address}",
            f"{PEER} {name} local-address 192.0.2.1",
        )
    ]
    keys = [
        "vpn ipsec authentication psk b id 192.0.2.3",
        "vpn ipsec authentication psk b id 192.0.2.1",
        "vpn ipsec authentication psk b secret north",
        "vpn ipsec authentication psk a id %any",
        "vpn ipsec authentication psk a secret rest",
    ]
    found = down("1.3", *peers, *keys)
    assert f"{PEER} 192.0.2.3 authentication pre-shared-secret north" in found
    assert f"{PEER} 192.0.2.2 authentication pre-shared-secret rest" in found


@pytest.mark.parametrize(
    ("target", "commands", "path"),
    [
        ("1.2", [f"{TUN} encapsulation erspan"], f"{TUN} encapsulation"),
        ("1.2", [f"{TUN} source-interface eth0", f"{TUN} source-address 192.0.2.1"], f"{TUN} source-interface"),
        ("1.3", [f"{TUN} mtu 9000"], f"{TUN} mtu"),
        ("1.2", ["vrf name red table 100"], "vrf name red"),
        ("1.2", [f"{TUN} vrf red"], f"{TUN} vrf"),
        ("1.2", ["interfaces bridge br0 enable-vlan"], "interfaces bridge br0 enable-vlan"),
        ("1.2", ["interfaces bridge br0 member interface gnv0"], "interfaces bridge br0 member interface gnv0"),
        ("1.2", ["interfaces bridge br0 member interface eth0 isolated"],
         "interfaces bridge br0 member interface eth0 isolated"),
        ("1.3", [f"{TUN} ip adjust-mss clamp-mss-to-pmtu"], f"{TUN} ip adjust-mss"),
        ("1.3", [f"{POLICY} interface eth*"], f"{POLICY} interface eth*"),
        ("1.3", [f"{POLICY} interface eth0", "policy route Q interface eth0"], "policy route Q interface eth0"),
        ("1.4", [f"{POLICY} rule 1 ipsec match-none-out"], f"{POLICY} rule 1 ipsec match-none-out"),
        ("1.4", ["firewall ipv4 output filter rule 1 ipsec match-none-out"],
         "firewall ipv4 output filter rule 1 ipsec match-none-out"),
        ("1.3", ["nat source rule 1 outbound-interface group G"], "nat source rule 1 outbound-interface group"),
        ("1.3", [f"{IKE} lifetime 3600"], f"{IKE} key-exchange"),
        ("1.3", [f"{IKE} lifetime 0", f"{IKE} key-exchange ikev2"], f"{IKE} lifetime"),
        ("1.3", [f"{PEER} east remote-address 192.0.2.2", f"{PEER} east connection-type none"],
         f"{PEER} east connection-type"),
        ("1.3", [f"{PEER} east remote-address 192.0.2.2", f"{PEER} east remote-address 192.0.2.3"],
         f"{PEER} east remote-address"),
        ("1.3", [f"{PEER} east remote-address any", f"{PEER} east connection-type initiate"],
         f"{PEER} east connection-type"),
        ("1.3", [f"{PEER} east remote-address 192.0.2.2", f"{PEER} east vti bind vti0", f"{PEER} east tunnel 1 protocol gre"],
         f"{PEER} east vti"),
        ("1.3", [f"{PEER} east remote-address 192.0.2.2", f"{PEER} east tunnel 1 local prefix 10.0.0.0/8",
                 f"{PEER} east tunnel 1 local prefix 11.0.0.0/8"], f"{PEER} east tunnel 1 local prefix"),
        ("1.3", ["vpn ipsec authentication psk x secret s", "vpn ipsec authentication psk x id me"],
         "vpn ipsec authentication psk"),
        ("1.3", [f"{PEER} east remote-address 192.0.2.2", f"{PEER} west remote-address 192.0.2.2"], f"{PEER} west"),
        ("1.3", [f"{PEER} 192-0-2-2 authentication x509 certificate C", f"{PEER} 192-0-2-2 remote-address 192.0.2.2"],
         f"{PEER} 192.0.2.2 authentication x509 certificate"),
        ("1.3", ["interfaces wireguard wg0 private-key " + "A" * 43 + "="], "interfaces wireguard wg0 private-key"),
        ("1.3", [f"{BASE} default-action drop"], BASE),
        ("1.3", [f"{BASE} rule 1 action drop"], f"{BASE} rule 1"),
        ("1.3", ["firewall ipv4 name X rule 1 action jump"], "firewall ipv4 name X rule 1 action"),
        ("1.3", ["protocols static arp interface eth0 address 192.0.2.9 mac 00:00:5e:00:53:01"],
         "protocols static arp interface eth0 address 192.0.2.9"),
    ],
)  # fmt: skip
def test_what_older_words_cannot_say_is_named_with_its_place(
    target: Generation, commands: list[str], path: str
) -> None:
    document = newest(*commands)
    lacking = translate(document, target).lacking
    assert [" ".join(lack.path) for lack in lacking] == [path]
    written = document.source.text[lacking[0].span.start : lacking[0].span.end]
    assert written
    assert not written.isspace()
    assert "A" * 43 not in lacking[0].reason


def test_every_step_back_has_its_step_forward() -> None:
    forward = {(step.component, step.to) for step in STEPS}
    checks = {("no VRFs"), ("MTU of tunnels")}
    assert {
        (step.component, step.to, step.name)
        for step in downgrade.STEPS
        if (step.component, step.to) not in forward and step.name not in checks
    } == set()


PORT = ("interfaces ethernet eth0 description a", "interfaces ethernet eth0 vif 5 description b")
"""The port below everything: where nothing else configures it, older words make it, and the upgrade leaves it."""

FLAGS = st.sampled_from(["syn", "ack", "fin", "not rst", "not syn"])
ADDRESSES = st.sampled_from(["192.0.2.2", "192.0.2.3", "2001:db8::2", "west.example.com"])


@st.composite
def peers(draw: st.DrawFn) -> list[str]:
    """A peer as VyOS' own upgrade names it, with its key and the identities in their order."""
    address = draw(st.one_of(ADDRESSES, st.just("any")))
    identity = draw(st.sampled_from(["west", "moon"])) if address == "any" else address
    name = "peer_" + identity.replace(".", "-").replace(":", "-")
    local = draw(st.sampled_from(["192.0.2.1", "2001:db8::1"]))
    commands = [
        f"remote-address {address}",
        "authentication mode pre-shared-secret",
        f"authentication remote-id {identity}",
        f"local-address {local}",
        "ike-group I",
    ]
    if address == "any":
        commands.append("connection-type none")
    else:
        commands += draw(st.sampled_from([[], ["connection-type initiate"], ["connection-type trap"]]))
    commands += draw(st.sampled_from([[], ["force-udp-encapsulation"], ["authentication local-id me"]]))
    vti = address != "any" and draw(st.booleans())
    commands += ["vti bind vti0"] if vti else ["tunnel 1 protocol gre", "tunnel 1 local prefix 10.0.0.0/8"]
    ids = ["me"] if "authentication local-id me" in commands else []
    ids += [identity, local, "%any" if address == "any" else address]
    keys = [f"vpn ipsec authentication psk {name} id {word}" for word in ids]
    secret = draw(st.sampled_from(["s", "t u", "v'w"]))
    keys.append(f'vpn ipsec authentication psk {name} secret "{secret}"')
    return [f"{PEER} {name} {command}" for command in commands] + keys


@st.composite
def tunnels(draw: st.DrawFn) -> list[str]:
    number = draw(st.integers(0, 3))
    kind = draw(st.sampled_from(["gre", "gretap", "ipip", "sit", "ip6gre", "ipip6"]))
    commands = [f"encapsulation {kind}", "remote 192.0.2.2", "parameters ip ttl 33"]
    commands.append(draw(st.sampled_from(["source-address 192.0.2.1", "source-interface eth0"])))
    commands += draw(st.lists(st.sampled_from(
        ["enable-multicast", "mtu 1400", "parameters ip key 5", "ip adjust-mss 1300", "ipv6 adjust-mss 1280",
         "description 'a b'"]
    ), unique=True))  # fmt: skip
    found = [f"interfaces tunnel tun{number} {command}" for command in commands]
    if draw(st.booleans()):
        found.append(f"interfaces bridge br{number} member interface tun{number} cost 7")
    return found


OTHERS = st.sampled_from([
    [f"{IKE} key-exchange ikev1", f"{IKE} close-action start", f"{IKE} dead-peer-detection action clear"],
    [f"{IKE} key-exchange ikev2", f"{IKE} disable-mobike", f"{IKE} ikev2-reauth", f"{IKE} close-action none"],
    ["vpn ipsec esp-group E compression", "vpn ipsec interface eth0", "vpn ipsec log level 1"],
    ["interfaces ethernet eth0 address 192.0.2.1/24", f"{POLICY} interface eth0", f"{POLICY} default-log"],
    ["interfaces ethernet eth0 vif 5 ip adjust-mss 1300", "policy route6 R interface eth0.5"],
    ["nat source rule 1 outbound-interface name eth+0", "nat source rule 1 log", "nat source rule 2 exclude"],
    ["nat source rule 3 translation options port-mapping random", "nat destination rule 1 inbound-interface name eth*"],
    ["protocols static route 10.0.0.0/8 interface tun0 distance 5", "protocols static route 10.0.0.0/8 blackhole"],
    ["protocols static table 9 route6 2001:db8::/32 next-hop 2001:db8::1 interface eth0"],
    ["protocols static arp interface eth0 address 192.0.2.9 mac 00:00:5e:00:53:01",
     "interfaces ethernet eth0 address 192.0.2.1/24"],
    ["interfaces vxlan vxlan0 port 8472", "interfaces vxlan vxlan0 mtu 1450", "interfaces vxlan vxlan0 parameters external"],
    ["interfaces pppoe pppoe0 source-interface eth0", "interfaces pppoe pppoe0 no-peer-dns",
     "interfaces pppoe pppoe0 authentication username me", "interfaces pppoe pppoe0 no-default-route"],
    ["interfaces bridge br9 stp", "interfaces bridge br9 igmp querier"],
    ["firewall ipv4 name X default-action return", "firewall ipv4 name X default-log",
     f"{BASE} default-action accept", f"{BASE} rule 5 action jump", f"{BASE} rule 5 jump-target X",
     f"{BASE} rule 5 inbound-interface name eth0"],
    ["firewall ipv6 name Y rule 1 icmpv6 type 1", "firewall ipv6 name Y rule 1 icmpv6 code 1",
     "firewall ipv6 name Y rule 2 protocol ipv6-icmp", "firewall ipv6 name Y rule 2 state new",
     "firewall ipv6 name Y rule 2 ipsec match-none-in", "firewall ipv6 name Y rule 2 recent time minute"],
    ["firewall zone A from B firewall name X", "firewall global-options syn-cookies enable"],
    ["system sysctl parameter net.ipv4.ip_forward value 1"],
])  # fmt: skip
RULES = st.builds(
    lambda kind, flags: [f"policy {kind} P rule 1 tcp flags {flag}" for flag in flags],
    st.sampled_from(["route", "route6"]),
    st.lists(FLAGS, min_size=1, unique=True),
)


@given(st.lists(st.one_of(peers(), tunnels(), OTHERS, RULES), max_size=5), st.sampled_from(OLDER))
@settings(max_examples=150, deadline=None)
def test_down_and_up_again_is_what_it_was(parts: list[list[str]], target: Generation) -> None:
    document = newest(*dict.fromkeys([*PORT, *(command for part in parts for command in part)]))
    if ambiguous(document):
        return
    before = set(document.root.leaves())
    assert back(document, target) == before


SINGLE = ("encapsulation", "secret", "local-address", "connection-type", "key-exchange", "dead-peer-detection")
EXCLUSIVE = ({"source-address", "source-interface"}, {"vti", "tunnel"}, {"syn", "not"})


def ambiguous(document: Document) -> bool:
    """Two draws that no configuration holds together: one option with two values, one end with two keys."""
    nodes = [node for _, node in document.root.walk()]
    return any(
        (node.word in SINGLE and len(node.children) > 1) or any(node.children.keys() >= pair for pair in EXCLUSIVE)
        for node in nodes
    )


@pytest.mark.skipif(not SAVED, reason="the real configurations are not here")
@pytest.mark.parametrize("target", ["1.3", "1.4", "1.5"])
@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_real_configuration_may_stop_on_its_way(path: Path, target: Generation) -> None:
    """Upgrading in two stages, or stepping back and upgrading, gives what upgrading at once gives."""
    document = read(path.read_text("utf-8"), path.name)
    assert back(document, target) == set(upgrade(document).root.leaves())
