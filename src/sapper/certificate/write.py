"""Writes a certificate: walks the sets of every question with the fast proof, and puts down where they end.

This is the only module of the room that uses the proof over sets. What it writes is believed by nobody before
:mod:`sapper.certificate.check` has been through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sapper.certificate.asked import WALKED, Questions, Region
from sapper.certificate.box import FRAME, Box, Pieces, common, without
from sapper.certificate.derive import gaps_for, seen
from sapper.certificate.document import (
    Certificate,
    EndSeen,
    InputHash,
    PropertyPart,
    QuestionPart,
    RouterPart,
    TunnelPart,
    plan_hash,
    sealed,
    seed_of,
)
from sapper.certificate.given import Given, Router, hashes_of, routers_of
from sapper.certificate.partition import Masks, Partition, TooManyCells
from sapper.certificate.rederive import GIVEN_UP
from sapper.certificate.space import EITHER, Space, Surroundings, Variables
from sapper.certificate.tables import Tables
from sapper.kernel.complete import complete
from sapper.proof.bounds import ENTRY_STEPS, Unbounded
from sapper.proof.index.circumstance import MOVE
from sapper.proof.over_sets.authenticity import attacks
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.prove import TOO_MUCH, Prover
from sapper.proof.properties.protected import Entry
from sapper.proof.sets.headers import Headers
from sapper.proof.verdict import PROPERTIES, PropertyVerdict

_ROOM = 10**9
_GIVEN_UP = PropertyVerdict(verdict="unknown", reason=GIVEN_UP)


def certify(inputs: Sequence[Given], target: str | None, model: str, version: str) -> Certificate:
    """The certificate of these inputs; ``model`` is the hash of the sources. Raises UnreadableText."""
    return certificate_of(routers_of(inputs, target), hashes_of(inputs), target, model, version)


def certificate_of(
    routers: Sequence[Router], inputs: tuple[InputHash, ...], target: str | None, model: str, version: str
) -> Certificate:
    """The certificate of Plans that were made already."""
    tables = Tables()
    parts = tuple(_Writer(router, tables).part() for router in routers)
    return sealed(
        Certificate(
            sapper=version,
            model=model,
            target=target,
            inputs=inputs,
            routers=parts,
            packets=tuple(tables.packets.rows),
            situations=tuple(tables.situations.rows),
            ends=tuple(tables.ends.rows),
            reasons=tuple(tables.reasons.rows),
            seed=seed_of(parts),
        )
    )


class _Writer:
    """Of one router."""

    def __init__(self, router: Router, tables: Tables) -> None:
        self._router = router
        self._tables = tables
        self._plan = complete(router.plan)
        self._prover = Prover(self._plan)
        self._questions = Questions(self._plan)
        self._around = Surroundings(self._plan)

    def part(self) -> RouterPart:
        stated = self._plan.stated
        return RouterPart(
            path=self._router.path,
            plan=plan_hash(self._router.plan),
            assumptions=self._plan.assumptions,
            gaps={name: gaps_for(self._plan, name) for name in PROPERTIES},
            protect=(*map(str, stated.protect), *stated.tunnels),
            trusted=stated.trusted,
            tunnels=tuple(self._tunnel(entry) for entry in self._prover.index.entries),
        )

    def _tunnel(self, entry: Entry) -> TunnelPart:
        verdicts = self._prover.verdicts(entry)
        return TunnelPart(
            name=verdicts.name,
            encapsulation=verdicts.encapsulation,
            protection=verdicts.protection,
            properties={name: self._property(entry, name, verdicts.verdicts[name]) for name in verdicts.verdicts},
        )

    def _property(self, entry: Entry, name: str, verdict: PropertyVerdict) -> PropertyPart:
        asked = self._questions.of(entry, name)
        if verdict.reason == TOO_MUCH:
            return self._part(_GIVEN_UP, None)
        if asked.settled is not None or name not in WALKED:
            return self._part(verdict, None)
        space = Space(self._around, entry)
        own = entry.name if name == "no-bypass" and entry.link is not None else None
        try:
            questions = tuple(
                self._question(region, space, endings, own)
                for region, endings in self._walked(entry, name, asked.regions, own)
            )
        except (Unbounded, TooManyCells):
            return self._part(_GIVEN_UP, None)
        return self._part(verdict, questions)

    def _part(self, verdict: PropertyVerdict, questions: tuple[QuestionPart, ...] | None) -> PropertyPart:
        known = self._plan.assumptions
        return PropertyPart(
            verdict=verdict.verdict,
            failing_states=verdict.failing_states,
            tampering=verdict.tampering,
            reason=self._tables.reason(verdict.reason),
            assumptions=tuple(line for line in verdict.assumptions if line not in known),
            questions=questions,
        )

    def _walked(
        self, entry: Entry, name: str, regions: tuple[Region, ...], own: str | None
    ) -> Iterator[tuple[Region, list[Ending]]]:
        walk = self._prover.walk
        walk.allow(ENTRY_STEPS)
        walk.own = own
        if name == "authenticity":
            assert entry.link is not None
            found = {
                (case.enters, case.packet): endings
                for case, endings in attacks(self._prover.index, entry.link, _ROOM)
            }
            yield from ((region, found[region.enters, region.packet]) for region in regions)
            return
        for region in regions:
            endings: list[Ending] = []
            for headers in _headers(region.box):
                if region.device is not None:
                    endings += walk.hand_to_device(region.device, headers)
                elif headers is not None:
                    enters = None if name == "confidentiality" else region.enters
                    endings += walk.walk(headers, enters)
            yield region, endings

    def _question(self, region: Region, space: Space, endings: list[Ending], own: str | None) -> QuestionPart:
        asked = _variables(space, endings)
        partition = Partition(space, asked)
        added = dict.fromkeys(
            (box, _masks(space, asked, ending), end)
            for ending in endings
            for box, end in self._ends(region, ending, own)
        )
        for box, masks, end in added:
            partition.add(box, masks, end)
        if region.device is not None:
            partition.fill(region.box)
        cells = partition.cells()
        told_apart = space.variables(cell.when for cell in cells)
        return QuestionPart(
            enters=region.enters,
            device=region.device.name if region.device is not None else None,
            network=str(region.network) if region.network is not None else None,
            packets=self._tables.packets_of(region.box),
            situations=str(space.count(space.everything, told_apart)),
            cells=tuple(self._tables.cell(cell, space) for cell in cells),
        )

    def _ends(self, region: Region, ending: Ending, own: str | None) -> Iterator[tuple[Box, EndSeen]]:
        """The end, in parts where it refutes for some destinations only."""
        box = _entered(region, ending)
        for part, refutes in self._refuting(box, ending, own):
            clear = ending.headers is not None and not ending.headers.protected
            yield part, seen(ending.kind, ending.link, ending.devices, ending.doubts, clear, refutes, own)

    def _refuting(self, box: Box, ending: Ending, own: str | None) -> Iterator[tuple[Box, bool]]:
        headers, trust = ending.headers, self._questions.trust
        if headers is None or headers.protected or ending.link is None or own in ending.devices:
            yield box, False
        elif ending.kind != "wire":
            yield box, ending.kind == "delivered"
        elif ending.link not in trust.untrusted or ending.link in trust.underlays:
            yield box, ending.link in trust.untrusted
        else:
            attached = self._prover.index.links.by_name[ending.link].addresses
            spans = [
                (item.prefix.first, item.prefix.last) for item in attached if item.address.family == headers.family
            ]
            left: Pieces = (headers.destination,)
            for span in spans:
                left = without(left, (span,))
            if headers.origin is not None:
                yield box, bool(left)
                return
            for part, refutes in ((common(box.destination, left), True), (without(box.destination, left), False)):
                if part:
                    yield box._replace(destination=part), refutes


def _headers(box: Box) -> Iterator[Headers | None]:
    """The set as the walk takes it: one interval of destinations and of ports at a time."""
    if box == FRAME:
        yield None
        return
    for destination in box.destination:
        for near in box.source_ports:
            for far in box.destination_ports:
                yield Headers(box.family, box.source, destination, box.protocols, near, far)


def _entered(region: Region, ending: Ending) -> Box:
    if region.packet is not None or region.box == FRAME or ending.entered is None:
        return region.box
    source, destination, protocols, near, far = ending.entered
    return Box(region.box.family, source, (destination,), protocols, (near,), (far,))


def _variables(space: Space, endings: list[Ending]) -> Variables:
    names = {variable for ending in endings for variable in ending.when}
    others = {name for kind, name in names if kind == "row" and not space.follows(name)}
    return space.closed(others, {name for kind, name in names if kind == "raised"})


def _masks(space: Space, asked: Variables, ending: Ending) -> Masks:
    rows = space.rows
    for (kind, name), mask in ending.when.items():
        if kind == "row" and space.follows(name):
            rows &= mask
    return (
        rows,
        ending.when.get(MOVE, space.moves) & space.moves,
        *(ending.when.get(("row", name), -1) & space.full(name) for name in asked.others),
        *(ending.when.get(("raised", name), EITHER) for name in asked.raised),
    )
