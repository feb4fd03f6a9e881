"""Real configurations of several releases upgrade as the vendor upgrades them; what differs is listed, with why.

The data lies beside the project and is not part of it; without it these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.read import read
from sapper.config.tree import Document
from sapper.config.upgrade import upgrade

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
SAVED = sorted(FILES.glob("*.boot"))

pytestmark = pytest.mark.skipif(not SAVED, reason="the real configurations are not here")

Words = tuple[str, ...]

IN_SCOPE: tuple[Words, ...] = (
    *(
        ("interfaces", kind)
        for kind in (
            "bridge", "dummy", "ethernet", "geneve", "l2tpv3", "loopback", "pppoe", "tunnel", "vti", "vxlan",
            "wireguard",
        )
    ),
    ("vpn", "ipsec"), ("protocols", "static"), ("protocols", "vrf"), ("policy", "route"), ("policy", "route6"),
    ("policy", "ipv6-route"), ("nat",), ("vrf",), ("firewall",), ("zone-policy",), ("system", "sysctl"),
    ("system", "gateway-address"),
)  # fmt: skip
MOVED_INTO: tuple[Words, ...] = (
    *(("protocols", protocol, "interface") for protocol in ("ospf", "ospfv3", "rip", "ripng")),
    ("interfaces", "openvpn"),
    ("system", "ip", "protocol", "static"),
)
"""Where options of sections in scope went: to the routing protocol, to an interface's MSS, to the system's IP."""

CARD_HAS = "VyOS asks the network card and writes down what it does unasked; here is no card"
CARD_LACKS = "VyOS asks the network card and drops what it cannot do; here is no card, and the text's word is kept"
KEY_FILE = "VyOS reads the private key from a file of the router, which the text does not hold; a note says so"
OLD_TTL = "the old default, which VyOS silently changes to 64"
QOS = "the binding to a traffic policy; qos is out of scope, so it stays with its policy"
TWICE = "the file writes two passwords: VyOS takes the first, here both stay and the second is in force"
TIMEOUTS = "from system conntrack, which is out of scope and stays where it is"
STALE = "a word that the file's own release had dropped already; VyOS drops it when loading"
WITH_CARD = "no leaf at VyOS, whose offload flag stands below it"

OURS: dict[str, dict[str, str]] = {
    "bgp-evpn-l2vpn-leaf": {"interfaces ethernet eth3": WITH_CARD},
    "dialup-router-medium-vpn": {
        "interfaces ethernet eth0 offload gso": CARD_LACKS,
        "interfaces ethernet eth0 offload sg": CARD_LACKS,
        "interfaces ethernet eth0 offload tso": CARD_LACKS,
        "interfaces ethernet eth1 offload gso": CARD_LACKS,
        "interfaces ethernet eth1 offload sg": CARD_LACKS,
        "interfaces ethernet eth1 offload tso": CARD_LACKS,
        "interfaces pppoe pppoe0 authentication password vyos": TWICE,
    },
    "egp-igp-route-maps": {
        "interfaces ethernet eth0 smp-affinity auto": STALE,
        "interfaces ethernet eth1 smp-affinity auto": STALE,
    },
    "nat-basic": {
        "interfaces ethernet eth0 offload gso": CARD_LACKS,
        "interfaces ethernet eth0 offload sg": CARD_LACKS,
        "interfaces ethernet eth0 offload tso": CARD_LACKS,
        "interfaces ethernet eth1 offload gso": CARD_LACKS,
        "interfaces ethernet eth1 offload sg": CARD_LACKS,
        "interfaces ethernet eth1 offload tso": CARD_LACKS,
        "interfaces ethernet eth2 offload gso": CARD_LACKS,
        "interfaces ethernet eth2 offload sg": CARD_LACKS,
        "interfaces ethernet eth2 offload tso": CARD_LACKS,
        "interfaces ethernet eth3 offload gso": CARD_LACKS,
        "interfaces ethernet eth3 offload sg": CARD_LACKS,
        "interfaces ethernet eth3 offload tso": CARD_LACKS,
    },
    "qos-basic": {
        "interfaces ethernet eth0 traffic-policy out FS": QOS,
        "interfaces ethernet eth1 traffic-policy out ISPC": QOS,
        "interfaces ethernet eth2 traffic-policy out MY-HTB": QOS,
        "interfaces ethernet eth2 vif 200 traffic-policy out foo-emulate": QOS,
    },
    "tunnel-broker": {
        "interfaces tunnel tun200 parameters ip ttl 255": OLD_TTL,
        "interfaces tunnel tun300 parameters ip ttl 255": OLD_TTL,
        "interfaces tunnel tun500 parameters ip ttl 255": OLD_TTL,
    },
}
"""Commands that only sapper has, each with its reason."""

VENDORS: dict[str, dict[str, str]] = {
    "basic-vyos": {
        "interfaces ethernet eth0 offload gro": CARD_HAS,
        "interfaces ethernet eth1 offload gro": CARD_HAS,
        "interfaces ethernet eth2 offload gro": CARD_HAS,
    },
    "bgp-big-as-cloud": {"interfaces ethernet eth0 offload gro": CARD_HAS},
    "bgp-evpn-l2vpn-leaf": {
        "interfaces ethernet eth2 offload gro": CARD_HAS,
        "interfaces ethernet eth3 offload gro": CARD_HAS,
    },
    "dialup-router-complex": {
        "firewall global-options timeout icmp 30": TIMEOUTS,
        "firewall global-options timeout other 600": TIMEOUTS,
        "firewall global-options timeout udp other 300": TIMEOUTS,
        "firewall global-options timeout udp stream 300": TIMEOUTS,
    },
    "dialup-router-medium-vpn": {
        "interfaces wireguard wg0 private-key aGx+fvW916Ej7QRnBbW3QMoldhNv1u95/WHz45zDmF0=": KEY_FILE,
        "interfaces wireguard wg1 private-key aGx+fvW916Ej7QRnBbW3QMoldhNv1u95/WHz45zDmF0=": KEY_FILE,
    },
    "qos-basic": {"interfaces ethernet eth2 vif 200": QOS},
}
"""Commands that only VyOS has, each with its reason."""


def open_document(path: Path) -> Document:
    return read(path.read_text("utf-8"), path.name)


def expected(path: Path) -> Document:
    return open_document(path.with_suffix(".expected.set"))


def covered(leaves: set[Words]) -> set[Words]:
    return {leaf for leaf in leaves if below(leaf, IN_SCOPE)}


def below(leaf: Words, places: tuple[Words, ...]) -> bool:
    return any(leaf[: len(place)] == place for place in places)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_the_sections_in_scope_are_the_vendors(path: Path) -> None:
    ours = covered(set(upgrade(open_document(path)).root.leaves()))
    vendors = covered(set(expected(path).root.leaves()))
    assert {" ".join(leaf) for leaf in ours - vendors} == set(OURS.get(path.stem, {}))
    assert {" ".join(leaf) for leaf in vendors - ours} == set(VENDORS.get(path.stem, {}))


def test_the_scope_is_not_empty() -> None:
    compared = sum(len(covered(set(expected(path).root.leaves()))) for path in SAVED)
    excused = sum(len(lines) for table in (OURS, VENDORS) for lines in table.values())
    assert compared > 1300
    assert excused < compared / 20


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_other_sections_are_not_touched(path: Path) -> None:
    document = open_document(path)
    before = {leaf for leaf in document.root.leaves() if not below(leaf, IN_SCOPE)}
    after = {leaf for leaf in upgrade(document).root.leaves() if not below(leaf, IN_SCOPE)}
    assert all(any(leaf == longer[: len(leaf)] for longer in after) for leaf in before)
    assert all(below(leaf, MOVED_INTO) for leaf in after - before)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_what_the_vendor_wrote_needs_no_upgrade(path: Path) -> None:
    document = expected(path)
    document.components = {
        "firewall": 17,
        "interfaces": 33,
        "ipsec": 13,
        "nat": 8,
        "policy": 8,
        "quagga": 11,
        "vrf": 3,
    }
    assert covered(set(upgrade(document).root.leaves())) == covered(set(document.root.leaves()))
