"""The upgraded tree to a Router: the one way to make one.

Pure and total: any tree gives a Router. What the text does not say has VyOS' default; where VyOS has none and
refuses, sapper assumes one and says so in ``defaulted``. What VyOS accepts and the Router cannot carry is named in
``unmodelled``.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.config.tree import Node
from sapper.model.branch import Assumed, Branch
from sapper.model.build_dmvpn import build_nhrp, build_profiles
from sapper.model.build_ethernet import build_ethernets
from sapper.model.build_geneve import build_geneves
from sapper.model.build_groups import Groups
from sapper.model.build_interfaces import build_bridges, build_dummies, build_loopbacks, build_vtis
from sapper.model.build_ipsec import build_peers
from sapper.model.build_l2tpv3 import build_l2tpv3s
from sapper.model.build_nat import build_destination_nat, build_source_nat
from sapper.model.build_policy import build_policies
from sapper.model.build_pppoe import build_pppoes
from sapper.model.build_routes import build_routes
from sapper.model.build_system import build_sysctls
from sapper.model.build_tunnel import build_tunnels
from sapper.model.build_vrf import build_vrfs
from sapper.model.build_vxlan import build_vxlans
from sapper.model.build_wireguard import build_wireguards
from sapper.model.guard import build_guards
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
    vrfs = build_vrfs(top, unmodelled)
    groups = Groups(top)
    guards = build_guards(top, unmodelled)
    router = Router(
        name=name,
        generation=generation,
        ethernets=build_ethernets(top, defaulted),
        dummies=build_dummies(top, defaulted),
        loopbacks=build_loopbacks(top, defaulted),
        bridges=build_bridges(top, defaulted, unmodelled),
        tunnels=build_tunnels(top, generation, defaulted),
        vtis=build_vtis(top, defaulted),
        wireguards=build_wireguards(top, defaulted, unmodelled),
        vxlans=build_vxlans(top, defaulted),
        geneves=build_geneves(top, defaulted),
        l2tpv3s=build_l2tpv3s(top, defaulted),
        pppoes=build_pppoes(top),
        vrfs=vrfs,
        routes=build_routes(top, vrfs),
        peers=build_peers(top, generation, groups, defaulted, unmodelled),
        profiles=build_profiles(top, groups, defaulted),
        nhrp=build_nhrp(top),
        source_nat=build_source_nat(top),
        destination_nat=build_destination_nat(top),
        policies=build_policies(top),
        guards=guards,
        sysctls=build_sysctls(top),
        route_autoinstall=not top.has("vpn", "ipsec", "options", "disable-route-autoinstall"),
        unmodelled=tuple(dict.fromkeys(unmodelled)),
    )
    return Built(router, defaulted, validated.problems)
