"""The topologies of the project, and hubs with any number of spokes, for tests of the lab's pure parts."""

from __future__ import annotations

from pathlib import Path

from pair_sample import end_of

from sapper.cli.lab import prepare_files
from sapper.lab.pairing import End
from sapper.lab.run import Setup, prepare_all
from sapper.lab.topology_file import drawing

TOPOLOGIES = Path(__file__).parent / "topologies"
HUB = TOPOLOGIES / "hub"
ROUTING = TOPOLOGIES / "routing"
EXAMPLES = Path(__file__).parents[2] / "examples"
# Each is a directory of configurations, perhaps with a topology.toml.
NAMES = sorted(path.name for path in TOPOLOGIES.iterdir() if path.is_dir() and path not in (HUB, ROUTING))


def topology_setup(name: str) -> Setup:
    """A topology of the project, ready to run."""
    directory = TOPOLOGIES / name
    sketch = directory / "topology.toml"
    paths = sorted(map(str, directory.glob("*.set")))
    return prepare_files(paths, None, name, sketch if sketch.exists() else None)


def hub_setup(spokes: int) -> Setup:
    """The hub with the first of its spokes."""
    paths = [HUB / "hub.set", *sorted(HUB.glob("spoke*.set"))[:spokes]]
    return prepare_files(list(map(str, paths)), None, f"hub with {spokes} spokes")


def routing_setup(example: str, protocol: str) -> Setup:
    """One of the articles' setups with a routing protocol over its tunnel, instead of static routes."""
    sketch = ROUTING / f"{protocol}-{'vti0' if example.startswith('vti') else 'tun0'}.toml"
    paths = [str(EXAMPLES / example / f"{end}.set") for end in ("east", "west")]
    return prepare_files(paths, "east" if example.startswith("nat") else None, f"{example} with {protocol}", sketch)


def sketched(ends: tuple[End, ...], text: str, directory: Path) -> Setup:
    """Routers with a topology file of that text."""
    path = directory / "topology.toml"
    path.write_text(text)
    return prepare_all("sketched", ends, drawing(path))


def mesh(*names: str) -> tuple[End, ...]:
    """Routers each of which has a GRE tunnel over IPsec to every other, from an address of its own for each."""
    return tuple(end_of(_meshed(name, names), f"{name}.set") for name in names)


def _meshed(name: str, names: tuple[str, ...]) -> str:
    me = names.index(name) + 1
    lines = [
        f"set interfaces ethernet eth0 address 192.0.2.{me}/24",
        f"set interfaces ethernet eth1 address 10.{me}.0.1/24",
        "set protocols static route 0.0.0.0/0 next-hop 192.0.2.254",
        "set vpn ipsec esp-group ESP mode tunnel",
        "set vpn ipsec ike-group IKE key-exchange ikev2",
    ]
    for far, other in enumerate(names, start=1):
        if other == name:
            continue
        peer = f"set vpn ipsec site-to-site peer {other.upper()}"
        lines += [
            f"set interfaces dummy dum{far} address 10.200.{me}.{far}/32",
            f"set interfaces tunnel tun{far} encapsulation gre",
            f"set interfaces tunnel tun{far} source-address 10.200.{me}.{far}",
            f"set interfaces tunnel tun{far} remote 10.200.{far}.{me}",
            f"set interfaces tunnel tun{far} address 10.201.{min(me, far) * 16 + max(me, far)}.{1 + (me > far)}/30",
            f"set protocols static route 10.{far}.0.0/24 interface tun{far}",
            f"set vpn ipsec authentication psk {other} id 192.0.2.{far}",
            f"set vpn ipsec authentication psk {other} secret key-{min(me, far)}-{max(me, far)}",
            f"{peer} authentication mode pre-shared-secret",
            f"{peer} connection-type {'initiate' if me < far else 'none'}",
            f"{peer} default-esp-group ESP",
            f"{peer} ike-group IKE",
            f"{peer} local-address 192.0.2.{me}",
            f"{peer} remote-address 192.0.2.{far}",
            f"{peer} tunnel 1 local prefix 10.200.{me}.{far}/32",
            f"{peer} tunnel 1 remote prefix 10.200.{far}.{me}/32",
        ]
    return "\n".join(lines) + "\n"
