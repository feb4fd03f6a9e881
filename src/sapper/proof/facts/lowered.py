"""IPv6 sources while a VTI is down: an address that it was given before it was ever raised is in force all the same.

An xfrm interface answers no neighbour question (IFF_NOARP), so its address is never tentative (net/ipv6/addrconf.c,
addrconf_dad_begin); it goes when the interface goes down, and comes with it. Which of both is so depends on the past,
and the walk takes the address as gone. It can only matter to the router's own packets without a source that leave by
an interface without an IPv6 address of its own, where a policy takes them for another source but not for this one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from sapper.address import Address, Prefix
from sapper.kernel.plan import Link, Plan

_Spans = list[tuple[int, int]]


def sources_in_doubt(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each interface without an address, with a VTI whose address its packets may have."""
    vtis = [link for link in plan.links if link.raised_by and _addresses(link)]
    spans = _asked(plan, vtis) if vtis else []
    if not spans:
        return
    starts = [first for first, _ in spans]
    without = set(lowered(plan))
    found = {}
    for route in plan.routes:
        if route.prefix.family == 6 and route.link in without and route.link is not None:
            at = bisect_right(starts, route.prefix.last) - 1
            if at >= 0 and spans[at][1] >= route.prefix.first:
                found[route.link] = vtis[0].name
    yield from found.items()


def lowered(plan: Plan) -> Iterator[str]:
    """The interfaces without an IPv6 address by which a packet of the router may have that of a VTI, whoever asks."""
    if any(link.raised_by and _addresses(link) for link in plan.links):
        yield from (link.name for link in plan.links if not link.raised_by and not _addresses(link))


def lent_end(link: Link, others: Iterable[Link]) -> str | None:
    """Why nobody can say whether the tunnel's own address is in force: it is the IPv6 address of a VTI among the others."""
    local = link.encapsulating.local if link.encapsulating is not None else None
    if local is None or local.family == 4:
        return None
    vti = next((other for other in others if other.raised_by and local in _addresses(other)), None)
    return f"whether the IPv6 address of {vti.name} is in force before it is first raised" if vti else None


def _addresses(link: Link) -> list[Address]:
    return [item.address for item in link.addresses if item.address.family == 6]


def _asked(plan: Plan, vtis: list[Link]) -> _Spans:
    """Where packets go that a policy or a guard takes from a source of the router's and not from a VTI's, merged, in order."""
    own = sorted(address.value for link in plan.links if not link.raised_by for address in _addresses(link))
    lent = sorted(address.value for link in vtis for address in _addresses(link))

    def parts(prefix: Prefix) -> bool:
        return _within(own, prefix) > 0 and _within(lent, prefix) < len(lent)

    spans: _Spans = []
    for guard in plan.guards:
        if guard.family == 6 and guard.source is not None and parts(guard.source):
            there = guard.destination or Prefix.everything(6)
            spans.append((there.first, there.last))
    for connection in plan.connections:
        for child in connection.children:
            near = [selector.prefix for selector in child.local_ts if selector.prefix.family == 6]
            apart = any(parts(prefix) for prefix in near)
            # Without a selector it is the connection's own address.
            apart |= not child.local_ts and any(address.family == 6 for address in connection.local_addrs)
            if child.if_id is None and apart:
                far = [selector.prefix for selector in child.remote_ts if selector.prefix.family == 6]
                spans += [(prefix.first, prefix.last) for prefix in far]
                spans += [(peer.value, peer.value) for peer in connection.remote_addrs if peer.family == 6]
    return _merged(spans)


def _within(values: list[int], prefix: Prefix) -> int:
    return bisect_right(values, prefix.last) - bisect_left(values, prefix.first)


def _merged(spans: _Spans) -> _Spans:
    merged: _Spans = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
