"""The judge of real daemons, without one: what it draws is well-formed, repeatable, and comes to rest in the model."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sapper.lab.judge.with_daemon.case import (
    LONGEST,
    READY,
    Case,
    Step,
    actions_of_pair,
    draw_cases,
    follow,
    load,
    made_ready,
    save,
    setup_of,
)
from sapper.lab.judge.with_daemon.joint import MADE, Joint, happen, rest
from sapper.lab.judge.with_daemon.networks import KINDS, EndWish, Wish, draw, texts
from sapper.lab.judge.with_daemon.play import Disagreement
from sapper.lab.judge.with_daemon.predicted import kernel_of, verdicts
from sapper.lab.measure import subjects_of
from sapper.proof.states.history import Actions, Event, Held

ACTION = st.builds(
    Actions,
    start_action=st.sampled_from(["none", "trap", "start"]),
    close_action=st.sampled_from(["none", "trap", "start"]),
    dpd_action=st.sampled_from([None, "clear", "trap", "restart"]),
    dpd=st.booleans(),
    vti=st.booleans(),
    forever=st.booleans(),
    initiates=st.booleans(),
    trap_accepted=st.booleans(),
)
STEPS = st.lists(st.builds(Step, st.sampled_from((0, 1)), st.sampled_from(MADE)), max_size=LONGEST)


def case_of(wish: Wish) -> Case:
    return Case(name="case", texts=texts(wish), nat=wish.nat, ready=True, steps=())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_pair_with_something_to_measure(kind: str) -> None:
    wish = Wish(kind=kind, ends=(EndWish(connection_type="initiate"), EndWish()))  # type: ignore[arg-type]
    setup = setup_of(case_of(wish))

    for side in setup.sides:
        assert not side.plan.gaps
        assert any(subject.probes for subject in subjects_of(setup.topology, side))


@given(st.integers())
def test_what_is_drawn_is_what_the_connections_say(seed: int) -> None:
    wish = draw(random.Random(seed))
    words = {"initiate": "start", "none": "none", "trap": "trap"}

    for end, actions in zip(wish.ends, actions_of_pair(setup_of(case_of(wish))), strict=True):
        assert actions.start_action == words[end.connection_type]
        assert actions.close_action == end.close_action
        assert actions.dpd_action == end.dpd
        assert actions.vti == wish.kind.startswith("vti")
        assert actions.recreates == (wish.version == "ikev2")


@given(st.integers(0, 50))
def test_a_seed_draws_the_same_again_and_names_every_case(number: int) -> None:
    drawn = draw_cases(f"seed-{number}", 3)

    assert drawn == draw_cases(f"seed-{number}", 3)
    assert len({case.name for case in drawn.cases}) == 3
    assert all(1 <= len(case.steps) <= LONGEST for case in drawn.cases)


@given(st.integers(0, 50))
def test_a_case_comes_back_from_its_directory(tmp_path_factory: pytest.TempPathFactory, number: int) -> None:
    (case,) = draw_cases(f"kept-{number}", 1).cases
    directory: Path = tmp_path_factory.mktemp("cases") / "kept"
    save(replace(case, learnt="a sentence"), directory)

    assert load(directory) == replace(case, name="kept", learnt="a sentence")


@given(ACTION, ACTION, STEPS)
def test_histories_come_to_rest_and_stay_there(first: Actions, second: Actions, steps: list[Step]) -> None:
    actions = (first, second)
    joints = made_ready(actions)
    for step in steps:
        joints = follow(joints, step, actions)
        assert joints
        assert joints <= rest(joints, actions)
        for joint in joints:
            for at in (0, 1):
                held, stale = joint.held[at], joint.stale[at]
                assert held.up or not stale
                assert held.up or not joint.shared
                assert held.silent == joint.silent


@given(ACTION, ACTION, STEPS)
def test_who_is_up_shares_an_sa_or_has_a_stale_one(first: Actions, second: Actions, steps: list[Step]) -> None:
    actions = (first, second)
    joints = made_ready(actions)
    for step in steps:
        joints = follow(joints, step, actions)
    for joint, at in product(joints, (0, 1)):
        assert joint.held[at].up == (joint.shared or joint.stale[at])


def test_both_ends_come_up_together_where_one_initiates() -> None:
    actions = (Actions(start_action="start"), Actions())
    (joint,) = {replace(joint, held=joint.held) for joint in made_ready(actions)}

    assert joint.shared
    assert all(held.policies == "sa" and held.keys for held in joint.held)
    closed = follow(frozenset({joint}), Step(0, Event.TERMINATE), actions)
    assert {held.policies for item in closed for held in item.held} == {"none"}


def test_a_kill_leaves_the_peer_with_a_stale_sa_until_it_notices() -> None:
    plain, watching = Actions(), Actions(dpd=True, dpd_action="clear")
    killed = {}
    for second in (plain, watching):
        up = made_ready((Actions(start_action="start"), second))
        killed[second] = follow(up, Step(0, Event.KILL), (Actions(start_action="start"), second))

    assert {(item.held[1].up, item.stale) for item in killed[plain]} == {(True, (False, True))}
    assert {item.held[1].up for item in killed[watching]} == {False}


def test_nobody_comes_up_while_the_peer_is_silent() -> None:
    actions = (Actions(start_action="start", forever=True), Actions())
    joints = frozenset({Joint()})
    for step in (Step(0, Event.SILENCE), *READY):
        joints = follow(joints, step, actions)
    assert {item.held[0].up for item in joints} == {False}

    back = follow(joints, Step(0, Event.ANSWER), actions)
    assert {item.shared for item in back} == {True}


def test_what_the_model_predicts_of_a_kernel() -> None:
    wish = Wish(kind="gre-dummy-blackhole", ends=(EndWish(connection_type="initiate"), EndWish()))
    setup = setup_of(case_of(wish))
    side = setup.sides[0]
    up = Held(daemon=True, loaded=True, up=True, policies="sa", keys=True, routes="own")
    flushed = replace(up, policies="none", keys=False, tampered=True)
    (subject,) = subjects_of(setup.topology, side)

    assert kernel_of(side, up)["policies"] == [["10.10.0.1/32", "10.10.0.2/32", 0, 367231, 0, "tunnel"]]
    assert (
        kernel_of(side, up)["routes"]
        == kernel_of(side, flushed)["routes"]
        == [["10.10.0.2/32", "192.0.2.1", "eth0"]]
    )
    assert kernel_of(side, Held())["routes"] == []
    assert verdicts(subject, up)["confidentiality"] == "proved"
    assert verdicts(subject, flushed)["confidentiality"] == "refuted"
    assert verdicts(subject, Held())["confidentiality"] == "proved"


def test_a_request_given_up_without_a_reason_is_the_machines_fault() -> None:
    case = replace(
        case_of(Wish(kind="vti", ends=(EndWish(), EndWish()))), steps=(Step(0, Event.INITIATE), Step(1, Event.KILL))
    )
    early = Disagreement(case=case, step=1, what="no SA", log="12:00:00 06[IKE] giving up after 3 retransmits")

    assert early.too_slow
    assert not replace(early, step=2).too_slow
    assert not replace(early, log="").too_slow


def test_an_event_that_cannot_happen_changes_nothing() -> None:
    actions = (Actions(), Actions())
    for event in MADE:
        if event not in (Event.START, Event.SILENCE, Event.FLUSH):
            assert happen(Joint(), 0, event, actions) == {Joint()}
