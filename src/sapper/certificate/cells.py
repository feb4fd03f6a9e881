"""Whether the cells of a property are disjoint, cover all that it asks, and give the verdict that is said.

Disjoint is checked pair by pair. Cells that are disjoint cover a question when they have as many members as it has, and
none lies outside: members are counted, packets times situations.
"""

from __future__ import annotations

from collections.abc import Sequence

from sapper.certificate.asked import Questions, Region
from sapper.certificate.box import FRAME, Box, contains, in_both, packets_in
from sapper.certificate.derive import Derived, Filled, derived
from sapper.certificate.document import Certificate, PropertyPart, QuestionPart, reason_of
from sapper.certificate.refused import Misfit
from sapper.certificate.space import Space, Surroundings, Variables, When, both
from sapper.certificate.spelling import box_of, when_of
from sapper.certificate.walks import Walks
from sapper.proof.properties.protected import Entry


class CellCheck:
    """Of one router; ``number`` counts the cells. Members of each are handed to ``walks``."""

    def __init__(self, certificate: Certificate, questions: Questions, around: Surroundings, walks: Walks) -> None:
        self._certificate = certificate
        self._questions = questions
        self._around = around
        self._walks = walks
        self._boxes: dict[int, Box] = {}
        self._whens: dict[tuple[int, int], When] = {}
        self.number = 0

    def check(
        self,
        part: PropertyPart,
        entry: Entry,
        name: str,
        regions: Sequence[Region],
        space: Space,
        gaps: Sequence[str],
    ) -> None:
        """Raises Misfit."""
        questions = part.questions or ()
        if len(questions) != len(regions):
            raise Misfit(f"it has {len(questions)} questions where {len(regions)} are asked")
        every: list[tuple[Variables, Filled]] = []
        for number, (question, region) in enumerate(zip(questions, regions, strict=True), 1):
            try:
                self._compare_question(question, region)
                cells = [self._filled(question, at, space) for at in range(len(question.cells))]
                asked = self._variables(cells, space)
                _check_cover(question, region, cells, space, asked)
            except Misfit as misfit:
                raise Misfit(f"question {number}: {misfit}") from None
            every += [(asked, cell) for cell in cells]
            self.number += len(cells)
            own = entry.name if name == "no-bypass" and entry.link is not None else None
            for at, cell in enumerate(cells, 1):
                place = f"{entry.name} {name}: question {number}: cell {at}"
                self._walks.add(cell, space, asked, region, name, own, f"{self._certificate.seed} {place}", place)
        _compare(part, reason_of(self._certificate, part), derived(space, gaps, every))

    def _compare_question(self, question: QuestionPart, region: Region) -> None:
        device = region.device.name if region.device is not None else None
        network = str(region.network) if region.network is not None else None
        said = (question.enters, question.device, question.network, self._box(question.packets))
        if said != (region.enters, device, network, region.box):
            raise Misfit(f"it asks about other packets than those that enter at {region.enters}")

    def _filled(self, question: QuestionPart, at: int, space: Space) -> Filled:
        cell = question.cells[at]
        ends = self._certificate.ends
        if not 0 <= cell.ends < len(ends):
            raise Misfit(f"cell {at + 1}: there is no set of ends {cell.ends}")
        return Filled(self._box(cell.packets), self._when(cell.when, space), frozenset(ends[cell.ends]))

    def _box(self, at: int | None) -> Box:
        if at is None:
            return FRAME
        if at not in self._boxes:
            if not 0 <= at < len(self._certificate.packets):
                raise Misfit(f"there is no set of packets {at}")
            self._boxes[at] = box_of(self._certificate.packets[at])
        return self._boxes[at]

    def _when(self, at: int, space: Space) -> When:
        key = (at, space.rows)
        if key not in self._whens:
            if not 0 <= at < len(self._certificate.situations):
                raise Misfit(f"there is no set of situations {at}")
            self._whens[key] = when_of(self._certificate.situations[at], space.rows, self._around)
        return self._whens[key]

    def _variables(self, cells: Sequence[Filled], space: Space) -> Variables:
        for cell in cells:
            for name, _ in cell.when.others:
                if name not in self._around.connections or space.follows(name):
                    raise Misfit(f"{name} is no other connection that these packets can meet")
            for name, _ in cell.when.raised:
                if name not in self._around.owners:
                    raise Misfit(f"{name} is no VTI here")
        return space.variables(cell.when for cell in cells)


def _check_cover(
    question: QuestionPart, region: Region, cells: Sequence[Filled], space: Space, asked: Variables
) -> None:
    total = space.count(space.everything, asked)
    if question.situations != str(total):
        raise Misfit(f"it counts {question.situations} situations, there are {total}")
    covered = 0
    for at, cell in enumerate(cells, 1):
        number = space.count(cell.when, asked)
        if not number:
            raise Misfit(f"cell {at} is empty")
        if not contains(region.box, cell.box):
            raise Misfit(f"cell {at} holds packets that are not asked about")
        covered += number * packets_in(cell.box)
    for at, cell in enumerate(cells):
        for to in range(at):
            if _overlap(cells[to], cell, space, asked):
                raise Misfit(f"cells {to + 1} and {at + 1} overlap")
    if covered != total * packets_in(region.box):
        raise Misfit("its cells do not cover every packet in every situation")


def _overlap(one: Filled, other: Filled, space: Space, asked: Variables) -> bool:
    if not one.when.rows & other.when.rows or not one.when.moves & other.when.moves:
        return False
    if in_both(one.box, other.box) is None:
        return False
    return space.count(both(one.when, other.when), asked) > 0


def _compare(part: PropertyPart, reason: str | None, found: Derived) -> None:
    if part.verdict != found.verdict:
        raise Misfit(f"it says {part.verdict}, its cells say {found.verdict}")
    if (part.failing_states, part.tampering) != (found.failing_states, found.tampering):
        raise Misfit("it fails in other states than its cells say")
    said = frozenset(reason.split("; ")) if reason is not None else frozenset()
    if said != found.reasons:
        raise Misfit("it gives another reason than its cells do")
