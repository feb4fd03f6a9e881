"""Certificates of random routers: what is written holds, and whatever is changed in it does not.

The pieces that the checker is made of are compared with the enumeration: its situations are those of the reference, its
questions hold the reference's cases, and the part of a kernel that it walks gives the ends of the whole kernel.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from random_extras import rich_plans
from random_packets import packets, situations
from random_plans import plans
from test_sets_against_enumeration import shown

from sapper.certificate.asked import BEHIND, WALKED, Questions, Region
from sapper.certificate.box import FRAME
from sapper.certificate.check import hold_against
from sapper.certificate.document import Certificate, decoded, digest_of, encoded, sealed
from sapper.certificate.given import Router
from sapper.certificate.part import Parts
from sapper.certificate.refused import Misfit, NoCertificate
from sapper.certificate.space import Space, Surroundings, When
from sapper.certificate.write import certificate_of
from sapper.kernel.plan import Plan
from sapper.proof.enumeration import not_walked, questions
from sapper.proof.properties.protected import Entry, entries_of
from sapper.proof.properties.question import Case
from sapper.proof.properties.tally import cone_of
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.states.situation import situations as every_situation
from sapper.proof.walk.walk import hand_to_device, walk

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "30"))
DRAWS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
both_kinds = st.one_of(plans(), rich_plans())


def written(plan: Plan) -> Certificate:
    return certificate_of([Router("east", plan)], (), None, "model", "0")


def hold(certificate: Certificate, plan: Plan) -> None:
    """As ``verify`` does, without inputs."""
    hold_against(certificate, [Router("east", plan)])
    if certificate.digest != digest_of(certificate):
        raise Misfit("digest")


@DRAWS
@given(plans())
def test_what_is_written_holds(plan: Plan) -> None:
    hold(decoded(encoded(written(plan))), plan)


@DRAWS
@given(rich_plans())
def test_so_it_does_with_everything_that_a_walk_treats_apart(plan: Plan) -> None:
    try:
        hold(decoded(encoded(written(plan))), plan)
    except Misfit as misfit:
        pytest.fail(f"{misfit}\n{shown(plan)}")


@DRAWS
@given(rich_plans())
def test_the_same_plan_gives_the_same_bytes(plan: Plan) -> None:
    assert encoded(written(plan)) == encoded(written(plan))


# Every change that a certificate of a router with a protected tunnel may suffer ------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document below the top."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [(*path, key) for key, _ in inner] + [
        place for key, item in inner for place in places(item, (*path, key))
    ]


def changed(document: Any, place: tuple[Any, ...], draw: Callable[[Any], Any]) -> None:
    """One change at that place: gone, twice, or another value."""
    *way, last = place
    holder = document
    for key in way:
        holder = holder[key]
    value = holder[last]
    if isinstance(holder, list) and draw(st.booleans()):
        if draw(st.booleans()):
            del holder[last]
        else:
            holder.insert(last, value)
    elif isinstance(value, bool):
        holder[last] = not value
    elif isinstance(value, int):
        holder[last] = value + draw(st.sampled_from([-1, 1, 7]))
    elif isinstance(value, str):
        holder[last] = draw(st.sampled_from(["", value + "x", value[:-1], "refuted", "proved", "kept", "2"]))
    elif value is None:
        holder[last] = draw(st.sampled_from([0, "x", []]))
    else:
        holder[last] = None


@DRAWS
@given(st.data())
def test_a_change_anywhere_is_refused(data: st.DataObject) -> None:
    plan = data.draw(both_kinds)
    whole = encoded(written(plan))
    for _ in range(5):
        document = msgspec.json.decode(whole)
        place = data.draw(st.sampled_from(places(document)))
        changed(document, place, data.draw)
        assume(document != msgspec.json.decode(whole))
        with pytest.raises((Misfit, NoCertificate)):
            hold(decoded(msgspec.json.encode(document)), plan)


Tamper = Callable[[dict[str, Any], dict[str, Any], Callable[[Any], Any]], str | None]


def turn_the_verdict(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    other = draw(st.sampled_from(["proved", "refuted", "unknown", "not-applicable"]))
    if other == part["verdict"]:
        return None
    part["verdict"] = other
    return "it says"


def remove_a_cell(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    cells = draw(st.sampled_from(part["questions"]))["cells"]
    del cells[draw(st.integers(0, len(cells) - 1))]
    return "cells do not cover|counts"


def remove_a_question(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    del part["questions"][draw(st.integers(0, len(part["questions"]) - 1))]
    return "questions where"


def remove_all_cells(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    part["questions"] = None
    return "cells are missing"


def repeat_a_cell(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    cells = draw(st.sampled_from(part["questions"]))["cells"]
    cells.append(draw(st.sampled_from(cells)))
    return "overlap"


def exchange_the_ends(document: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    cell = draw(st.sampled_from(draw(st.sampled_from(part["questions"]))["cells"]))
    other = draw(st.integers(0, len(document["ends"]) - 1))
    if other == cell["ends"]:
        return None
    cell["ends"] = other
    return "comes to|its cells say|gives another reason"


def forget_a_state(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    if not part["failing_states"]:
        return None
    part["failing_states"].pop()
    return "other states"


def assume_more(_: dict[str, Any], part: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    part["assumptions"].append("nobody listens")
    return "assumption too many"


def drop_an_assumption(document: dict[str, Any], _: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    known = document["routers"][0]["assumptions"]
    if not known:
        return None
    del known[draw(st.integers(0, len(known) - 1))]
    return "leaves the assumption out"


def drop_a_gap(document: dict[str, Any], _: dict[str, Any], draw: Callable[[Any], Any]) -> str | None:
    gaps = [gaps for gaps in document["routers"][0]["gaps"].values() if gaps]
    if not gaps:
        return None
    chosen = draw(st.sampled_from(gaps))
    del chosen[draw(st.integers(0, len(chosen) - 1))]
    return "leaves the gap out|in another order"


TAMPERS: list[Tamper] = [
    drop_an_assumption,
    drop_a_gap,
    turn_the_verdict,
    remove_a_cell,
    remove_a_question,
    remove_all_cells,
    repeat_a_cell,
    exchange_the_ends,
    forget_a_state,
    assume_more,
]


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
@DRAWS
@given(data=st.data())
def test_tampering_is_refused_for_what_it_is_whatever_the_digest_says(tamper: Tamper, data: st.DataObject) -> None:
    plan = data.draw(both_kinds)
    document = msgspec.json.decode(encoded(written(plan)))
    parts = [
        part
        for tunnel in document["routers"][0]["tunnels"]
        for part in tunnel["properties"].values()
        if part["questions"]
    ]
    assume(parts)
    expected = tamper(document, data.draw(st.sampled_from(parts)), data.draw)
    assume(expected)
    forged = sealed(msgspec.convert(document, Certificate))
    with pytest.raises(Misfit, match=expected):
        hold(forged, plan)


# The pieces of the checker -------------------------------------------------------------------------------------------


def variables_of(space: Space, plan: Plan, entry: Entry) -> Any:
    cone = {connection.name for connection in cone_of(plan, entry) if not space.follows(connection.name)}
    return space.closed(cone, set(space.around.owners))


def lies_in(situation: Situation, when: When, space: Space) -> bool:
    def is_in(mask: int, row: object) -> bool:
        return bool(mask >> TABLE.index(row) & 1)

    return (
        is_in(when.rows, situation.row)
        and bool(when.moves >> space.around.moves.index(situation.move) & 1)
        and all(is_in(mask, situation.row_of(name)) for name, mask in when.others)
        and all(mask & (2 if name in situation.raised else 1) for name, mask in when.raised)
    )


@DRAWS
@given(st.data())
def test_a_set_of_situations_counts_those_of_the_enumeration_that_are_in_it(data: st.DataObject) -> None:
    plan = data.draw(rich_plans())
    around = Surroundings(plan)
    for entry in list(entries_of(plan))[:2]:
        space = Space(around, entry)
        asked = variables_of(space, plan, entry)
        masks = st.integers(0, 2 ** len(TABLE) - 1)
        when = When(
            data.draw(masks) & space.rows,
            data.draw(st.integers(0, space.moves)),
            tuple((name, data.draw(masks)) for name in asked.others if data.draw(st.booleans())),
            tuple((name, data.draw(st.integers(0, 3))) for name in asked.raised if data.draw(st.booleans())),
        )
        every = list(every_situation(plan, entry.connections, cone_of(plan, entry)))
        assert space.count(space.everything, asked) == len(every)
        inside = [situation for situation in every if lies_in(situation, when, space)]
        assert space.count(when, asked) == len(inside)
        if inside:
            member = space.member(when, asked, lambda amount: data.draw(st.integers(0, amount - 1)))
            assert lies_in(member, when, space)


def holds_case(region: Region, case: Case, questions_: Questions) -> bool:
    if (case.device, case.network) != (region.device, region.network):
        return False
    if region.enters not in (case.enters, BEHIND) or (region.enters == BEHIND and case.enters == "local"):
        return False
    if case.packet is None or region.packet is not None:
        return case.packet == region.packet and (region.packet is not None or region.box == FRAME)
    packet, box = case.packet, region.box
    source = packet.source.value if packet.source is not None else None
    return (
        box.family == packet.family
        and any(low <= packet.destination.value <= high for low, high in box.destination)
        and (source is None) == (box.source is None)
        and (source is None or any(low <= source <= high for low, high in box.source or ()))
        and bool(box.protocols >> packet.protocol & 1)
    )


@DRAWS
@given(both_kinds)
def test_every_case_of_the_reference_is_asked_about(plan: Plan) -> None:
    asking = Questions(plan)
    for entry in entries_of(plan):
        if not entry.is_protected:
            assert all(asking.of(entry, name).settled is not None for name in WALKED)
            continue
        for reference in questions(plan, entry):
            if reference.property not in WALKED:
                continue
            asked = asking.of(entry, reference.property)
            if entry.link is not None and not_walked(plan, entry.link, reference.property):
                assert asked.settled is not None
                continue
            reason = reference.not_applicable or reference.unknown
            if reason is not None or not reference.cases:
                assert asked.settled is not None
                assert reason in (None, asked.settled.reason)
                continue
            for case in reference.cases:
                assert any(holds_case(region, case, asking) for region in asked.regions), f"{case}{shown(plan)}"


@DRAWS
@given(st.data())
def test_the_part_of_a_kernel_that_a_packet_meets_gives_the_ends_of_the_whole(data: st.DataObject) -> None:
    plan = data.draw(rich_plans())
    kernel = kernel_in(plan, data.draw(situations(plan)))
    parts = Parts(kernel)
    for _ in range(4):
        packet = data.draw(packets(plan))
        enters = data.draw(st.sampled_from([None, "local", *kernel.links]))
        assert walk(parts.met_by(packet, None), packet, enters) == walk(kernel, packet, enters), shown(plan)
        for link in kernel.links.values():
            if link.name in kernel.up and (link.encapsulating or link.wireguard or link.kind == "xfrm"):
                for inner in (packet, None) if link.kind != "xfrm" else (packet,):
                    met = parts.met_by(inner, link)
                    assert hand_to_device(met, link, inner) == hand_to_device(kernel, link, inner), shown(plan)
