"""Errors to plant in the model, each a fact of Linux or of charon turned round: the judge must find every one.

An error is a context: while it lasts, the model is wrong, and predictions differ. Only predictions are made with it;
what a kernel did stays what it did. Names are replaced wherever a module has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from sapper.address import Address
from sapper.encap.encapsulation import Encapsulation
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan, Route, Rule, Selector
from sapper.proof.facts import entrance, over_udp, policy_routing
from sapper.proof.facts.packet import Packet
from sapper.proof.states import effective
from sapper.proof.states.effective import Kernel, Policy
from sapper.proof.states.situation import Situation
from sapper.proof.walk import guard, nat, policy, routing, walk

_ROOMS = ("sapper.proof.", "sapper.lab.judge.predict")


@contextmanager
def replaced(original: object, new: object) -> Iterator[None]:
    """``new`` in the place of ``original`` in every module of the proof."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if not name.startswith(_ROOMS):
                continue
            for attribute, value in list(vars(module).items()):
                if value is original:
                    stack.enter_context(patch.object(module, attribute, new))
        yield


def _policy_without_state_does_not_drop(
    original: Callable[..., Any], kernel: Kernel, packet: Packet, rule: Policy, link: Link, trail: Any
) -> Iterator[Any]:
    if rule.state:
        yield from original(kernel, packet, rule, link, trail)
    else:
        yield from walk._device(kernel, packet, link, trail)


def _selector_fits_any_protocol(
    original: Callable[..., bool], selector: Selector, address: Address | None, protocol: int, port: int | None
) -> bool:
    return original(replace(selector, protocol=None), address, protocol, port)


def _blackhole_does_not_stop(
    original: Callable[..., tuple[Route, ...]], kernel: Kernel, table: int, *rest: Any
) -> tuple[Route, ...]:
    usable = tuple(route for route in kernel.tables.get(table, ()) if route.kind == "unicast")
    return original(replace(kernel, tables={**kernel.tables, table: usable}), table, *rest)


def _nat_comes_after_the_policy(
    original: Callable[..., Any], kernel: Kernel, packet: Packet, link: Link, trail: Any, way: Any
) -> Iterator[Any]:
    first = policy.outbound(kernel, packet)[0]
    if first is None or first.mode == "pass":
        yield from original(kernel, packet, link, trail, way)
    else:
        yield from walk._transform(kernel, packet, first, link, trail)


def _no_route_of_charon(original: Callable[..., Any], *_: Any) -> list[Route]:
    return []


def _sit_asks_inbound_policy(original: Callable[..., Any], link: Link) -> Encapsulation | None:
    record = original(link)
    return None if record is None else record._replace(checks_inbound_policy=True)


def _routes_without(original: Callable[..., Any], wanted: str, *arguments: Any) -> tuple[Route, ...]:
    """Every route that fits, ranked by its length or by its metric alone."""
    kernel, table, destination, bound_to = arguments
    fitting = [
        route
        for route in kernel.tables.get(table, ())
        if destination in route.prefix and (bound_to is None or route.kind != "unicast" or route.link == bound_to)
    ]
    ranks = {
        "length": lambda route: (route.metric,),
        "metric": lambda route: (-route.prefix.length,),
    }
    best = min(map(ranks[wanted], fitting), default=None)
    return tuple(route for route in fitting if ranks[wanted](route) == best)


def _bound_device_obeys_the_blackhole(
    original: Callable[..., tuple[Route, ...]],
    kernel: Kernel,
    destination: Address,
    bound_to: str | None = None,
    source: Address | None = None,
    mark: int = 0,
) -> tuple[Route, ...]:
    found = original(kernel, destination, None, source, mark)
    if bound_to is None or any(route.kind != "unicast" for route in found):
        return found
    return original(kernel, destination, bound_to, source, mark)


def _binding_holds_over_ipv6(
    original: Callable[..., tuple[Route, ...]],
    kernel: Kernel,
    destination: Address,
    bound_to: str | None = None,
    source: Address | None = None,
    mark: int = 0,
) -> tuple[Route, ...]:
    return original(kernel, destination, bound_to, source if destination.family == 4 else None, mark)


def _rules_count_for_nothing(original: Callable[..., Any], plan: Plan) -> tuple[Rule, ...]:
    return policy_routing.STANDING


def _marks_lead_nowhere(original: Callable[..., Any], *_: Any) -> Iterator[tuple[int, None]]:
    yield 0, None


def _every_source_is_believed(original: Callable[..., bool], *_: Any) -> bool:
    return True


def _vxlan_takes_from_its_remote_only(original: Callable[..., Any], link: Link) -> Any:
    found = original(link)
    return None if found is None else found._replace(from_anybody=False)


def _outer_udp_goes_elsewhere(original: Callable[..., Any], link: Link) -> Any:
    found = original(link)
    return None if found is None else found._replace(remote=Address(found.remote.family, found.remote.value + 1))


def _everything_is_forwarded(original: Callable[..., Any], plan: Plan) -> entrance.Entrance:
    found: entrance.Entrance = original(plan)
    return replace(found, forwarding=(True, True), by_link=())


def _worst_policy_first(original: Callable[..., Any], kernel: Kernel, *rest: Any) -> tuple[Policy | None, ...]:
    found: tuple[Policy | None, ...] = original(replace(kernel, policies=kernel.policies[::-1]), *rest)
    return found


def _xfrm_interface_passes(
    original: Callable[..., Any], kernel: Kernel, packet: Packet, link: Link, trail: Any
) -> Iterator[Any]:
    if policy.outbound(kernel, packet, link.if_id) == (None,):
        yield trail.end("wire", packet, "eth0")
    else:
        yield from original(kernel, packet, link, trail)


def _link_down_keeps_routes(
    original: Callable[..., Any], plan: Plan, situation: Situation, up: frozenset[str], charon: list[Route]
) -> Any:
    return original(plan, situation, frozenset(link.name for link in plan.links), charon)


def _esp_meets_no_nat(original: Callable[..., Any], kernel: Kernel, packet: Packet, link: Link) -> Iterator[Any]:
    if packet.protocol == 50:
        yield packet, None, None
    else:
        yield from original(kernel, packet, link)


def _nothing_asks_about_forwarded(original: Callable[..., Any], kernel: Kernel, packet: Packet) -> tuple[None]:
    return (None,)


def _interface_ids_do_not_matter(original: Callable[..., Any], kernel: Kernel, packet: Packet, *_: Any) -> Any:
    return original(replace(kernel, policies=tuple(replace(item, if_id=None) for item in kernel.policies)), packet)


def _crash_takes_the_routes(original: Callable[..., Any], plan: Plan, situation: Situation) -> Any:
    return original(plan, replace(situation, row=replace(situation.row, routes_kept=False)))


def _nat_ignores_exclusions(
    original: Callable[..., Any], kernel: Kernel, packet: Packet, link: Link
) -> Iterator[Any]:
    rules = tuple(rule for rule in kernel.source_nat if rule.action != "accept")
    yield from original(replace(kernel, source_nat=rules), packet, link)


def _masquerade_sees_every_interface(original: Callable[..., Any], pattern: str | None, name: str) -> bool | None:
    return None if pattern is None else True


def _guards_do_not_drop(original: Callable[..., Any], *_: Any) -> None:
    return None


_PLANTED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "a policy without a state does not drop": (walk._transform, _policy_without_state_does_not_drop),
    "a selector fits any protocol": (policy._fits, _selector_fits_any_protocol),
    "a blackhole does not stop": (routing._longest, _blackhole_does_not_stop),
    "NAT comes after the policy lookup": (walk._postrouting, _nat_comes_after_the_policy),
    "charon makes no route": (effective._charon_routes, _no_route_of_charon),
    "sit asks the inbound policy": (record_of, _sit_asks_inbound_policy),
    "the longest prefix does not win": (routing._longest, partial),
    "the metric does not matter": (routing._longest, partial),
    "a bound device obeys the blackhole": (routing.lookup, _bound_device_obeys_the_blackhole),
    "a binding holds over IPv6, too": (routing.lookup, _binding_holds_over_ipv6),
    "the worst policy comes first": (policy.outbound, _worst_policy_first),
    "an xfrm interface passes what finds no policy": (walk._xfrm_interface, _xfrm_interface_passes),
    "a link that is down keeps its routes": (effective._tables, _link_down_keeps_routes),
    "ESP meets no NAT": (nat.translations, _esp_meets_no_nat),
    "nothing asks about forwarded packets": (policy.forwarding, _nothing_asks_about_forwarded),
    "interface ids of policies do not matter": (policy.outbound, _interface_ids_do_not_matter),
    "a flush takes charon's routes": (effective.kernel_in, _crash_takes_the_routes),
    "NAT knows no exclusions": (nat.translations, _nat_ignores_exclusions),
    "rules count for nothing": (policy_routing.rules_in_force, _rules_count_for_nothing),
    "marks lead nowhere": (policy_routing.marks_met, _marks_lead_nowhere),
    "every source is believed": (routing.source_believed, _every_source_is_believed),
    "VXLAN takes from its remote only": (over_udp.outer_of, _vxlan_takes_from_its_remote_only),
    "UDP goes to another far end": (over_udp.outer_of, _outer_udp_goes_elsewhere),
    "everything is forwarded": (entrance.entrance_of, _everything_is_forwarded),
    "guards do not drop": (guard._first, _guards_do_not_drop),
    "masquerade sees every interface": (nat._named, _masquerade_sees_every_interface),
}
PLANTED = tuple(_PLANTED)
_RANKED = {"the longest prefix does not win": "length", "the metric does not matter": "metric"}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The model with that error in it."""
    original, wrong = _PLANTED[name]
    if name in _RANKED:
        new: object = partial(_routes_without, original, _RANKED[name])
    else:
        new = partial(wrong, original)
    with replaced(original, new):
        yield
