"""The sweep's own judgement, without a kernel: what is drawn, and which answers it takes for a difference."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from sapper.lab.sweep import Answer, Case, answers, cases, drawn, grouped, request
from sapper.lab.sweep_devices import devices
from sapper.lab.sweep_protection import AH_TRANSFORMS, TRANSFORMS, protections
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes


def the_case(text: str) -> Case:
    return next(case for case in cases([1500]) if case.text == text)


GRE = the_case("ipv4/gre/ipv4")
CUT = the_case("ipv4/udp/wireguard:mtu=30000/ipv4")
BARE = the_case("ipv4/udp/geneve:ip/ipv4")


def told(case: Case, **changes: object) -> Answer:
    """The answer of a kernel that agrees, but for the changes."""
    fragments = 2 if case.cuts else 0
    answer = Answer(case, (), fragments, (case.wire,), (case.span[1],), case.told, None)
    return answer._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [GRE, CUT, BARE], ids=["refuses", "cuts", "warns"])
def test_what_differs_by_a_byte_or_a_packet_is_a_difference(case: Case) -> None:
    assert told(case).agrees
    assert not told(case, seen=()).agrees
    assert not told(case, seen=(case.wire + 1,)).agrees
    assert not told(case, seen=(case.wire, case.wire)).agrees
    assert not told(case, shorter=(case.span[0] - 1,)).agrees
    assert not told(case, shorter=()).agrees


def test_one_byte_more_must_not_come_in_one_piece() -> None:
    assert not told(GRE, over=(1500,)).agrees
    assert not told(CUT, over=(1500,), fragments=0).agrees
    assert not told(CUT, fragments=0).agrees
    assert told(CUT, over=(1450, 96), fragments=0).agrees
    # It may come once where the kernel tells the sender that it was too large.
    assert BARE.largest == sizes(parse(BARE.text)).largest(1500) - 14
    assert told(BARE, over=(BARE.wire + 1,)).agrees
    assert not told(BARE, over=(BARE.wire + 1,), told=1500).agrees


def test_every_device_and_every_protection_takes_its_turn() -> None:
    every = list(devices())
    groups = list(islice(drawn(7), 4 * len(every)))
    seen = [case for group in groups for case in group]
    assert {(one.device.layers, one.device.ip) for one in seen} == {(device.layers, device.ip) for device in every}
    assert {case.protection for case in seen} == set(protections())
    assert {one.protection.transform for one in seen if one.protection} == {*TRANSFORMS, *AH_TRANSFORMS}
    assert all(len({(case.device.ip, case.link_mtu) for case in group}) == 1 for group in groups)


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    first, again, other = ([case.text for group in islice(drawn(seed), 9) for case in group] for seed in (1, 1, 2))
    assert first == again != other


def test_a_request_is_json_and_its_answer_is_read_in_order() -> None:
    group = next(iter(grouped(cases([1500]), most=3)))
    sent = json.loads(json.dumps(request(group)))
    seen = [
        {
            "over": [],
            "fragments": 0,
            "seen": [case.wire],
            "shorter": [case.span[0]],
            "told": case.told,
            "frames": [],
        }
        for case in group
    ]
    assert [one["largest"] for one in sent["cases"]] == [case.largest for case in group]
    assert [answer.agrees for answer in answers(group, {"cases": seen, "own_mtu": 1476})] == [True] * len(group)
