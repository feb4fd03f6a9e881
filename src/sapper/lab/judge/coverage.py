"""What a case exercises, as words: so that a run can say what it has not seen, and a test what the generator must draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import MAIN_TABLE, Plan
from sapper.lab.judge.case import Case
from sapper.proof.states.lifecycle import TABLE

NOT_DRAWN = frozenset({"l2tpv3", "wireguard"})
"""Their devices are made by a conversation with the kernel that cannot be written down beforehand."""

_MODES = ("tunnel", "transport", "pass")
_ACTIONS = ("none", "trap", "start")
_MOVES = ("undisturbed", "wan-down", "default-gone", "more-specific")
_HOWS = ("local", "forwarded", "device", "injected")

EVERYTHING = frozenset(
    (
        *(f"encapsulation {name}" for name in ENCAPSULATIONS if name not in NOT_DRAWN),
        *(f"row {row.label}" for row in TABLE),
        *(f"move {kind}" for kind in _MOVES),
        *(f"packet {how}" for how in _HOWS),
        *(f"mode {mode}" for mode in _MODES),
        *(f"start action {action}" for action in _ACTIONS),
        *(f"close action {action}" for action in _ACTIONS),
        *(f"route {kind}" for kind in ("unicast", "blackhole", "unreachable", "shared")),
        *(f"NAT {action}" for action in ("masquerade", "snat", "accept")),
        *(f"guard {hook}" for hook in ("output", "forward", "input", "prerouting")),
        *(f"tunnel end on {kind}" for kind in ("ethernet", "dummy", "loopback", "any")),
        "selector with a protocol", "selector with a port", "tunnel bound to a link", "tunnel in a tunnel",
        *(f"rule for {whom}" for whom in ("all packets", "a mark")),
        *(f"table with a {kind} route" for kind in ("unicast", "blackhole", "unreachable")),
        *(f"setting {word}" for word in ("forwarding", "ip_forward", "rp_filter")),
        "mark", "two WANs", "VTI", "VLAN", "charon's routes", "IPv6",
    )
)  # fmt: skip


def features(case: Case) -> Iterator[str]:
    """The words of EVERYTHING that this case exercises, each as often as it does."""
    yield from _of_plan(case.plan)
    for setting in case.settings:
        yield f"row {setting.row}"
        yield from (f"row {label}" for _, label in setting.others)
        yield f"move {setting.move.kind}"
    for probe in case.probes:
        yield f"packet {probe.how}"
        if probe.packet.family == 6:
            yield "IPv6"


def _of_plan(plan: Plan) -> Iterator[str]:
    homes = {item.address: link.kind for link in plan.links for item in link.addresses}
    inside = {item.prefix for link in plan.links if link.encapsulating for item in link.addresses}
    for link in plan.links:
        name = encapsulation_of(link)
        if name != "none":
            yield f"encapsulation {name}"
        wrapping = link.encapsulating
        if wrapping is not None:
            yield f"tunnel end on {homes.get(wrapping.local, 'any') if wrapping.local else 'any'}"
            if wrapping.link is not None:
                yield "tunnel bound to a link"
            if wrapping.remote is not None and any(wrapping.remote in prefix for prefix in inside):
                yield "tunnel in a tunnel"
        if link.kind in ("xfrm", "vlan"):
            yield "VTI" if link.kind == "xfrm" else "VLAN"
    if any(link.name == "eth1" for link in plan.links):
        yield "two WANs"
    if plan.install_routes and plan.connections:
        yield "charon's routes"
    yield from _of_routing(plan)
    yield from _of_connections(plan)


def _of_routing(plan: Plan) -> Iterator[str]:
    yield from (f"route {route.kind}" for route in plan.routes)
    yield from (f"table with a {route.kind} route" for route in plan.routes if route.table != MAIN_TABLE)
    yield from (f"rule for {'all packets' if rule.mark is None else 'a mark'}" for rule in plan.rules)
    yield from (f"setting {sysctl.name.rpartition('.')[2]}" for sysctl in plan.sysctls)
    yield from ("mark" for rule in plan.marks if rule.mark)
    shared = Counter((route.prefix, route.metric, route.table) for route in plan.routes)
    yield from ("route shared" for count in shared.values() if count > 1)
    yield from (f"NAT {rule.action}" for rule in plan.source_nat)
    yield from (f"guard {guard.hook}" for guard in plan.guards)


def _of_connections(plan: Plan) -> Iterator[str]:
    for child in (child for connection in plan.connections for child in connection.children):
        yield f"mode {child.mode}"
        yield f"start action {child.start_action}"
        yield f"close action {child.close_action}"
        selectors = (*child.local_ts, *child.remote_ts)
        if any(selector.protocol for selector in selectors):
            yield "selector with a protocol"
        if any(selector.port for selector in selectors):
            yield "selector with a port"
