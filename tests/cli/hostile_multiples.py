"""More configurations that nobody writes by hand: many of everything that can be combined with everything else.

As in :mod:`hostile_texts`: each is a whole file in set commands, made from a number. Here are those whose parts multiply:
peers beside peers, families, routes of every length, WANs with VTIs, guards, marks and protected networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hostile_texts import address, child, gre, network, peer, text

TEN = 10 << 24


def peers_of_one_child(number: int) -> str:
    """A peer each for one of a few networks that hold each other."""
    return text(
        line
        for at in range(number)
        for line in (
            *peer(f"W{at}", address((203 << 24) + at)),
            *child(f"W{at}", 0, "10.1.0.0/24", network(TEN + at, 9 + at % 24)),
        )
    )


def peers_of_the_same_child(number: int) -> str:
    """Peers whose selectors are the same; every other one passes traps."""
    return text(
        line
        for at in range(number)
        for line in (
            *peer(f"W{at}", address((203 << 24) + at), ("initiate", "trap")[at % 2]),
            *child(f"W{at}", 0, "10.1.0.0/24", "10.2.0.0/16"),
        )
    )


def selectors_of_both_sides(number: int) -> str:
    """Children whose local and remote networks cross each other in every way, some with a protocol and a port."""
    lines: list[str] = []
    for at in range(number):
        near = network(TEN + (1 << 16) + (at * 37 & 0xFFFF), 16 + at % 15)
        lines += child("W", at, near, network(TEN + (2 << 16) + (at * 101 & 0xFFFF), 16 + at * 7 % 15))
        if at % 3 == 0:
            lines.append(f"set vpn ipsec site-to-site peer W tunnel {at} protocol '{('gre', 'tcp')[at % 2]}'")
        if at % 6 == 3:
            lines.append(f"set vpn ipsec site-to-site peer W tunnel {at} remote port '{at % 1000 + 1}'")
    return text(peer("W", "203.0.113.20"), lines)


def children_over_ipv6(number: int) -> str:
    """Children of one peer whose IPv6 networks hold each other."""
    lines = [
        "set interfaces ethernet eth1 address '2001:db8:1::1/64'",
        "set interfaces ethernet eth0 address '2001:db8::10/64'",
    ]
    for at in range(number):
        length = 33 + at % 90
        value = (0x20010DB8 << 96) + (at << 20) >> 128 - length << 128 - length
        words = ":".join(f"{value >> shift & 0xFFFF:x}" for shift in range(112, -16, -16))
        lines += child("W", at, "2001:db8:1::/64", f"{words}/{length}")
    return text(peer("W", "203.0.113.20"), lines)


def routes_of_every_length(number: int) -> str:
    """Routes of every prefix length, each with next hops, interfaces and blackholes of several distances."""
    lines: list[str] = []
    for at in range(number):
        stem = f"set protocols static route {network(TEN + at * 2654435761 % (1 << 24), 8 + at % 25)}"
        lines.append(
            (
                f"{stem} blackhole distance '{at % 250 + 1}'",
                f"{stem} next-hop 192.0.2.{at % 200 + 20} distance '{at % 7 + 1}'",
                f"{stem} interface tun{at % 4} distance '{at % 9 + 1}'",
                f"{stem} unreachable distance '{at % 11 + 1}'" if at % 2 else f"{stem} reject",
            )[at % 4]
        )
    tunnels = (
        line for at in range(4) for line in gre(at, "192.0.2.10", f"203.0.113.{at + 20}", f"172.16.{at}.1/30")
    )
    return text(peer("W", "203.0.113.20"), child("W", 0, "10.1.0.0/24", "10.0.0.0/8"), tunnels, lines)


def tunnels_of_every_kind(depth: int) -> str:
    """Each tunnel's far end is in the network of the next one, each of another kind; the last one is on the WAN."""
    kinds = ("gre", "ipip", "gretap", "wireguard", "vxlan", "geneve", "l2tpv3", "openvpn", "sit", "ip6gre")
    lines: list[str] = []
    for at in range(1, depth + 1):
        near, far = f"10.{at + 9}.0.1", f"10.{at + 9}.0.2"
        if at == depth:
            near, far = "192.0.2.10", "203.0.113.20"
        lines += _tunnel(kinds[at % len(kinds)], at, near, far, f"10.{at + 8}.0.1/24")
    return text(peer("W", "203.0.113.20"), child("W", 0, "192.0.2.10/32", "203.0.113.20/32"), lines)


def _tunnel(kind: str, at: int, near: str, far: str, inside: str) -> Iterator[str]:
    if kind == "wireguard":
        stem = f"set interfaces wireguard wg{at}"
        yield f"{stem} address '{inside}'"
        yield f"{stem} port '{51820 + at}'"
        yield f"{stem} private-key 'YAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk='"
        yield f"{stem} peer far address '{far}'"
        yield f"{stem} peer far port '51820'"
        yield f"{stem} peer far allowed-ips '0.0.0.0/0'"
        yield f"{stem} peer far public-key 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg='"
    elif kind in ("vxlan", "geneve"):
        stem = f"set interfaces {kind} {('gnv', 'vxlan')[kind == 'vxlan']}{at}"
        yield f"{stem} address '{inside}'"
        yield f"{stem} remote '{far}'"
        yield f"{stem} vni '{at}'"
    elif kind in ("gre", "ipip", "gretap", "sit"):
        yield from (
            line.replace("encapsulation 'gre'", f"encapsulation '{kind}'") for line in gre(at, near, far, inside)
        )
    else:
        yield from gre(at, near, far, inside)


def tunnels_into_each_other(number: int) -> str:
    """Pairs of tunnels that lead into each other, tunnels to themselves, and tunnels from what is inside of them."""
    lines: list[str] = []
    for at in range(0, number, 4):
        one, two = (f"172.{16 + at // 256 % 16}.{at % 256}.{end}" for end in (1, 5))
        lines += gre(at, one, two.replace(".5", ".6"), f"{two}/30")
        lines += gre(at + 1, two, f"{one[:-1]}2", f"{one}/30")
        lines += gre(at + 2, "192.0.2.10", "192.0.2.10", f"172.31.{at % 256}.1/30")
        lines += gre(at + 3, f"172.30.{at % 256}.1", f"172.30.{at % 256}.2", f"172.30.{at % 256}.1/30")
        for tunnel in range(4):
            lines.append(f"set protocols static route 10.{at % 256}.{tunnel}.0/24 interface tun{at + tunnel}")
    return text(peer("W", "203.0.113.20"), child("W", 0, "172.16.0.0/12", "172.16.0.0/12"), lines)


def guards(number: int) -> str:
    """Firewall rules against clear packets for networks that hold each other, out and in, and exclusions from NAT."""
    lines: list[str] = []
    for at in range(number):
        there = network(TEN + (at * 40503 << 8) % (1 << 24), 8 + at % 22)
        for hook, match, side in (
            ("output", "match-none-out", "destination"),
            ("forward", "match-none-out", "destination"),
            ("input", "match-none-in", "source"),
        ):
            stem = f"set firewall ipv4 {hook} filter rule {at + 1}"
            lines += (f"{stem} action 'drop'", f"{stem} ipsec {match}", f"{stem} {side} address '{there}'")
            if at % 3 == 0:
                lines.append(f"{stem} {('source', 'destination')[side == 'source']} address '10.1.{at % 256}.0/24'")
        stem = f"set nat source rule {at + 1}"
        lines += (
            f"{stem} outbound-interface name 'eth0'",
            f"{stem} destination address '{there}'",
            f"{stem} exclude",
        )
        lines.append(f"{stem} source address '{network(TEN + (1 << 16) + at, 8 + at * 7 % 25)}'")
    stem = f"set nat source rule {number + 1}"
    lines += (f"{stem} outbound-interface name 'eth0'", f"{stem} translation address 'masquerade'")
    children = (line for at in range(50) for line in child("W", at, "10.1.0.0/24", network(TEN + (at << 16), 16)))
    return text(peer("W", "203.0.113.20"), children, lines)


def policy_routing(number: int) -> str:
    """Rules that send packets to tables by their addresses, crossing each other, some with a match of another kind."""
    lines = ["set policy route PBR interface 'eth1'"]
    for at in range(number):
        stem = f"set policy route PBR rule {at + 1}"
        lines.append(f"{stem} set table '{at % 200 + 1}'")
        lines.append(f"{stem} source address '{network(TEN + (1 << 16) + at * 97 % 65536, 16 + at % 17)}'")
        lines.append(f"{stem} destination address '{network(TEN + at * 40503 % (1 << 24), 8 + at * 5 % 25)}'")
        if at % 5 == 0:
            lines.append(f"{stem} tcp flags syn")
        if at % 7 == 0:
            lines.append(f"{stem} protocol 'tcp'")
    for table in range(200):
        via = f"192.0.2.{table % 200 + 20}"
        lines.append(
            f"set protocols static table {table + 1} route {network(TEN + (table << 16), 8 + table % 17)} next-hop {via}"
        )
    children = (line for at in range(50) for line in child("W", at, "10.1.0.0/16", network(TEN + (at << 16), 16)))
    return text(peer("W", "203.0.113.20"), children, lines)


def wans_and_vtis(number: int) -> str:
    """Many WANs with addresses by DHCP, each with a peer and a VTI; every VTI has the same routes and next hops."""
    lines: list[str] = []
    for at in range(number):
        wan, name = f"eth{at + 2}", f"W{at}"
        lines.append(f"set interfaces ethernet {wan} address 'dhcp'")
        lines += (line for line in peer(name, address((203 << 24) + at)) if "local-address" not in line)
        stem = f"set vpn ipsec site-to-site peer {name}"
        lines += (f"{stem} dhcp-interface '{wan}'", f"{stem} vti bind 'vti{at}'", f"{stem} vti esp-group 'ESP'")
        lines.append(f"set interfaces vti vti{at} address '172.16.{at // 64}.{at % 64 * 4 + 1}/30'")
        lines.append(f"set interfaces vti vti{at} address 'fd00:{at:x}::1/64'")
        for nth in range(3):
            lines.append(f"set protocols static route 10.{200 + nth}.0.0/16 interface vti{at}")
        lines.append(f"set protocols static route6 2001:db8:ffff::/48 interface vti{at}")
        lines.append(f"set protocols static route 10.203.0.0/16 next-hop 172.16.{at // 64}.{at % 64 * 4 + 2}")
    return text(lines)


def vtis_with_one_address(number: int) -> str:
    """VTIs that all have the same addresses, so that whose it is depends on which of them are up."""
    lines: list[str] = ["set interfaces ethernet eth0 address '2001:db8::10/64'"]
    for at in range(number):
        name = f"W{at}"
        lines += peer(name, address((203 << 24) + at))
        stem = f"set vpn ipsec site-to-site peer {name}"
        lines += (f"{stem} vti bind 'vti{at}'", f"{stem} vti esp-group 'ESP'")
        lines.append(f"set interfaces vti vti{at} address '172.16.0.1/24'")
        lines.append(f"set interfaces vti vti{at} address 'fd00::1/64'")
    lines += gre(0, "fd00::1", "fd00::2", "10.9.0.1/30")
    lines[-4] = "set interfaces tunnel tun0 encapsulation 'ip6gre'"
    lines += gre(1, "172.16.0.1", "172.16.0.9", "10.9.1.1/30")
    lines.append("set protocols static route 10.20.0.0/16 next-hop 172.16.0.77")
    lines.append("set protocols static route6 2001:db8:aa::/48 next-hop fd00::77")
    return text(lines)


def one_cone(number: int) -> str:
    """Peers with the same networks in crossing pairs, of every start action: who is there depends on all of them."""
    lines: list[str] = []
    for at in range(number):
        name = f"W{at}"
        lines += peer(name, address((203 << 24) + at), ("initiate", "trap", "none", "respond")[at % 4])
        lines += child(name, 0, network(TEN + (1 << 16), 16 + at % 9), network(TEN + (2 << 16), 16 + at * 5 % 9))
        lines += child(name, 1, "192.0.2.10/32", "198.51.100.0/24")
        lines.append(f"set vpn ipsec site-to-site peer {name} tunnel 1 protocol 'gre'")
    lines += gre(0, "192.0.2.10", "198.51.100.7", "10.9.0.1/30")
    lines.append("set protocols static route 10.2.0.0/16 interface tun0")
    return text(lines)


def protected_networks(number: int) -> str:
    """A comment that asks for so many networks, and a tunnel beside them."""
    wanted = " ".join(network(TEN + at * 97 % (1 << 24), 9 + at % 24) for at in range(number))
    braced = [
        "interfaces {",
        "    ethernet eth0 {",
        '        address "192.0.2.10/24"',
        "    }",
        "    ethernet eth1 {",
        '        address "10.1.0.1/24"',
        "    }",
        f"    /* sapper: protect {wanted} */",
        "    tunnel tun0 {",
        '        address "10.9.0.1/30"',
        '        encapsulation "gre"',
        '        remote "203.0.113.20"',
        '        source-address "192.0.2.10"',
        "    }",
        "}",
        "protocols {",
        "    static {",
        "        route 0.0.0.0/0 {",
        "            next-hop 192.0.2.1 {",
        "            }",
        "        }",
        "        route 10.0.0.0/8 {",
        "            interface tun0 {",
        "            }",
        "        }",
        "    }",
        "}",
    ]
    return "\n".join(braced) + "\n"


def addresses(number: int) -> str:
    """So many addresses on one interface and on its neighbour, all networks holding the same next hops, and routes over them."""
    lines: list[str] = []
    for at in range(number):
        lines.append(
            f"set interfaces ethernet eth{at % 2 + 2} address '{address(TEN + (7 << 16) + at + 1)}/{9 + at % 20}'"
        )
        lines.append(
            f"set interfaces ethernet eth{at % 2 + 2} address 'fd00:{at % 65536:x}::{at:x}/{17 + at % 100}'"
        )
        lines.append(
            f"set protocols static route {network((20 << 24) + (at << 8), 24)} next-hop {address(TEN + (7 << 16) + at * 3 % 65000)}"
        )
    lines += gre(0, "192.0.2.10", "20.0.0.77", "172.16.0.1/30")
    lines.append("set protocols static route 10.2.0.0/16 interface tun0")
    return text(peer("W", "20.0.0.77"), child("W", 0, "192.0.2.10/32", "20.0.0.77/32"), lines)


MULTIPLES: dict[str, tuple[Callable[[int], str], int, int]] = {
    "peers of one child": (peers_of_one_child, 100, 12_500),
    "peers of the same child": (peers_of_the_same_child, 30, 2_000),
    "selectors of both sides": (selectors_of_both_sides, 100, 10_000),
    "children over IPv6": (children_over_ipv6, 100, 10_000),
    "routes of every length": (routes_of_every_length, 1_000, 100_000),
    "ten tunnels of every kind": (tunnels_of_every_kind, 10, 10),
    "fifty tunnels of every kind": (tunnels_of_every_kind, 50, 50),
    "tunnels into each other": (tunnels_into_each_other, 40, 1_000),
    "guards": (guards, 50, 1_000),
    "policy routing": (policy_routing, 50, 3_000),
    "WANs and VTIs": (wans_and_vtis, 12, 200),
    "VTIs with one address": (vtis_with_one_address, 12, 200),
    "one cone": (one_cone, 20, 500),
    "protected networks": (protected_networks, 200, 10_000),
    "addresses": (addresses, 100, 5_000),
}
"""Of each the maker, and a number for every test run and one for a measurement."""
