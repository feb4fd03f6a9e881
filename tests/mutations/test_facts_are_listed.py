"""The list of the model's facts: each still applies, says where it comes from, and a few of them really turn a test red.

The whole list is gone through by ``make mutations``.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from run import ROOT, Mutation, mutated, mutations, source_of

LISTED = list(mutations())
ENGINES = {"walk": ("walk", "routing", "policy", "nat", "guard", "effective"), "sets": ("set_", "index/", "sets/")}
FEWEST = 120
"""Facts that the list has at least."""


def name(mutation: Mutation) -> str:
    return f"{mutation.file}: {mutation.fact}"


@pytest.mark.parametrize("mutation", LISTED, ids=name)
def test_a_fact_stands_where_the_list_says(mutation: Mutation) -> None:
    assert mutated(mutation) != source_of(mutation)
    compile(mutated(mutation), mutation.file, "exec")


def test_a_fact_says_where_it_comes_from_and_which_tests_see_it() -> None:
    for mutation in LISTED:
        assert len(mutation.source) > 5
        assert mutation.tests
        for test in mutation.tests:
            assert (ROOT / test.partition("::")[0]).exists(), test


def test_both_ways_of_the_proof_have_their_share() -> None:
    facts = {mutation.fact for mutation in LISTED}
    assert len(facts) >= FEWEST
    seen = Counter(
        engine
        for mutation in LISTED
        for engine, words in ENGINES.items()
        if any(f"proof/{word}" in mutation.file for word in words)
    )
    assert min(seen.values()) > FEWEST // 2


def test_a_few_of_them_are_seen() -> None:
    runner = Path(__file__).parent / "run.py"
    done = subprocess.run([sys.executable, runner, "--sample", "3"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
