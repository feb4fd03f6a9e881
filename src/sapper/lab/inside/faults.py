"""What goes wrong, done inside the guest: one short function for each thing that a fault needs.

A fault (:mod:`sapper.lab.faults`) says what happens and when; here it happens. Nothing here judges. Wherever links go
down the captures are told, because a packet socket reports that once as an error (packet(7), ENETDOWN).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from itertools import groupby
from typing import Any

from sapper.kernel.plan import MAIN_TABLE, Plan
from sapper.lab.inside import daemon, negotiation, network, traffic
from sapper.live import nftables
from sapper.live.install import GIVEN_KINDS, install
from sapper.live.namespace import inside
from sapper.live.netlink.connection import NETLINK_XFRM, NetlinkConnection

_IP_TIMEOUT_S = 20.0
_CUT_TABLE, _REBIND_TABLE = "sapper_cut", "sapper_rebind"
_BEFORE_NAT = 90  # the first NAT chain that rewrites wins; the box's own is at 100
_CHARON_RULE = "220"
_QUIET_S, _LIMIT_S = 0.4, 5.0
_CARRIER_LIMIT_S, _POLL_S = 10.0, 0.05
_FORWARDED_FIRST = {"type": "filter", "hook": "forward", "prio": -10, "policy": "accept"}

_load: dict[str, Any] = {}


def change_ip(message: dict[str, Any]) -> dict[str, Any]:
    """Runs ``lines`` of iproute2 in the node, all or (``force``) as many as possible; ``-6`` may stand first."""
    _ip(message["node"], message["lines"], force=message.get("force", False))
    traffic.clear_errors()
    return {}


def _ip(node: str, lines: list[str], *, force: bool = False) -> None:
    for family, chosen in groupby(lines, key=lambda line: line[:2] if line[:1] == "-" else "-0"):
        words = ["ip", "-n", node, *([family] if family != "-0" else []), *(["-force"] if force else [])]
        text = "".join(f"{line.removeprefix(family).strip()}\n" for line in chosen)
        done = subprocess.run(
            [*words, "-batch", "-"], input=text, capture_output=True, text=True, timeout=_IP_TIMEOUT_S, check=False
        )
        if done.returncode and not force:
            raise RuntimeError(f"{node}: {(done.stderr.strip().splitlines() or ['ip failed'])[0]}")


def cut(message: dict[str, Any]) -> dict[str, Any]:
    """``node`` swallows what comes from ``link`` or would go there, or stops to; the link itself stays up."""
    commands = nftables.remove_table("inet", _CUT_TABLE)
    if message["on"]:
        place = {"family": "inet", "table": _CUT_TABLE}
        commands = nftables.replace_table("inet", _CUT_TABLE)
        commands.append(nftables.add("chain", {**place, "name": "forward", **_FORWARDED_FIRST}))
        for key in ("iifname", "oifname"):
            same = nftables.match({"meta": {"key": key}}, message["link"])
            commands.append(nftables.add("rule", {**place, "chain": "forward", "expr": [same, {"drop": None}]}))
    with inside(message["node"]):
        nftables.apply(commands)
    return {}


def await_carrier(message: dict[str, Any]) -> dict[str, Any]:
    """Returns when ``node`` knows that ``link`` has (``up``) or lacks a signal. Raises TimeoutError.

    The kernel notices at most once a second (net/core/link_watch.c); until then it sends as before. ``operstate`` is
    what it has noticed, ``carrier`` would be the signal itself.
    """
    end = time.monotonic() + _CARRIER_LIMIT_S
    while _has_noticed_carrier(message["node"], message["link"]) != message["up"]:
        if time.monotonic() > end:
            raise TimeoutError(f"{message['node']} did not notice the carrier of {message['link']}")
        time.sleep(_POLL_S)
    return {}


def _has_noticed_carrier(node: str, link: str) -> bool:
    words = ["ip", "-n", node, "-json", "link", "show", "dev", link]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_IP_TIMEOUT_S, check=True)
    return bool(json.loads(done.stdout)[0]["operstate"] == "UP")


def rebind(message: dict[str, Any]) -> dict[str, Any]:
    """A NAT box forgets its mappings; from now on it maps to ``address`` and UDP to ``ports``, or (neither) as before."""
    commands = nftables.remove_table("ip", _REBIND_TABLE)
    target: dict[str, Any] = {}
    if message.get("address"):
        target["addr"] = message["address"]
    if message.get("ports"):
        target["port"] = {"range": message["ports"]}
    if target:
        place = {"family": "ip", "table": _REBIND_TABLE}
        hook = {"type": "nat", "hook": "postrouting", "prio": _BEFORE_NAT, "policy": "accept"}
        matches = [nftables.match({"meta": {"key": "oifname"}}, message["link"])]
        if "port" in target:
            matches.append(nftables.match({"meta": {"key": "l4proto"}}, "udp"))
        statement = {"snat": target} if "addr" in target else {"masquerade": target}
        commands = nftables.replace_table("ip", _REBIND_TABLE)
        commands.append(nftables.add("chain", {**place, "name": "postrouting", **hook}))
        commands.append(nftables.add("rule", {**place, "chain": "postrouting", "expr": [*matches, statement]}))
    with inside(message["node"]):
        nftables.apply(commands)
    traffic.forget_connections(message["node"])
    return {}


def power_off(message: dict[str, Any]) -> dict[str, Any]:
    """The router as a reset leaves it: no daemon, nothing of its Plan, and its wires without a signal."""
    from sapper.live.netlink.policy import flush_policies
    from sapper.live.netlink.state import flush_states

    node = message["node"]
    plan = network.plan_of(node)
    daemon.kill({"nodes": [node]})
    with inside(node), NetlinkConnection.open(NETLINK_XFRM) as connection:
        connection.send([flush_policies(), flush_states()])
    _ip(node, _emptying(plan), force=True)
    with inside(node):
        subprocess.run(["nft", "flush", "ruleset"], timeout=_IP_TIMEOUT_S, check=True, env=_sbin())
    traffic.clear_errors()
    return {}


def _emptying(plan: Plan) -> list[str]:
    made = [link.name for link in plan.links if link.kind not in GIVEN_KINDS]
    given = [link for link in plan.links if link.kind in GIVEN_KINDS]
    tables = {MAIN_TABLE, int(_CHARON_RULE), *(route.table for route in plan.routes)}
    return [
        *(f"link delete dev {name}" for name in reversed(made)),
        *(f"link set dev {link.name} down" for link in given if link.kind != "loopback"),
        *(f"address delete {attached} dev {link.name}" for link in given for attached in link.addresses),
        *(f"-{family} route flush table {table}" for table in sorted(tables) for family in (4, 6)),
        *(f"-{family} rule delete pref {pref}" for family in (4, 6) for pref in _rules(plan)),
    ]


def _rules(plan: Plan) -> list[str]:
    own = {0, 32766, 32767}  # the kernel's own (net/ipv4/fib_rules.c)
    return [_CHARON_RULE, *(str(rule.priority) for rule in plan.rules if rule.priority not in own)]


def _sbin() -> dict[str, str]:
    return {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def power_on(message: dict[str, Any]) -> dict[str, Any]:
    """The router's whole Plan anew, as after ``boot``; its daemon is not started."""
    with inside(message["node"]), NetlinkConnection.open() as connection:
        install(network.plan_of(message["node"]), connection)
    traffic.clear_errors()
    return {}


def set_clock(message: dict[str, Any]) -> dict[str, Any]:
    """Moves the guest's wall clock (CLOCK_REALTIME) by ``seconds``; there is one for all routers."""
    time.clock_settime(time.CLOCK_REALTIME, time.time() + message["seconds"])
    return {}


def path_mtu(message: dict[str, Any]) -> dict[str, Any]:
    """The MTU that the node's routing knows for ``destination``, None where no exception is cached."""
    words = ["ip", "-n", message["node"], "route", "get", message["destination"]]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_IP_TIMEOUT_S, check=False)
    shown = done.stdout.split()
    return {"mtu": int(shown[shown.index("mtu") + 1]) if "mtu" in shown else None}


def start_load(message: dict[str, Any]) -> dict[str, Any]:
    """A process of its own sends every one of ``flows`` once each ``interval_s``, ``rounds`` times."""
    traffic.discard()
    started = time.time()
    child = os.fork()
    if child == 0:
        try:
            for _ in range(message["rounds"]):
                for flow in message["flows"]:
                    traffic.send({**flow, "count": 1})
                time.sleep(message["interval_s"])
        finally:
            os._exit(0)
    _load.update(child=child, started=started)
    return {}


def stop_load(message: dict[str, Any]) -> dict[str, Any]:
    """Waits until the load has been sent (``cut_short``: ends it), and returns what was seen since its start."""
    child = _load.pop("child")
    if message.get("cut_short"):
        os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    return traffic.collect(_load.pop("started"), _QUIET_S, _LIMIT_S)


HANDLERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ip": change_ip,
    "cut": cut,
    "await-carrier": await_carrier,
    "rebind": rebind,
    "power-off": power_off,
    "power-on": power_on,
    "set-clock": set_clock,
    "path-mtu": path_mtu,
    "start-load": start_load,
    "stop-load": stop_load,
    "kill-at": negotiation.kill_at,
}
