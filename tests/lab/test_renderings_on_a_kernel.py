"""What the renderers write, given to the programs it is for, in a guest: the kernel then shows the Plan.

One guest serves all tests; each rendering has a network namespace of its own, with veth ends for Ethernet devices.
systemd-networkd runs without systemd: with a read-only /sys it asks no udev whether a link is ready. ``wg`` and, where
the host lacks it, systemd are unpacked beside the guest's packages, for this test only.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plans_to_render import CONNECTIONS, EVERYTHING, FIREWALL, FOR_NETWORKD
from seen_of_a_plan import differences, look_script, parse, sysctl_script

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.lab.beside import unpacked
from sapper.lab.guest import Guest
from sapper.live import nftables as live_nftables
from sapper.live.destination_nat import destination_nat
from sapper.live.mangling import mangling
from sapper.model.build import build
from sapper.render import iproute2, networkd, nftables, swanctl
from sapper.render.swanctl_updown import updown_script

pytestmark = pytest.mark.lab
EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in EXAMPLES.glob("*/*.set"))
SETTLES_S = 40.0
SA_S = 45.0
PAIRS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
# What this guest needs beside the rendered strongswan.conf: its plugins, and a socket for each router.
CHARON = """charon {{
  load = random nonce openssl kdf kernel-netlink socket-default vici updown
  plugins {{
    vici {{
      socket = unix://{room}/vici
    }}
  }}
  filelog {{
    log {{
      path = {room}/log
      default = 1
      flush_line = yes
    }}
  }}
}}
include {room}/strongswan.conf
"""


class Shell:
    """Runs scripts in the guest."""

    def __init__(self, guest: Guest, tree: Path) -> None:
        self.guest = guest
        self.path = f"PATH=$PATH:{tree}/usr/bin:{tree}/bin"
        libraries = [f"{tree}/usr/lib/x86_64-linux-gnu", f"{tree}/usr/lib/x86_64-linux-gnu/systemd"]
        self.libraries = f"LD_LIBRARY_PATH={':'.join(libraries)}"
        self.programs = f"$([ -e {tree}/usr/lib/systemd/systemd-networkd ] && echo {tree})/usr/lib/systemd"

    def __call__(self, script: str, write: dict[str, str] | None = None, *, node: str | None = None) -> str:
        """What the script prints. Fails with what it said on standard error."""
        if node is not None:
            script = f"exec ip netns exec {node} sh <<'THE-SCRIPT'\nexport {self.path}\n{script}\nTHE-SCRIPT"
        message = {"script": script, "write": write or {}, "timeout_s": 100}
        answer = self.guest.call(message, deadline_s=120)
        assert answer["status"] == 0, answer
        return str(answer["out"])


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    tree = unpacked(("systemd", "wireguard-tools"), lambda _: None)
    with Guest(agent_module="guest_shell", agent_paths=(str(Path(__file__).parent),)) as guest:
        yield Shell(guest, tree)


@pytest.fixture
def node(shell: Shell, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty namespace."""
    name = re.sub(r"\W+", "-", request.node.name)[-40:].strip("-")
    shell(f"ip netns add {name} && ip -n {name} link set lo up")
    yield name
    shell(f"ip netns pids {name} | xargs -r kill -9; ip netns del {name}")


def compiled(name: str) -> Plan:
    upgraded = upgrade(read((EXAMPLES / f"{name}.set").read_text(), name))
    return compile_router(build(upgraded.root, upgraded.generation, "east").router)


def wire(shell: Shell, node: str, plan: Plan) -> None:
    """A veth end for every Ethernet device; the other ends are up, so that there is a carrier."""
    ends = [link.name for link in plan.links if link.kind == "ethernet"]
    shell(
        "\n".join(f"ip link add {end} type veth peer name far-{end} && ip link set far-{end} up" for end in ends),
        node=node,
    )


def seen(shell: Shell, node: str) -> dict[str, Any]:
    return parse(shell(look_script(), node=node))


@pytest.mark.parametrize("name", ["everything", *NAMES])
def test_iproute2(shell: Shell, node: str, name: str) -> None:
    plan = EVERYTHING if name == "everything" else compiled(name)
    wire(shell, node, plan)
    files = {f"/tmp/{node}/{file}": text for file, text in iproute2.render(plan).items()}

    shell(f"sh /tmp/{node}/apply.sh", files, node=node)

    found = differences(plan, seen(shell, node))
    assert found == [], "\n".join(found)
    values = shell(sysctl_script(plan), node=node).split()
    assert values == [sysctl.value for sysctl in plan.sysctls]
    raise_and_lower(shell, node, plan)


@pytest.mark.parametrize("name", ["everything", *NAMES])
def test_networkd(shell: Shell, node: str, name: str) -> None:
    plan = FOR_NETWORKD if name == "everything" else compiled(name)
    wire(shell, node, plan)
    files = networkd.render(plan)
    room = f"/tmp/{node}"
    placed = {f"{room}/network/{file}": text for file, text in files.items() if file.startswith("50-")}
    placed |= {f"{room}/conf/sapper.conf": files["sapper.conf"], f"{room}/run": _running(shell, room)}
    placed |= {f"{room}/sysctl.conf": files["sysctl.conf"]}

    shell(f"unshare -m sh {room}/run > {room}/log 2>&1 &", placed, node=node)

    end = time.monotonic() + SETTLES_S
    while True:
        found = differences(plan, seen(shell, node), xfrm_on_loopback=True)
        if not found or time.monotonic() > end:
            break
        time.sleep(0.5)
    log = shell(f"cat {room}/log")
    assert found == [], log
    raise_and_lower(shell, node, plan, xfrm_on_loopback=True)
    shell(f"{shell.libraries} {shell.programs}/systemd-sysctl {room}/sysctl.conf", node=node)
    values = shell(sysctl_script(plan), node=node).split()
    assert values == [sysctl.value for sysctl in plan.sysctls]
    assert re.findall(r".*(?:Unknown|ignoring assignment|Failed to parse|Invalid|Could not set).*", log) == []


def raise_and_lower(shell: Shell, node: str, plan: Plan, *, xfrm_on_loopback: bool = False) -> None:
    """What the updown scripts do to the Plan's VTIs, and that nobody undoes it."""
    raised = msgspec.structs.replace(
        plan,
        links=tuple(msgspec.structs.replace(link, up=True) if link.raised_by else link for link in plan.links),
    )
    for verb, wanted in (
        ("up-client", raised),
        ("up-client-v6", raised),
        ("down-client-v6", raised),
        ("down-client", plan),
    ):
        for link in plan.links:
            if link.raised_by:
                script = {f"/tmp/{node}/updown": updown_script(plan, link.name)}
                shell(f"PLUTO_CONNECTION=one PLUTO_VERB={verb} sh /tmp/{node}/updown; sleep 0.3", script, node=node)
        found = differences(wanted, seen(shell, node), xfrm_on_loopback=xfrm_on_loopback)
        assert found == [], (verb, found)


def _running(shell: Shell, room: str) -> str:
    """The daemon with a /run of its own and no udev to wait for."""
    return f"""mount -t tmpfs none /run
mkdir -p /run/systemd/network /run/systemd/networkd.conf.d
cp {room}/network/* /run/systemd/network/
cp {room}/conf/* /run/systemd/networkd.conf.d/
mount -o remount,bind,ro /sys
export {shell.libraries} SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=info
exec {shell.programs}/systemd-networkd
"""


@pytest.fixture
def pair(shell: Shell) -> Iterator[tuple[str, str]]:
    """East and West, with the network between them, which translates East's address where that is private."""
    shell("for n in east west net; do ip netns add $n; ip -n $n link set lo up; done")
    yield ("east", "west")
    shell("for n in east west net; do ip netns pids $n | xargs -r kill -9; ip netns del $n; done; rm -rf /tmp/ike")


def between(shell: Shell, plans: dict[str, Plan]) -> None:
    """Wires for both routers, and a router between them that answers to their default gateways."""
    script = ["sysctl -q -w net.ipv4.ip_forward=1", "nft add table ip nat"]
    script.append("nft add chain ip nat out '{ type nat hook postrouting priority srcnat; }'")
    script.append("nft add rule ip nat out ip saddr 192.168.0.0/16 masquerade")
    for name, plan in plans.items():
        gateway = next(route.via for route in plan.routes if route.prefix.length == 0)
        shell(f"ip link add {name} netns net type veth peer name eth0 netns {name}")
        shell(f"ip link add far netns {name} type veth peer name eth1 netns {name} && ip -n {name} link set far up")
        script.append(f"ip address add {gateway}/24 dev {name} && ip link set {name} up")
    shell("\n".join(script), node="net")


def start_charon(shell: Shell, node: str, plan: Plan) -> str:
    """Applies everything that was rendered, starts charon, loads its connections; shell text for more swanctl."""
    room = f"/tmp/ike/{node}"
    files = {f"{room}/{name}": text for name, text in iproute2.render(plan).items()}
    files |= {f"{room}/{name}": text for name, text in (nftables.render(plan) | swanctl.render(plan)).items()}
    files[f"{room}/charon.conf"] = CHARON.format(room=room)
    files[f"{room}/run"] = f"""mount -t tmpfs none /run && mkdir -p /etc/swanctl
mount -t tmpfs none /etc/swanctl && cp {room}/updown-* /etc/swanctl/ 2> /dev/null
chmod 755 /etc/swanctl/updown-* 2> /dev/null
STRONGSWAN_CONF={room}/charon.conf exec /usr/lib/ipsec/charon
"""
    shell(f"sh {room}/apply.sh && nft -f {room}/sapper.nft", files, node=node)
    shell(f"unshare -m sh {room}/run > {room}/console 2>&1 &", node=node)
    words = f"--uri unix://{room}/vici"
    shell(f"for i in $(seq 200); do [ -S {room}/vici ] && break; sleep 0.1; done", node=node)
    said = shell(f"swanctl --load-all {words} --file {room}/swanctl.conf 2>&1", node=node)
    assert f"successfully loaded {len(plan.connections)} connections" in said
    return words


@pytest.mark.parametrize("name", PAIRS)
def test_two_routers_from_renderings_talk_through_ipsec(shell: Shell, pair: tuple[str, str], name: str) -> None:
    """iproute2, nftables and swanctl together: the pair's tunnel carries packets, and ESP carries the tunnel's."""
    plans = {router: compiled(f"{name}/{router}") for router in pair}
    between(shell, plans)
    words = {router: start_charon(shell, router, plans[router]) for router in reversed(pair)}
    script = (
        f"for i in $(seq 60); do swanctl --list-sas {words['east']} | grep -q INSTALLED && break; sleep 0.5; done"
    )
    shell(script, node="east")

    try:
        shell(
            "for i in $(seq 15); do /run/busybox ping -c 1 -W 1 -I 10.1.0.1 10.2.0.1 && exit; done; exit 1",
            node="east",
        )
    except AssertionError:
        pytest.fail(
            shell("tail -n 20 /tmp/ike/*/log; ip netns exec east ip route; ip netns exec east ip -s xfrm state")
        )

    sas = shell(f"swanctl --list-sas {words['east']}", node="east")
    assert re.search(r"out .*\b[1-9]\d* bytes", sas), sas
    for router, plan in plans.items():
        raised = [link.name for link in plan.links if link.raised_by]
        shown = seen(shell, router)
        assert all("UP" in device["flags"] for device in shown["links"] if device["ifname"] in raised), (
            router,
            shown["links"],
        )


def test_charon_shows_the_connections(shell: Shell, node: str) -> None:
    wire(shell, node, CONNECTIONS)
    words = start_charon(shell, node, CONNECTIONS)

    listed = shell(f"swanctl --list-conns {words} --raw", node=node)

    for connection in CONNECTIONS.connections:
        assert f"{connection.name} {{" in listed
        for child in connection.children:
            assert f"{child.name} {{" in listed
    assert "aes128-sha1" not in shell("cat /tmp/ike/*/log | grep -i 'invalid' || true", node=node)
    shell("rm -rf /tmp/ike")


def test_nftables(shell: Shell, node: str) -> None:
    text = nftables.render(FIREWALL)["sapper.nft"]
    ruleset = "nft -j -s list ruleset"

    shell("nft add table ip somebody && nft add chain ip somebody theirs")
    shell("nft add table ip somebody && nft add chain ip somebody theirs", node=node)
    shell("nft -f /tmp/sapper.nft", {"/tmp/sapper.nft": text}, node=node)
    once = _rules(shell(ruleset, node=node))
    shell("nft -f /tmp/sapper.nft", node=node)

    assert _rules(shell(ruleset, node=node)) == once
    parts = (FIREWALL.source_nat, FIREWALL.destination_nat, FIREWALL.marks, FIREWALL.mss_clamps, FIREWALL.guards)
    assert len(once["rules"]) == sum(map(len, parts))
    assert ("ip", "somebody") in once["tables"]


def test_the_installer_sends_the_same_rules(shell: Shell, node: str) -> None:
    """The installer's JSON and the text are two ways to one ruleset, rule by rule (tables and names are their own)."""
    ported = tuple(rule for rule in FIREWALL.destination_nat if rule.port is None or rule.protocol is not None)
    one_link = tuple(msgspec.structs.replace(rule, in_links=rule.in_links[:1]) for rule in FIREWALL.marks)
    # Guards are one table of both families to the installer: tests/lab/pairs/guard-* show them at work.
    plan = msgspec.structs.replace(FIREWALL, destination_nat=ported, marks=one_link, guards=())
    commands = live_nftables.source_nat(plan.source_nat) + destination_nat(plan.destination_nat)
    commands += mangling(plan.marks, plan.mss_clamps)

    shell("nft -j -f /tmp/sent.json", {"/tmp/sent.json": live_nftables.document(commands)}, node=node)
    sent = by_hook(shell("nft -j -s list ruleset", node=node))
    shell(
        "nft flush ruleset; nft -f /tmp/text.nft", {"/tmp/text.nft": nftables.render(plan)["sapper.nft"]}, node=node
    )

    assert by_hook(shell("nft -j -s list ruleset", node=node)) == sent
    assert len(sent) == 9


def by_hook(text: str) -> dict[tuple[object, ...], list[Any]]:
    """The expressions of every chain, in order, by the family, hook, type and priority of the chain, and its kind.

    The one liberty: a mark ends with accept or with return, which is the same in a chain whose policy is accept.
    """
    entries = json.loads(text.replace('{"return": null}', '{"accept": null}'))["nftables"]
    chains = {
        (chain["family"], chain["table"], chain["name"]): (chain["hook"], chain["type"], chain["prio"])
        for chain in (entry["chain"] for entry in entries if "chain" in entry)
    }
    found: dict[tuple[object, ...], list[Any]] = {}
    for rule in (entry["rule"] for entry in entries if "rule" in entry):
        kind = "mark" if '"mark"' in json.dumps(rule["expr"]) else "other"
        where = chains[rule["family"], rule["table"], rule["chain"]]
        found.setdefault((rule["family"], *where, kind), []).append(rule["expr"])
    return found


def _rules(text: str) -> dict[str, Any]:
    """Tables, chains and rules without what differs from load to load."""
    entries = json.loads(text)["nftables"]
    tables = {(entry["table"]["family"], entry["table"]["name"]) for entry in entries if "table" in entry}
    chains = [
        {key: value for key, value in entry["chain"].items() if key != "handle"}
        for entry in entries
        if "chain" in entry and "hook" in entry["chain"]
    ]
    rules = [
        {key: value for key, value in entry["rule"].items() if key not in ("handle", "comment")}
        for entry in entries
        if "rule" in entry
    ]
    return {"tables": tables, "chains": chains, "rules": rules}
