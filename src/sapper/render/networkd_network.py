"""``.network`` files of systemd-networkd 252: states, masters, addresses and routes of each link.

networkd hangs every route on a link. One with only a gateway goes to the link whose prefix holds it; one to nowhere
(blackhole, unreachable), and the rules, go to the loopback device, which is always there. A route of a link that is
down is a comment: the kernel refuses it, and networkd then gives the whole link up for good. No address or route is
learned where the Plan has none to learn. Source: systemd.network(5).
"""

from __future__ import annotations

from sapper.kernel.plan import MAIN_TABLE, Link, Plan, Route, Rule
from sapper.render.inexpressible import Inexpressible
from sapper.render.link_order import below
from sapper.render.plan_routes import common_source, kernels_own, reaches, together, waiting_sentence
from sapper.render.remark import remark

LOOPBACK = "lo"
_STACKED = {"vlan": "VLAN", "vxlan": "VXLAN", "xfrm": "Xfrm"}  # the rest: Tunnel
_EVERYBODY = "00:00:00:00:00:00"


def network_sections(plan: Plan, link: Link) -> list[list[str]]:
    """The sections of one link's file. Raises Inexpressible."""
    sections = [["[Match]", f"Name={link.name}"], _link(link), _network(plan, link)]
    carried = [route for route in plan.routes if _is_up(plan, carrier(plan, route))]
    groups = [group for group in together(carried) if carrier(plan, group[0]) == link.name]
    sections += [_route(group[0]) if len(group) == 1 else _shared(plan, group) for group in groups]
    if link.name == LOOPBACK:
        sections += [_rule(rule) for rule in plan.rules if not kernels_own(rule)]
    sections = [section for section in [*sections, *_forwarding(link)] if len(section) > 1]
    waiting = [] if link.up else [route for route in plan.routes if carrier(plan, route) == link.name]
    return sections + [remark(waiting_sentence(plan, route)) for route in waiting]


def _is_up(plan: Plan, name: str | None) -> bool:
    link = plan.link(name) if name is not None else None
    return link is not None and link.up


def carrier(plan: Plan, route: Route) -> str | None:
    """The name of the link that the route hangs on, None where nothing leads there. Raises Inexpressible.

    A gateway in no link's prefix is behind a device route, or behind the one link that gets its address elsewhere.
    """
    if route.kind != "unicast":
        return LOOPBACK
    if route.link is not None:
        return route.link if plan.link(route.link) is not None else None
    for link in plan.links:
        if reaches(link, route):
            return link.name
    for other in plan.routes:
        if other.via is None and other.link is not None and route.via is not None and route.via in other.prefix:
            return carrier(plan, other)
    dynamic = [link.name for link in plan.links if link.dynamic]
    if len(dynamic) > 1:
        raise Inexpressible(f"route {route.prefix}", f"networkd must know on which link the gateway {route.via} is")
    return dynamic[0] if dynamic else None


def _link(link: Link) -> list[str]:
    lines = ["[Link]"]
    if link.mtu_bytes is not None and link.kind in ("ethernet", "l2tpeth"):
        lines.append(f"MTUBytes={link.mtu_bytes}")
    if link.kind != "loopback":
        lines.append(f"Multicast={'yes' if link.multicast else 'no'}")
    if not link.up:
        lines.append(f"ActivationPolicy={'manual' if link.raised_by else 'down'}")
    return lines


def _network(plan: Plan, link: Link) -> list[str]:
    lines = ["[Network]"]
    if link.master is not None:
        master = plan.link(link.master)
        lines.append(f"{'VRF' if master is not None and master.kind == 'vrf' else 'Bridge'}={link.master}")
    lines += [
        f"{_STACKED.get(other.kind, 'Tunnel')}={other.name}" for other in plan.links if below(other) == link.name
    ]
    lines += [f"Address={attached}" for attached in link.addresses]
    if link.kind == "loopback":
        return lines
    return [*lines, "DHCP=yes"] if link.dynamic else [*lines, "IPv6AcceptRA=no", "ConfigureWithoutCarrier=yes"]


def _route(route: Route) -> list[str]:
    lines = ["[Route]", f"Destination={route.prefix}"]
    if route.kind != "unicast":
        lines.append(f"Type={route.kind}")
    if route.via is not None:
        lines.append(f"Gateway={route.via}")
    lines += [f"PreferredSource={route.source}"] if route.source is not None else []
    lines += [f"Metric={route.metric}"] if route.metric else []
    lines += [f"Table={route.table}"] if route.table != MAIN_TABLE else []
    return lines + (["GatewayOnLink=yes"] if route.onlink else [])


def _shared(plan: Plan, group: tuple[Route, ...]) -> list[str]:
    """Several next hops for one prefix; networkd knows only gateways for that."""
    route, path = group[0], f"route {group[0].prefix}"
    if route.kind != "unicast":
        return _route(route)
    if any(each.via is None or each.onlink for each in group):
        raise Inexpressible(path, "networkd takes several next hops only where each is a gateway on a known link")
    source = common_source(group)
    lines = ["[Route]", f"Destination={route.prefix}"]
    lines += [f"MultiPathRoute={each.via}@{carrier(plan, each)}" for each in group]
    lines += [f"PreferredSource={source}"] if source is not None else []
    lines += [f"Metric={route.metric}"] if route.metric else []
    return lines + ([f"Table={route.table}"] if route.table != MAIN_TABLE else [])


def _rule(rule: Rule) -> list[str]:
    lines = ["[RoutingPolicyRule]", f"Family={'ipv6' if rule.family == 6 else 'ipv4'}", f"Priority={rule.priority}"]
    return [*lines, *([f"FirewallMark={rule.mark}"] if rule.mark is not None else []), f"Table={rule.table}"]


def _forwarding(link: Link) -> list[list[str]]:
    """A VXLAN device's further remotes."""
    header = link.vxlan
    if header is None:
        return []
    beside = header.remotes if header.group is not None else header.remotes[1:]
    return [["[BridgeFDB]", f"MACAddress={_EVERYBODY}", f"Destination={remote}"] for remote in beside]
