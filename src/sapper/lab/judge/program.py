"""A case as steps for the guest: everything is worked out and packed here, because the guest is ten times slower.

The Plan is installed as :mod:`sapper.live.install` does it, with the same encoders and in the same order; devices get
numbers beforehand, so that nobody has to ask for them. Each setting then changes policies, states, VTIs and charon's
routes; the move of the network is done to the kernel itself, which decides what becomes of routes and addresses.
"""

from __future__ import annotations

import binascii
import errno
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from sapper.kernel.plan import CHARON_TABLE, Link, Plan, Route, Rule
from sapper.lab.judge import moving, security
from sapper.lab.judge.case import Case, Probe, Setting
from sapper.lab.judge.packets import LAYER_2, frame, handed, injected, mac, whole
from sapper.lab.judge.predict import possible
from sapper.live import nftables
from sapper.live.device import creation, finishing
from sapper.live.guarding import guarding
from sapper.live.install import GIVEN_KINDS, sysctl_path
from sapper.live.mangling import mangling
from sapper.live.netlink.address import add_address
from sapper.live.netlink.attribute import attribute
from sapper.live.netlink.conntrack import flush_connections
from sapper.live.netlink.link import LinkMessage, change_link, create_link, encode_link, set_link_up
from sapper.live.netlink.message import NLM_F_ACK, Request, pack_batch
from sapper.live.netlink.route import add_route, append_route, delete_route, replace_route, replace_ways
from sapper.live.netlink.rule import add_rule
from sapper.live.ways import NO_WAY, place
from sapper.proof.states.effective import Kernel, kernel_in, next_hops
from sapper.proof.states.situation import UNDISTURBED

FIRST_INDEX = 10
_IFF_NOARP, _IFLA_ADDRESS = 0x80, 1
_WIRES = frozenset({"ethernet"})
_MAY_FAIL = NO_WAY | {errno.EEXIST, errno.ENODEV, errno.ESRCH}
_ETHERTYPES = {4: 0x0800, 6: 0x86DD}


class Program(NamedTuple):
    """``message`` goes to the guest. ``about`` names the request of a refusal by step and sequence number.

    ``numbers`` maps the number in a packet to its setting and probe.
    """

    message: dict[str, Any]
    about: dict[tuple[int, int], Request]
    numbers: dict[int, tuple[int, int]]


class _Steps:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.indexes = indexes_of(plan)
        self.steps: list[list[Any]] = []
        self.about: dict[tuple[int, int], Request] = {}
        self.up: frozenset[str] = frozenset()

    def netlink(self, which: str, requests: Iterable[Request], *, strict: bool = True) -> None:
        """One batch; what is refused is an error of ours unless it may fail."""
        asked = [request._replace(flags=request.flags & ~NLM_F_ACK) for request in requests]
        if not asked:
            return
        if strict:
            self.about.update({(len(self.steps), number): request for number, request in enumerate(asked, 1)})
        batch = binascii.b2a_base64(pack_batch(asked, 1), newline=False).decode()
        self.steps.append(["netlink", which, batch])

    def out(self, route: Route) -> int | None:
        return None if route.link is None else self.indexes[route.link]

    def usable(self, routes: Iterable[Route]) -> list[Route]:
        """As a routing daemon hands them over: with the interface of each next hop, without those that have none.

        Left to itself, Linux looks for a next hop by the rules in force at that moment (fib_check_nh_nongw).
        """
        hops = next_hops(self.plan, self.up)
        return [resolved for resolved in map(hops.resolve, routes) if resolved is not None]


def indexes_of(plan: Plan) -> dict[str, int]:
    """The number of each device, chosen by us."""
    return {link.name: 1 if link.kind == "loopback" else FIRST_INDEX + at for at, link in enumerate(plan.links)}


def program(case: Case) -> Program:
    """The whole case for the guest."""
    steps = _Steps(case.plan)
    _install(steps)
    numbers: dict[int, tuple[int, int]] = {}
    before: Kernel | None = None
    raised: frozenset[str] = frozenset()
    for at, setting in enumerate(case.settings):
        before = _settle(steps, case, setting, before, raised)
        raised = setting.raised
        probes = _probes(steps, case, setting, at, numbers)
        forget = _packed([flush_connections()]) if case.plan.source_nat else None
        steps.steps.append(["probe", probes, forget])
    taps = [[link.name, steps.indexes[link.name]] for link in case.plan.links if link.kind in _WIRES]
    return Program({"taps": taps, "steps": steps.steps}, steps.about, numbers)


def _packed(requests: list[Request]) -> str:
    bare = [request._replace(flags=request.flags & ~NLM_F_ACK) for request in requests]
    return binascii.b2a_base64(pack_batch(bare, 1), newline=False).decode()


def _install(steps: _Steps) -> None:
    plan, indexes = steps.plan, steps.indexes
    created = [link for link in plan.links if link.kind not in GIVEN_KINDS]
    steps.netlink("route", [*map(_wire, _wires(plan), (indexes[link.name] for link in _wires(plan)))])
    steps.netlink("route", (_created(link, indexes) for link in created))
    for sysctl in plan.sysctls:
        steps.steps.append(["sysctl", str(sysctl_path(sysctl.name, plan)), sysctl.value])
    steps.netlink(
        "route", (change_link(message, link.name) for link in plan.links for message in finishing(link, indexes))
    )
    steps.netlink(
        "route",
        (add_address(indexes[link.name], link.name, item) for link in plan.links for item in link.addresses),
    )
    up = [link for link in plan.links if (link.up and not link.raised_by) or link.kind == "loopback"]
    # Sources of routes and neighbours of tunnels need every link at its place first.
    steps.netlink("route", [set_link_up(1, "lo", up=True)])
    steps.netlink("route", (set_link_up(indexes[link.name], link.name, up=True) for link in up))
    steps.netlink("route", map(add_rule, plan.rules))
    steps.up = frozenset(link.name for link in up)
    _routes(steps, plan.routes)
    if plan.install_routes:
        steps.netlink("route", (add_rule(Rule(CHARON_TABLE, CHARON_TABLE, family)) for family in (4, 6)))
    for commands in (nftables.source_nat(plan.source_nat), mangling(plan.marks, ()), guarding(plan.guards)):
        if commands:
            steps.steps.append(["nft", nftables.document(commands)])


def _wires(plan: Plan) -> list[Link]:
    return [link for link in plan.links if link.kind in _WIRES]


def _wire(link: Link, index: int) -> Request:
    """A hardware address that we know, and no question who has an address."""
    message = LinkMessage(index=index, flags=_IFF_NOARP, change=_IFF_NOARP)
    request = change_link(message, link.name)
    return request._replace(payload=encode_link(message) + attribute(_IFLA_ADDRESS, mac(index)))


def _created(link: Link, indexes: dict[str, int]) -> Request:
    message = creation(link, indexes)
    flags, change = message.flags | _IFF_NOARP, message.change | _IFF_NOARP
    return create_link(msgspec.structs.replace(message, index=indexes[link.name], flags=flags, change=change))


def _routes(steps: _Steps, routes: Iterable[Route]) -> None:
    """Those without a gateway first; ways of one place as one route, as far as each can be used."""
    groups: dict[Any, list[Route]] = {}
    for route in dict.fromkeys(steps.usable(routes)):
        groups.setdefault(place(route), []).append(route)
    for with_gateway in (False, True):
        now = [group for group in groups.values() if all(route.via for route in group) == with_gateway]
        steps.netlink("route", (request for group in now for request in _ways(steps, group)), strict=False)


def _ways(steps: _Steps, group: list[Route]) -> Iterator[Request]:
    """A list of next hops is refused as a whole: each part of it is tried, the largest last."""
    if group[0].prefix.family == 6 and len(group) > 1:
        yield from (append_route(route, steps.out(route)) for route in group)
        return
    # While the list grows there is one to an interface, if there is one at all: a gateway may be behind it.
    group = sorted(group, key=lambda route: route.via is None)
    for size in range(1, len(group) + 1):
        for part in combinations(group, size):
            if size > 1:
                yield replace_ways([(route, steps.out(route) or 0) for route in part])
            elif len(group) > 1:
                yield replace_route(part[0], steps.out(part[0]))
            else:
                yield add_route(part[0], steps.out(part[0]))


def _settle(steps: _Steps, case: Case, setting: Setting, before: Kernel | None, raised: frozenset[str]) -> Kernel:
    """From one setting to the next; returns the kernel of the undisturbed one."""
    plan, situation = case.plan, setting.situation()
    calm = kernel_in(plan, msgspec.structs.replace(situation, move=UNDISTURBED))
    if before is not None:
        gone = before.tables.get(CHARON_TABLE, ())
        steps.netlink("route", (delete_route(route, steps.out(route)) for route in gone), strict=False)
    for name in sorted(raised ^ setting.raised):
        _turn(steps, name, up=name in setting.raised)
    if situation.row.daemon:
        steps.steps.append(["acquires"])
    steps.netlink("xfrm", security.requests(calm))
    charon = calm.tables.get(CHARON_TABLE, ())
    steps.netlink("route", (add_route(route, steps.out(route)) for route in charon), strict=False)
    for strict, requests in moving.requests(case, setting, steps.indexes):
        steps.netlink("route", requests, strict=strict)
    if setting.move.kind == "wan-down":
        steps.up = kernel_in(plan, situation).up
        _ways_anew(steps)
    return calm


def _ways_anew(steps: _Steps) -> None:
    """Next hops are looked for again when a link comes or goes: VyOS' routing daemon does, the kernel does not."""
    groups: dict[Any, list[Route]] = {}
    for route in steps.plan.routes:
        groups.setdefault(place(route), []).append(route)
    by_gateway = [group for group in groups.values() if any(route.via for route in group)]
    steps.netlink("route", (moving.without_its_ways(group[0]) for group in by_gateway), strict=False)
    _routes(steps, (route for group in by_gateway for route in group))


def _turn(steps: _Steps, name: str, *, up: bool) -> None:
    """Raises or lowers a VTI as its script does."""
    link = steps.plan.link(name)
    index = steps.indexes[name]
    steps.netlink("route", [set_link_up(index, name, up=up)])
    steps.up = steps.up | {name} if up else steps.up - {name}
    if up and link is not None:
        steps.netlink("route", (add_address(index, name, item) for item in link.addresses), strict=False)
        _routes(steps, (route for route in steps.plan.routes if route.link == name and not route.via))
    _ways_anew(steps)


def _probes(
    steps: _Steps, case: Case, setting: Setting, at: int, numbers: dict[int, tuple[int, int]]
) -> list[list[Any]]:
    kernel = kernel_in(case.plan, setting.situation())
    found = []
    for place_of, probe in enumerate(case.probes):
        if possible(kernel, probe):
            number = len(numbers) + 1
            numbers[number] = (at, place_of)
            found.append(_sent(steps, kernel, probe, number))
    return found


def _sent(steps: _Steps, kernel: Kernel, probe: Probe, number: int) -> list[Any]:
    packet = probe.packet
    if probe.how == "local":
        source = str(packet.source) if packet.source is not None else ""
        ports = packet.source_port or 0, packet.destination_port or 0
        body = _text(handed(packet, number))
        return ["local", packet.protocol, source, ports[0], str(packet.destination), ports[1], body]
    link = kernel.links[probe.link or ""]
    if probe.how == "device":
        if link.kind in LAYER_2:
            return ["frame", link.name, _text(frame(0, whole(packet, number)))]
        return ["device", link.name, _ETHERTYPES[packet.family], _text(whole(packet, number))]
    tap, vlan = (link.parent, link.vlan) if link.kind == "vlan" else (link.name, None)
    if probe.how == "injected":
        content = injected(kernel.links[probe.device or ""], packet, number)
    else:
        content = whole(packet, number)
    return ["wire", tap, _text(frame(steps.indexes[tap or ""], content, vlan))]


def _text(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()
