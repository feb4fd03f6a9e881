"""A Plan for iproute2: batch files, and a script that runs them in the order that a kernel needs.

The order is the installer's: sysctls, links, sysctls of links, WireGuard's keys, masters, addresses and states, the
bridge's entries, then the same for late links (L2TPv3, whose sockets need an address), routes, rules. The files are
for a host that has none of these links yet: the first line that fails ends the script. Ethernet and loopback devices
are never created. Sources: ip(8), bridge(8), wg(8), sysctl(8).
"""

from __future__ import annotations

from collections.abc import Iterable

from sapper.kernel.plan import TUNNEL_KINDS, Link, Plan, Sysctl
from sapper.render.elsewhere import not_here
from sapper.render.iproute2_bridge import bridge_lines, port_lines
from sapper.render.iproute2_link import creation, l2tp_lines
from sapper.render.iproute2_route import route_lines, rule_lines
from sapper.render.link_order import GIVEN_KINDS, in_order, section_of
from sapper.render.remark import headed, one_line, remark
from sapper.render.sysctl_conf import of_links, sysctl_lines
from sapper.render.wireguard_conf import wireguard_conf

_SHELL = "#!/bin/sh"


def render(plan: Plan) -> dict[str, str]:
    """File name to text; ``apply.sh`` runs the others. ``wg-*.conf`` holds keys. Raises Inexpressible."""
    early, late = in_order(plan)
    created = [link for link in (*early, *late) if link.kind not in GIVEN_KINDS]
    of_created = of_links(plan, created)
    files: dict[str, str] = {}
    steps: list[str] = []

    def add(name: str, command: str, blocks: list[list[str]], about: str) -> None:
        if any(blocks):
            files[name] = headed(remark(about), blocks)
            steps.append(f"{command} {name}")

    before = [sysctl for sysctl in plan.sysctls if sysctl not in of_created]
    add("sysctl.conf", "sysctl -q -p", [sysctl_lines(before, plan)], "before any link is created")
    for prefix, links in (("", early), ("late-", late)):
        add(f"{prefix}links.batch", "ip -batch", [_creation(link) for link in links], "links")
        ours = _sysctls_of(of_created, links)
        add(f"{prefix}sysctl-links.conf", "sysctl -q -p", [sysctl_lines(ours, plan)], "of links that exist now")
        for link in links:
            if link.kind == "wireguard":
                files[f"wg-{link.name}.conf"] = wireguard_conf(link)
                steps.append(f"wg setconf {link.name} wg-{link.name}.conf")
        finishing = [_finishing(link) for link in links]
        add(f"{prefix}addresses.batch", "ip -batch", finishing, "masters, addresses, states")
        bridged = [_named(link, bridge_lines(link)) for link in links]
        add(f"{prefix}bridge.batch", "bridge -batch", bridged, "forwarding entries of VXLAN devices")
    add("routes.batch", "ip -batch", [_unless_remarks_only(route_lines(plan))], "protocols static")
    add("rules.batch", "ip -batch", [rule_lines(plan, 4)], "policy routing, IPv4")
    add("rules6.batch", "ip -6 -batch", [rule_lines(plan, 6)], "policy routing, IPv6")
    waiting = [line for line in route_lines(plan) if line.startswith("#")]
    return {"apply.sh": _script(plan, waiting, steps), **files}


def _script(plan: Plan, waiting: list[str], steps: list[str]) -> str:
    head = [
        _SHELL,
        *remark(f"{one_line(plan.name)}: links, addresses, routes and rules for iproute2; run it as root, once"),
    ]
    return headed(head, [[*not_here(plan, "iproute2"), *waiting], ["set -e", 'cd "$(dirname "$0")"'], steps])


def _creation(link: Link) -> list[str]:
    if link.kind in GIVEN_KINDS:
        # A VLAN cannot be created with an MTU above its parent's.
        return _named(link, [f"link set dev {link.name} mtu {link.mtu_bytes}"] if link.mtu_bytes else [])
    return _named(link, l2tp_lines(link) if link.kind == "l2tpeth" else creation(link))


def _finishing(link: Link) -> list[str]:
    """What is set on a link that exists. Masters come before addresses, which a change of master takes away."""
    lines = []
    if link.mtu_bytes is not None and link.kind == "l2tpeth":
        lines.append(f"link set dev {link.name} mtu {link.mtu_bytes}")
    if link.kind in TUNNEL_KINDS or not (link.multicast or link.kind == "loopback"):
        lines.append(f"link set dev {link.name} multicast {'on' if link.multicast else 'off'}")
    if link.master is not None:
        lines.append(f"link set dev {link.name} master {link.master}")
    lines += port_lines(link)
    lines += [f"address add {attached} dev {link.name}" for attached in link.addresses]
    lines += [f"link set dev {link.name} up"] if link.up else []
    return _named(link, lines)


def _named(link: Link, lines: list[str]) -> list[str]:
    return [*remark(section_of(link)), *lines] if lines else []


def _sysctls_of(sysctls: Iterable[Sysctl], links: Iterable[Link]) -> list[Sysctl]:
    names = [link.name for link in links]
    return [sysctl for sysctl in sysctls if any(f".{name}." in sysctl.name for name in names)]


def _unless_remarks_only(lines: list[str]) -> list[str]:
    return lines if any(not line.startswith("#") for line in lines) else []
