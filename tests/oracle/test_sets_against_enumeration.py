"""The proof over sets against the enumeration of situations and classes: the same verdicts, states and reasons.

``SAPPER_EXAMPLES`` raises the number of routers and draws others each time. The enumeration takes a tenth of a second
for a small router, so the usual run is short.
"""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from random_extras import rich_plans
from random_plans import plans
from test_second_opinion import short

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.build import build
from sapper.proof.enumeration import enumerate_all
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets import liveness as set_liveness
from sapper.proof.over_sets import tally as set_tally
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.witness import confirmed
from sapper.proof.properties.protected import entries_of
from sapper.proof.properties.question import Case, Question
from sapper.proof.prove import prove
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.situation import Situation
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts
from sapper.proof.walk.walk import End

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "30"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
ARTICLES = sorted(path for path in (Path(__file__).parents[1] / "articles").iterdir() if path.suffix != ".md")


def said(verdict: PropertyVerdict) -> tuple[object, ...]:
    """All that must be the same; doubts come in the order in which a walk meets them."""
    doubts = frozenset((verdict.reason or "").split("; "))
    assumed = frozenset(verdict.assumptions)
    return verdict.verdict, verdict.failing_states, verdict.tampering, doubts, assumed, verdict.witness is None


def both(plan: Plan) -> tuple[list[object], list[object]]:
    def told(verdicts: tuple[TunnelVerdicts, ...]) -> list[object]:
        return [
            (item.name, item.encapsulation, item.protection, {name: said(v) for name, v in item.verdicts.items()})
            for item in verdicts
        ]

    return told(prove(plan)), told(enumerate_all(plan))


def shown(plan: Plan) -> str:
    parts = (
        *plan.links,
        *plan.routes,
        *plan.source_nat,
        *plan.guards,
        *plan.connections,
        *plan.rules,
        *plan.marks,
        *plan.sysctls,
    )
    return "\n".join(["", *map(short, parts), f"install_routes={plan.install_routes} stated={plan.stated}"])


@DRAWS
@given(plans())
def test_the_verdicts_are_those_of_the_enumeration(plan: Plan) -> None:
    over_sets, one_by_one = both(plan)
    assert over_sets == one_by_one, shown(plan)


@DRAWS
@given(rich_plans())
def test_so_they_are_with_everything_that_a_walk_treats_apart(plan: Plan) -> None:
    over_sets, one_by_one = both(plan)
    assert over_sets == one_by_one, shown(plan)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_so_they_are_for_the_articles(path: Path) -> None:
    over_sets, one_by_one = both(plan_of(path))
    assert over_sets == one_by_one


def plan_of(path: Path) -> Plan:
    document = read(path.read_text(), str(path))
    upgraded = upgrade(document)
    return compile_router(build(upgraded.root, upgraded.generation, path.stem).router)


@DRAWS
@given(rich_plans())
def test_a_witness_ends_in_the_whole_kernel_as_it_does_in_the_part_that_it_meets(plan: Plan) -> None:
    compared = 0

    def in_both(index: PlanIndex, asked: Question, situation: Situation, case: Case, ending: Ending) -> End | None:
        nonlocal compared
        end = confirmed(index, asked, situation, case, ending)
        assert end in asked.ends(kernel_in(plan, situation), case), shown(plan)
        compared += 1
        return end

    with patch.object(set_tally, "confirmed", in_both), patch.object(set_liveness, "confirmed", in_both):
        verdicts = prove(plan)
    assert compared >= len({id(v.witness) for item in verdicts for v in item.verdicts.values() if v.witness})


@DRAWS
@given(rich_plans())
def test_entries_found_by_index_are_those_found_by_comparison(plan: Plan) -> None:
    assert list(PlanIndex(plan).entries) == list(entries_of(plan))
