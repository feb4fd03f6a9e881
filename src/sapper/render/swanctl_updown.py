"""The updown script that raises and lowers a VTI: what VyOS' own script and its routing daemon do together.

charon runs it with ``PLUTO_VERB`` and ``PLUTO_CONNECTION`` (strongSwan's src/_updown), once for each child and family.
Each leaves an entry in a directory of the link's below /run, and the link goes down with the last entry, as VyOS
counts. Going down takes the link's routes; an ``unreachable`` route of a worse metric is then what is left. A route
with several next hops is written whole if all of them are up, else this link's way is added beside the others.
"""

from __future__ import annotations

import msgspec

from sapper.kernel.plan import Link, Plan, Route
from sapper.render.inexpressible import Inexpressible
from sapper.render.iproute2_route import destination, way
from sapper.render.link_order import checked_name
from sapper.render.plan_routes import common_source, routes_through, together


def updown_script(plan: Plan, name: str) -> str:
    """The script for the VTI of that name. Raises Inexpressible where the Plan does not have it."""
    link = plan.link(checked_name(name, "updown script"))
    if link is None:
        raise Inexpressible(f"updown script {name}", "the plan has no such link")
    raising = "\n    ".join(_raising(plan, link))
    return f"""#!/bin/sh
# Raises {name} with its addresses and routes when an SA is there, and lowers it when the last one has gone.
held=/run/updown-{name}
case "$PLUTO_VERB" in
  *-v6) entry="$held/$PLUTO_CONNECTION-v6" ;;
  *) entry="$held/$PLUTO_CONNECTION-v4" ;;
esac
case "$PLUTO_VERB" in
  up-*)
    mkdir -p "$held"
    : > "$entry"
    {raising}
    ;;
  down-*)
    rm -f "$entry"
    if rmdir "$held" 2> /dev/null || [ ! -e "$held" ]; then ip link set dev {name} down; fi
    ;;
esac
"""


def _raising(plan: Plan, link: Link) -> list[str]:
    lines = [f"ip link set dev {link.name} up"]
    lines += [f"ip address replace {attached} dev {link.name}" for attached in link.addresses]
    groups = {route: group for group in together(plan.routes) for route in group}
    return lines + [_written(route, groups[route], link) for route in routes_through(plan, link)]


def _written(route: Route, group: tuple[Route, ...], link: Link) -> str:
    ip = f"ip -{route.prefix.family} route"
    own = " ".join([*destination(route, route.source), *way(msgspec.structs.replace(route, link=link.name))])
    if len(group) == 1:
        return f"{ip} replace {own}"
    beside = f"{ip} append {own} 2> /dev/null || :"
    if route.prefix.family == 6:
        return beside
    hops = " ".join(f"nexthop {' '.join(way(each))}" for each in group)
    return f"{ip} replace {' '.join(destination(route, common_source(group)))} {hops} 2> /dev/null || {beside}"
