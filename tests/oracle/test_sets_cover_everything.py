"""The walk of sets loses nothing: in every situation the ends of a case are all of its packets, and none comes twice.

The products of the walk are joined as diagrams. Only where the kernel shares the traffic between equal routes, or a rule
that sapper does not know may apply or not, may a packet have several ends.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_extras import rich_plans
from random_packets import situations
from test_sets_against_enumeration import shown

from sapper.proof.over_sets.cases import bypass_cases
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.prove import Prover
from sapper.proof.over_sets.witness import Slice
from sapper.proof.sets.diagram import EMPTY, Diagrams

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "40"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@DRAWS
@given(st.data())
def test_every_packet_comes_to_an_end_in_every_situation(data: st.DataObject) -> None:
    plan = data.draw(rich_plans())
    prover = Prover(plan)
    situation = Slice(prover.index, data.draw(situations(plan)), ())
    for entry in prover.index.entries:
        for case in bypass_cases(prover.index, prover.origins, entry, 10**6):
            assert case.headers is not None
            diagrams = Diagrams.of_packets(case.headers.family)
            covered = EMPTY
            for ending in prover.walk.walk(case.headers, case.enters):
                if ending.entered is not None and happens(situation, ending):
                    covered = diagrams.union(covered, diagrams.box(ending.entered))
            assert covered == diagrams.box(case.headers.box), shown(plan)


def happens(situation: Slice, ending: Ending) -> bool:
    return all(situation._bit(variable) & mask for variable, mask in ending.when.items())
