"""What the model said and what the wires saw, held against each other.

An end that was seen must be among those that were predicted; where one was predicted it must be that one. An end that
the model calls unknown is counted apart, and is never taken for agreement.
"""

from __future__ import annotations

import binascii
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from sapper.lab.judge.case import Case
from sapper.lab.judge.ending import GONE, Ending
from sapper.lab.judge.frames import ending_of, number_of
from sapper.lab.judge.predict import Predicted
from sapper.lab.judge.program import Program

Observed = list[dict[int, tuple[Ending, ...]]]
"""For each setting, from the place of a probe to every end that was seen; GONE alone where nothing was."""


class Disagreement(NamedTuple):
    """One packet in one situation, with what was said and what was seen."""

    setting: int
    probe: int
    predicted: frozenset[Ending]
    seen: tuple[Ending, ...]


class Tally(NamedTuple):
    """Of one case: packets compared, those that the model knew nothing about by reason, and the disagreements."""

    packets: int
    unknown: Counter[str]
    disagreements: tuple[Disagreement, ...]


def observed(case: Case, program: Program, answer: dict[str, Any]) -> Observed:
    """What the guest's answer says of every probe that was sent."""
    vlans = {(link.parent or "", link.vlan or 0): link.name for link in case.plan.links if link.kind == "vlan"}
    found: defaultdict[int, list[Ending]] = defaultdict(list)
    for seen in answer["seen"]:
        for wire, text in seen["frames"]:
            frame = binascii.a2b_base64(text)
            number, ending = number_of(frame), ending_of(wire, frame, vlans)
            if number is not None and ending is not None:
                found[number].append(ending)
        for device, number in seen["arrived"]:
            found[number].append(Ending("taken", device))
    result: Observed = [{} for _ in case.settings]
    for number, (setting, probe) in program.numbers.items():
        result[setting][probe] = tuple(_ends(case, probe, found[number]))
    return result


def _ends(case: Case, place: int, seen: list[Ending]) -> Iterator[Ending]:
    """For an attacker's packet what its device took, for every other one what left by a wire."""
    attack = case.probes[place].how == "injected"
    wanted = [ending for ending in seen if (ending.kind == "taken") == attack]
    if attack:
        # A VLAN's device sees the packet as it came, and the loopback what goes on once it was taken.
        devices = {link.name for link in case.plan.links if link.kind not in ("loopback", "vlan")}
        wanted = [ending for ending in wanted if ending.link in devices]
    yield from wanted or [GONE]


def compare(case: Case, said: list[Predicted], seen: Observed) -> Tally:
    """Both for every packet that was sent."""
    count, unknown, wrong = 0, Counter[str](), []
    for at, (predicted, watched) in enumerate(zip(said, seen, strict=True)):
        for place, ends in predicted.items():
            if place not in watched:
                continue
            count += 1
            reasons = sorted({end.reason for end in ends if end.kind == "unknown"})
            if reasons:
                unknown[reasons[0]] += 1
            elif not _agree(ends, watched[place]):
                wrong.append(Disagreement(at, place, ends, watched[place]))
    return Tally(count, unknown, tuple(wrong))


def _agree(predicted: frozenset[Ending], seen: tuple[Ending, ...]) -> bool:
    return len(seen) == 1 and any(seen[0].fits(said) for said in predicted)
