"""The proof against an SMT solver: the same verdicts and failing states, for every Plan of the solver's fragment.

``SAPPER_EXAMPLES`` raises the number of routers and draws others each time. A router takes the solver about a second.
"""

from __future__ import annotations

import os

import pytest
import smt_fragment as fragment
from hypothesis import HealthCheck, Phase, assume, given, settings
from msgspec.structs import replace
from smt_plans import small_plans
from smt_walk import Question, verdict
from test_sets_against_enumeration import ARTICLES, plan_of, shown

from sapper.address import Address, Attached, Prefix
from sapper.kernel.complete import complete
from sapper.kernel.plan import Guard, Link, Plan, Route, Rule, SourceNatRule
from sapper.proof.properties.protected import entries_of
from sapper.proof.prove import prove

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "10"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def compare(plan: Plan) -> list[str]:
    """Both opinions of every protected entry; the words that were compared."""
    words = []
    for entry, proved in zip(entries_of(plan), prove(plan), strict=True):
        if not entry.is_protected:
            continue
        question = Question(plan, entry)
        for name, ask in (("confidentiality", question.confidentiality), ("no-bypass", question.no_bypass)):
            said = proved.verdicts[name]
            if said.verdict == "not-applicable":
                continue
            opinion = verdict(ask())
            words.append(opinion[0])
            assert (said.verdict, said.failing_states, said.tampering) == opinion, (
                f"{entry.name} {name}: {said.reason}\n{shown(plan)}"
            )
    return words


@DRAWS
@given(small_plans())
def test_the_proof_says_what_the_solver_says(plan: Plan) -> None:
    assume(fragment.outside(plan) is None)
    compare(plan)


def test_so_it_does_for_the_articles_of_the_fragment() -> None:
    words = {}
    for path in ARTICLES:
        plan = complete(plan_of(path))
        if fragment.outside(plan) is None:
            words[path.name] = compare(plan)
    assert words["11-canonical.boot"] == ["refuted", "proved"]


CANONICAL = complete(plan_of(next(path for path in ARTICLES if path.name == "11-canonical.boot")))
VTI = Link(name="vti0", kind="xfrm", if_id=1, addresses=(Attached.parse("10.9.0.1/30"),))
SIX = Link(name="eth9", kind="ethernet", addresses=(Attached.parse("2001:db8::1/64"),))
WAN = next(link.name for link in CANONICAL.links if link.kind == "ethernet")
TO_LAN = Route(prefix=Prefix.parse("10.7.0.0/16"), link=WAN)
SNAT = SourceNatRule(number=1, action="snat", to=Address.parse("192.0.2.1"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"guards": (Guard(name="g", hook="output", family=4),)}, "rules, guards, DNAT"),
        ({"rules": (Rule(1, 10, 4),)}, "rules, guards, DNAT"),
        ({"gaps": ("protocols bgp: adds ways",)}, "something that is not modelled"),
        ({"links": (*CANONICAL.links, VTI)}, "a link of kind xfrm"),
        ({"links": (*CANONICAL.links, SIX)}, "eth9: an IPv6 address"),
        ({"source_nat": (SNAT,)}, "source NAT rule 1: more than masquerade and exclusions"),
        ({"routes": (*CANONICAL.routes, TO_LAN, TO_LAN)}, "two routes for one prefix with one metric"),
    ],
    ids=["canonical", "guard", "rule", "gap", "vti", "ipv6", "snat", "tie"],
)
def test_what_is_not_of_the_fragment_is_named(changes: dict[str, object], reason: str | None) -> None:
    assert fragment.outside(replace(CANONICAL, **changes)) == reason
