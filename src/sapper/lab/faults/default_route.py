"""The default route: gone, or replaced by one that somebody else announces."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sapper.address import Address, Prefix
from sapper.kernel.plan import MAIN_TABLE, Plan, Route
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import Rig
from sapper.proof.states.situation import Move


class DefaultRouteGone(Fault, frozen=True, kw_only=True):
    """The main table's default routes of one family are deleted, as when a lease ends."""

    name: ClassVar[str] = "default-route-gone"
    undoable: ClassVar[bool] = True

    router: str

    def apply(self, rig: Rig) -> Saw:
        rig.ask("ip", node=self.router, lines=_deleting(side_of(rig, self.router).plan), force=True)
        return {}

    def undo(self, rig: Rig) -> None:
        rig.ask("ip", node=self.router, lines=_restoring(side_of(rig, self.router).plan))

    def move(self, plan: Plan) -> Move | None:
        return Move("default-gone") if plan.name == self.router else None


class DefaultRouteReplaced(Fault, frozen=True, kw_only=True):
    """Every default route of the family gives way to one ``via`` a gateway, on ``link``."""

    name: ClassVar[str] = "default-route-replaced"
    undoable: ClassVar[bool] = True

    router: str
    via: Address
    link: str

    def apply(self, rig: Rig) -> Saw:
        plan = side_of(rig, self.router).plan
        way = f"-{self.via.family} route add default via {self.via} dev {self.link} onlink"
        rig.ask("ip", node=self.router, lines=_deleting(plan), force=True)
        rig.ask("ip", node=self.router, lines=[way])
        return {}

    def undo(self, rig: Rig) -> None:
        plan = side_of(rig, self.router).plan
        rig.ask("ip", node=self.router, lines=[f"-{self.via.family} route delete default via {self.via}"])
        rig.ask("ip", node=self.router, lines=_restoring(plan))

    def bend(self, plan: Plan) -> Plan:
        if plan.name != self.router:
            return plan
        own = Route(prefix=Prefix.everything(self.via.family), via=self.via, link=self.link, onlink=True)
        kept = tuple(route for route in plan.routes if not _is_default(route))
        return msgspec.structs.replace(plan, routes=(*kept, own))


def _is_default(route: Route) -> bool:
    return route.prefix.length == 0 and route.table == MAIN_TABLE


def _deleting(plan: Plan) -> list[str]:
    return [f"-{route.prefix.family} route delete default" for route in plan.routes if _is_default(route)]


def _restoring(plan: Plan) -> list[str]:
    return [f"-{route.prefix.family} route add {way_words(route)}" for route in plan.routes if _is_default(route)]


def way_words(route: Route) -> str:
    """The route in iproute2's words."""
    words: list[str] = [route.kind] if route.kind != "unicast" else []
    words.append(str(route.prefix))
    words += [f"via {route.via}"] if route.via else []
    words += [f"dev {route.link}"] if route.link else []
    words += [f"metric {route.metric}"] if route.metric else []
    words += ["onlink"] if route.onlink else []
    return " ".join(words)
