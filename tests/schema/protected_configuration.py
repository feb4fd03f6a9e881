"""A configuration whose VTI is proved in everything that routing decides, and the surroundings that each feature needs.

An option is put into it to see what comes of it: another Plan, a verdict that is no longer ``proved``, or nothing.
"""

from __future__ import annotations

from legal_values import good_values, legal_path

from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

PEER = "vpn ipsec site-to-site peer"
SAFE = (
    "interfaces ethernet eth0 address 192.0.2.10/24",
    "interfaces ethernet eth1 address 10.1.0.1/24",
    "interfaces vti vti7 address 10.0.0.1/30",
    "protocols static route 0.0.0.0/0 next-hop 192.0.2.1",
    "protocols static route 10.2.0.0/24 interface vti7",
    "protocols static route 10.2.0.0/24 blackhole distance 254",
    "protocols static route 10.0.0.0/30 blackhole distance 254",
    "vpn ipsec esp-group ESP proposal 1 encryption aes256",
    "vpn ipsec esp-group ESP proposal 1 hash sha256",
    "vpn ipsec ike-group IKE proposal 1 dh-group 14",
    "vpn ipsec ike-group IKE dead-peer-detection action clear",
    f"{PEER} east-west authentication mode pre-shared-secret",
    f"{PEER} east-west local-address 192.0.2.10",
    f"{PEER} east-west remote-address 203.0.113.20",
    f"{PEER} east-west ike-group IKE",
    f"{PEER} east-west vti bind vti7",
    f"{PEER} east-west vti esp-group ESP",
)
"""A VTI with blackholes behind its routes: safe in every state."""

LEAKY = (
    "interfaces ethernet eth0 address 192.0.2.10/24",
    "interfaces tunnel tun7 encapsulation gre",
    "interfaces tunnel tun7 source-address 192.0.2.10",
    "interfaces tunnel tun7 remote 203.0.113.20",
    "interfaces tunnel tun7 address 10.0.0.1/30",
    "protocols static route 0.0.0.0/0 next-hop 192.0.2.1",
    f"{PEER} east-west local-address 192.0.2.10",
    f"{PEER} east-west remote-address 203.0.113.20",
    f"{PEER} east-west tunnel 1 protocol gre",
)
"""GRE in transport mode as everybody writes it: in clear until the SA is up."""

_CHILD = (f"{PEER} {{0}} remote-address 203.0.113.20", f"{PEER} {{0}} local-address 192.0.2.11")
_GROUPS = ("vpn ipsec esp-group west mode transport", "vpn ipsec ike-group west lifetime 100")
_MARKED = ("policy {} {{0}} interface eth1", "policy {} {{0}} rule {{1}} set table 100")
_WIREGUARD = (
    "interfaces wireguard {0} peer {1} public-key aGx+fvW916Ej7QRnBbW3QMoldhNv1u95/WHz45zDmF0=",
    "interfaces wireguard {0} peer {1} address 203.0.113.9",
    "interfaces wireguard {0} peer {1} port 51820",
    "interfaces wireguard {0} peer {1} allowed-ips 10.9.0.0/24",
)
_GENEVE = ("interfaces geneve {0} vni 7", "interfaces geneve {0} remote 203.0.113.9")
_L2TP = (
    "interfaces l2tpv3 {0} source-address 192.0.2.10",
    "interfaces l2tpv3 {0} remote 203.0.113.9",
    "interfaces l2tpv3 {0} encapsulation udp",
    *(
        f"interfaces l2tpv3 {{0}} {word} 77"
        for word in ("tunnel-id", "peer-tunnel-id", "session-id", "peer-session-id")
    ),
)
_DMVPN = (
    "interfaces tunnel tun0 encapsulation gre",
    "interfaces tunnel tun0 source-address 192.0.2.10",
    "interfaces tunnel tun0 parameters ip key 1",
    *_GROUPS,
    "vpn ipsec profile {0} bind tunnel tun0",
)
_ENDS = {4: ("192.0.2.10", "203.0.113.9"), 6: ("2001:db8::10", "2001:db8:f::9")}


def _tunnel(encapsulation: str, *more: str) -> tuple[str, ...]:
    local, remote = _ENDS[6 if "ip6" in encapsulation else 4]
    lines = (f"encapsulation {encapsulation}", f"source-address {local}", f"remote {remote}", *more)
    return tuple(f"interfaces tunnel {{0}} {line}" for line in lines)


SURROUNDINGS: dict[str, tuple[tuple[str, ...], ...]] = {
    "interfaces bonding": (("interfaces bonding {0} address 10.8.0.1/24",),),
    "interfaces bridge": (("interfaces bridge {0} address 10.8.0.1/24",),),
    "interfaces tunnel": (
        *(_tunnel(word) for word in ("gre", "gretap", "ipip", "sit", "ip6gre", "ip6ip6", "erspan", "ip6erspan")),
        _tunnel("sit", "6rd-prefix 2001:db8::/32"),
        _tunnel("erspan", "parameters ip key 1", "parameters erspan version 2"),
        (),
    ),
    "interfaces vti": ((f"{PEER} east-west vti bind {{0}}",), ()),
    "interfaces wireguard": (_WIREGUARD, _WIREGUARD[:1], ("interfaces wireguard {0} peer {1} port 51820",)),
    "interfaces vxlan": (
        ("interfaces vxlan {0} vni 7", "interfaces vxlan {0} remote 203.0.113.9"),
        ("interfaces vxlan {0} vlan-to-vni 2 vni 7", "interfaces vxlan {0} parameters external"),
        ("interfaces vxlan {0} vlan-to-vni 1",),
    ),
    "interfaces geneve": (_GENEVE, _GENEVE[:1], _GENEVE[1:]),
    "interfaces l2tpv3": (_L2TP, *(tuple(line for line in _L2TP if line != out) for out in _L2TP)),
    "firewall": (("firewall global-options all-ping enable",),),
    "vrf": (("vrf name {0} table 200",), ()),
    "policy route": tuple(
        (*(line.format("route") for line in _MARKED), *more)
        for more in ((), ("policy route {0} rule {1} tcp flags syn", "policy route {0} rule {1} protocol tcp"))
    ),
    "policy route6": (tuple(line.format("route6") for line in _MARKED),),
    "policy route * interface": (("policy route {0} rule 1 set table 100",),),
    "policy route6 * interface": (("policy route6 {0} rule 1 set table 100",),),
    "policy route * rule * set mark": (("policy route {0} interface eth1",),),
    "policy route6 * rule * set mark": (("policy route6 {0} interface eth1",),),
    "nat source": (
        (f"{PEER} other remote-address 203.0.113.77", f"{PEER} other tunnel 1 local port 500"),
        ("nat source rule {0} source address 10.1.0.0/24",),
        (),
    ),
    "vpn ipsec authentication psk": (
        (*_CHILD[:1], "vpn ipsec authentication psk {0} secret x"),
        (*_CHILD[:1], "vpn ipsec authentication psk {0} id 203.0.113.20"),
    ),
    "vpn ipsec esp-group": ((*_CHILD, f"{PEER} {{0}} default-esp-group {{0}}", f"{PEER} {{0}} tunnel 1 protocol gre"),),
    "vpn ipsec ike-group": (
        (*_CHILD, f"{PEER} {{0}} ike-group {{0}}", f"{PEER} {{0}} tunnel 1 protocol gre"),
        (f"{PEER} {{0}} ike-group {{0}}", "vpn ipsec ike-group {0} key-exchange ikev1"),
    ),
    PEER: (
        (*_CHILD, *_GROUPS, f"{PEER} {{0}} tunnel 1 protocol gre"),
        (*_CHILD, *_GROUPS, f"{PEER} {{0}} vti bind vti3"),
        (*_CHILD, *_GROUPS, f"{PEER} {{0}} tunnel 1 local prefix 10.3.0.0/24", f"{PEER} {{0}} tunnel 1 remote prefix 10.4.0.0/24"),
        (f"{PEER} {{0}} remote-address 203.0.113.20", *_GROUPS, "interfaces ethernet eth2 address dhcp"),
        (),
    ),
    "vpn ipsec profile": (_DMVPN, (*_DMVPN, "vpn ipsec profile {0} esp-group west", "vpn ipsec profile {0} ike-group west")),
    "protocols nhrp": (("interfaces tunnel tun0 encapsulation gre",), ()),
}  # fmt: skip


def surroundings_of(option: Option) -> list[list[str]]:
    """The lines that each context of the option's feature adds to the protected configuration; one at least."""
    names = [good for word, good in zip(option.words, legal_path(option), strict=True) if word == "*"]
    stems = [stem for stem in SURROUNDINGS if option.path == stem or option.path.startswith(stem + " ")]
    contexts = SURROUNDINGS[max(stems, key=len)] if stems else ((),)
    found = []
    for context in contexts:
        lines = [line for line in context if len(names) > 1 or "{1}" not in line]
        found.append([_named(line, names) for line in lines])
    return found


def _named(line: str, names: list[str]) -> str:
    for at, name in enumerate(names):
        line = line.replace(f"{{{at}}}", name)
    return line


def lines_that_set(option: Option) -> list[list[str]]:
    """Every good way to write the option."""
    path = legal_path(option)
    return [path] if option.kind in ("flag", "node") else [[*path, value] for value in good_values(option)]


def instance_of(option: Option) -> list[str]:
    """The path of the innermost thing that the option belongs to, named or a word that means something by itself."""
    words = option.words[:-1]
    depth = max((index for index, word in enumerate(words) if word == "*"), default=-1)
    above = " ".join(words)
    if any(other.path == above and other.kind == "node" and other.standing == "modelled" for other in OPTIONS):
        depth = len(words) - 1
    return legal_path(option)[: depth + 1]
