"""One Plan, indexed once: what every question about any of its entries looks things up in."""

from __future__ import annotations

from sapper.kernel.plan import Plan
from sapper.proof.bounds import Meter
from sapper.proof.facts.entrance import entrance_of
from sapper.proof.facts.policy_routing import rules_in_force
from sapper.proof.facts.trust import Trust, trust_of
from sapper.proof.index.circumstance import MOVE, Fact
from sapper.proof.index.destination_nat import DestinationNat
from sapper.proof.index.entries import Entries
from sapper.proof.index.fib import Fib
from sapper.proof.index.guards import Guards
from sapper.proof.index.links import Links
from sapper.proof.index.marks import Marks
from sapper.proof.index.policies import Policies
from sapper.proof.index.source_nat import SourceNat
from sapper.proof.index.sources import Sources
from sapper.proof.properties.exposure import Exposure


class PlanIndex:
    """``hijacks`` are the interfaces on which the network may announce a route: the move's bit, and when it is up."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.meter = Meter()
        self.trust: Trust = trust_of(plan)
        self.attacked = tuple(sorted(self.trust.attacked))
        self.entries = Entries(plan)
        self.links = Links(plan)
        self.policies = Policies(plan, self.meter)
        self.sources = Sources(plan, self.links, self.policies)
        self.rules = rules_in_force(plan)
        self.entrance = entrance_of(plan)
        self._exposure: Exposure | None = None
        self.fib = Fib(plan, self.links)
        self.marks = Marks(plan, self.links, self.meter)
        self.source_nat = SourceNat(plan, self.meter)
        self.destination_nat = DestinationNat(plan, self.links)
        self.guards = Guards(plan, self.meter)
        self.hijacks: list[tuple[int, str, Fact]] = [
            (1 << at, move.link, self.links.up(move.link))
            for at, move in enumerate(self.links.moves)
            if move.kind == "more-specific" and move.link is not None
        ]
        self.no_hijack = ((MOVE, self.links.all_moves & ~sum(bit for bit, _, _ in self.hijacks)),)

    @property
    def exposure(self) -> Exposure:
        """What attackers send to devices over UDP; worked out when it is first needed."""
        if self._exposure is None:
            self._exposure = Exposure(self.plan)
        return self._exposure
