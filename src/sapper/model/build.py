"""The upgraded tree to a Router: the one way to make one.

Pure and total: any tree gives a Router. What the text does not say has VyOS' default; where VyOS has none and
refuses, sapper assumes one and says so in ``defaulted``. What VyOS accepts and the Router cannot carry is named in
``unmodelled``.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.config.tree import Node
from sapper.model.branch import Assumed, Branch
from sapper.model.build_interfaces import build_interfaces
from sapper.model.build_ipsec import build_peers
from sapper.model.build_nat import build_nat
from sapper.model.build_routes import build_routes
from sapper.model.router import Router
from sapper.schema.validate import Problem, validate


class Built(NamedTuple):
    """``defaulted`` in the order in which things were built, not of the text; ``problems`` are the schema's."""

    router: Router
    defaulted: list[Assumed]
    problems: tuple[Problem, ...] = ()


def build(root: Node, generation: str, name: str) -> Built:
    """The Router of that name. ``root`` has the newest words, older defaults written out in them."""
    top = Branch((), root)
    defaulted: list[Assumed] = []
    validated = validate(root)
    unmodelled = list(validated.unmodelled)
    interfaces = build_interfaces(top, defaulted)
    peers = build_peers(top, generation, defaulted, unmodelled)
    router = Router(
        name=name,
        generation=generation,
        ethernets=interfaces.ethernets,
        dummies=interfaces.dummies,
        loopbacks=interfaces.loopbacks,
        bridges=interfaces.bridges,
        tunnels=interfaces.tunnels,
        vtis=interfaces.vtis,
        routes=build_routes(top),
        peers=peers,
        source_nat=build_nat(top),
        route_autoinstall=not top.has("vpn", "ipsec", "options", "disable-route-autoinstall"),
        unmodelled=tuple(unmodelled),
    )
    return Built(router, defaulted, validated.problems)
