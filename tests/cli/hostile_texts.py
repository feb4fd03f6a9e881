"""Configurations that nobody writes by hand: loops, nests, cycles, and tens of thousands of everything.

Each is a whole file in set commands, made from a number. They are for the command line and for ``prove``: whatever they say,
the answer is a report in bounded time and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

WIRED = (
    "set interfaces ethernet eth0 address '192.0.2.10/24'",
    "set interfaces ethernet eth1 address '10.1.0.1/24'",
    "set protocols static route 0.0.0.0/0 next-hop 192.0.2.1",
)
PROPOSALS = (
    "set vpn ipsec esp-group ESP mode 'tunnel'",
    "set vpn ipsec esp-group ESP proposal 1 encryption 'aes256gcm128'",
    "set vpn ipsec esp-group ESP proposal 1 hash 'sha256'",
    "set vpn ipsec ike-group IKE key-exchange 'ikev2'",
    "set vpn ipsec ike-group IKE proposal 1 dh-group '19'",
    "set vpn ipsec ike-group IKE proposal 1 encryption 'aes128'",
    "set vpn ipsec ike-group IKE proposal 1 hash 'sha256'",
)


def text(*parts: Iterable[str]) -> str:
    return "\n".join(line for part in (WIRED, PROPOSALS, *parts) for line in part) + "\n"


def peer(name: str, remote: str, action: str = "initiate") -> Iterator[str]:
    stem = f"set vpn ipsec site-to-site peer {name}"
    yield f"set vpn ipsec authentication psk {name} id '{remote}'"
    yield f"set vpn ipsec authentication psk {name} secret 'correct-horse-battery-tunnel'"
    yield f"{stem} authentication mode 'pre-shared-secret'"
    yield f"{stem} connection-type '{action}'"
    yield f"{stem} default-esp-group 'ESP'"
    yield f"{stem} ike-group 'IKE'"
    yield f"{stem} local-address '192.0.2.10'"
    yield f"{stem} remote-address '{remote}'"


def child(name: str, number: int, local: str, remote: str) -> Iterator[str]:
    stem = f"set vpn ipsec site-to-site peer {name} tunnel {number}"
    yield f"{stem} local prefix '{local}'"
    yield f"{stem} remote prefix '{remote}'"


def gre(number: int, local: str, remote: str, inside: str) -> Iterator[str]:
    stem = f"set interfaces tunnel tun{number}"
    yield f"{stem} encapsulation 'gre'"
    yield f"{stem} source-address '{local}'"
    yield f"{stem} remote '{remote}'"
    yield f"{stem} address '{inside}'"


def address(value: int) -> str:
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def network(value: int, length: int) -> str:
    return f"{address(value >> 32 - length << 32 - length)}/{length}"


def overlapping_selectors(number: int) -> str:
    """So many remote prefixes of a few children, all around one address."""
    each = 1_000
    children = (
        line
        for at in range(number)
        for line in (
            (
                f"set vpn ipsec site-to-site peer W tunnel {at // each} remote prefix '{network((10 << 24) + at, 9 + at % 24)}'",
            )
            if at % each
            else child("W", at // each, "10.1.0.0/24", "10.0.0.0/8")
        )
    )
    return text(peer("W", "203.0.113.20"), children)


def children_of_one_peer(number: int) -> str:
    """Children for a network each."""
    children = (
        line for at in range(number) for line in child("W", at, "10.1.0.0/24", network((10 << 24) + (at << 8), 24))
    )
    return text(peer("W", "203.0.113.20"), children)


def nested_children_of_one_peer(number: int) -> str:
    """Children whose networks hold each other."""
    children = (
        line
        for at in range(number)
        for line in child("W", at, "10.1.0.0/24", network((10 << 24) + at, 8 + at % 25))
    )
    return text(peer("W", "203.0.113.20"), children)


def every_prefix_length(_: int) -> str:
    """A child for each pair of prefix lengths."""
    pairs = [(near, far) for near in range(33) for far in range(33)]
    children = (
        line
        for at, (near, far) in enumerate(pairs)
        for line in child(
            "W", at, network((10 << 24) + (1 << 16) + 5, near), network((10 << 24) + (2 << 16) + 9, far)
        )
    )
    return text(peer("W", "203.0.113.20"), children)


def looping_routes(number: int) -> str:
    """Next hops that are found by routes whose next hops are found by the first ones, and into two tunnels in a circle."""
    hosts = [address((20 << 24) + at) for at in range(number)]
    routes = (
        f"set protocols static route {host}/32 next-hop {hosts[(at * 7 + 1) % number]}"
        if at % 3
        else f"set protocols static route {host}/32 interface tun{at // 3 % 2}"
        for at, host in enumerate(hosts)
    )
    ring = (*gre(0, "192.0.2.10", hosts[3], "10.0.0.1/30"), *gre(1, "192.0.2.10", hosts[0], "10.0.0.5/30"))
    return text(peer("W", hosts[3]), child("W", 0, "192.0.2.10/32", f"{hosts[3]}/32"), ring, routes)


def self_referring_tunnels(number: int) -> str:
    """Each tunnel's far end is itself, is in its own network, or is routed to it."""
    lines: list[str] = []
    for at in range(number):
        inside = address((10 << 24) + (9 << 16) + at * 4 + 1)
        far = (inside, address((10 << 24) + (9 << 16) + at * 4 + 2), address((30 << 24) + at))[at % 3]
        lines += gre(at, inside if at % 3 == 0 else "192.0.2.10", far, f"{inside}/30")
        lines.append(f"set protocols static route {far}/32 interface tun{at}")
        lines += peer(f"W{at}", far)
        lines += child(f"W{at}", 0, "192.0.2.10/32", f"{far}/32")
    return text(lines)


def nested_tunnels(depth: int) -> str:
    """Each tunnel's far end is in the network of the next one; the last one is on the WAN."""
    lines = [
        line
        for at in range(1, depth)
        for line in gre(at, f"10.{at + 9}.0.1", f"10.{at + 9}.0.2", f"10.{at + 8}.0.1/24")
    ]
    lines += gre(depth, "192.0.2.10", "203.0.113.20", f"10.{depth + 8}.0.1/24")
    return text(peer("W", "203.0.113.20"), child("W", 0, "192.0.2.10/32", "203.0.113.20/32"), lines)


def cycle_of_tunnels(number: int) -> str:
    """Each tunnel's far end is routed into the next one, the last one's into the first."""
    lines: list[str] = []
    for at in range(number):
        far = address((203 << 24) + at)
        lines += gre(at, "192.0.2.10", far, f"{address((10 << 24) + (9 << 16) + at * 4 + 1)}/30")
        lines.append(f"set protocols static route {far}/32 interface tun{(at + 1) % number}")
    return text(peer("W", "203.0.0.0"), child("W", 0, "192.0.2.10/32", "203.0.0.0/8"), lines)


def nat_rules(number: int) -> str:
    """Exclusions and masquerades in turn, each for a network that holds others."""
    rules = (
        line
        for at in range(number)
        for line in (
            f"set nat source rule {at + 1} outbound-interface 'eth0'",
            f"set nat source rule {at + 1} destination address '{network((10 << 24) + (at << 14), 8 + at % 20)}'",
            f"set nat source rule {at + 1} exclude" if at % 2
            else f"set nat source rule {at + 1} translation address 'masquerade'",
        )
    )  # fmt: skip
    children = (
        line for at in range(50) for line in child("W", at, "10.1.0.0/24", network((10 << 24) + (at << 16), 16))
    )
    return text(peer("W", "203.0.113.20"), children, rules)


HOSTILE: dict[str, tuple[Callable[[int], str], int, int]] = {
    "overlapping selectors": (overlapping_selectors, 2_000, 100_000),
    "children of one peer": (children_of_one_peer, 300, 10_000),
    "nested children of one peer": (nested_children_of_one_peer, 200, 10_000),
    "every prefix length": (every_prefix_length, 0, 0),
    "looping routes": (looping_routes, 3_000, 100_000),
    "self-referring tunnels": (self_referring_tunnels, 30, 1_000),
    "ten nested tunnels": (nested_tunnels, 10, 10),
    "a cycle of tunnels": (cycle_of_tunnels, 20, 1_000),
    "NAT rules": (nat_rules, 100, 1_000),
}
"""Of each the maker, and a number for every test run and one for a measurement."""
