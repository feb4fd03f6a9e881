"""The checker: holds a certificate against the inputs, without the fast proof.

It reads the inputs again and makes the Plans again. It compares hashes, assumptions, gaps and statements. It makes the
questions of every property again, and the cells written for each must be disjoint and cover all of its packets in all
situations; the verdict must be the one that the cells give (:mod:`sapper.certificate.cells`). Then the plain walk takes
a few members of every cell through one kernel each (:mod:`sapper.certificate.walks`). A property without cells is
proved again by the reference. ``.importlinter`` keeps the proof over sets out of here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import msgspec

from sapper.certificate.asked import WALKED, Questions
from sapper.certificate.cells import CellCheck
from sapper.certificate.derive import gaps_for
from sapper.certificate.document import (
    Certificate,
    InputHash,
    PropertyPart,
    RouterPart,
    TunnelPart,
    digest_of,
    plan_hash,
    reason_of,
    seed_of,
)
from sapper.certificate.given import Given, Router, hashes_of, routers_of
from sapper.certificate.rederive import GIVEN_UP, is_within_reach, rederived
from sapper.certificate.refused import Misfit
from sapper.certificate.space import Space, Surroundings
from sapper.certificate.staying import Staying
from sapper.certificate.walks import Walks
from sapper.kernel.complete import complete
from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Plan
from sapper.proof.enumeration import protection_of
from sapper.proof.properties.protected import Entry, entries_of
from sapper.proof.verdict import PROPERTIES, PropertyVerdict


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was held against each other; ``members`` are the walks that were made."""

    tunnels: int = 0
    verdicts: int = 0
    cells: int = 0
    members: int = 0

    def plus(self, other: Checked) -> Checked:
        """Both together."""
        names = self.__struct_fields__
        return Checked(**{name: getattr(self, name) + getattr(other, name) for name in names})


def verify(certificate: Certificate, inputs: Sequence[Given], target: str | None, model: str) -> Checked:
    """Hold a certificate against these inputs. Raises Misfit with one line, and UnreadableText."""
    if certificate.model != model:
        raise Misfit(f"it is of another version of the model ({certificate.sapper}, {certificate.model[:12]})")
    _compare_inputs(certificate.inputs, hashes_of(inputs))
    if target not in (None, certificate.target):
        raise Misfit(f"it is for the target {certificate.target or 'that the text says'}, not for {target}")
    found = hold_against(certificate, routers_of(inputs, certificate.target))
    if certificate.digest != digest_of(certificate):
        raise Misfit("it was changed after it was written: its digest is another one")
    return found


def hold_against(certificate: Certificate, routers: Sequence[Router]) -> Checked:
    """Hold what it says of the routers against their Plans, its digest aside. Raises Misfit with one line."""
    if len(certificate.routers) != len(routers):
        raise Misfit(f"it tells of {len(certificate.routers)} routers, the inputs of {len(routers)}")
    if certificate.seed != seed_of(certificate.routers):
        raise Misfit("its seed is not the one that its Plans give")
    found = Checked()
    for part, router in zip(certificate.routers, routers, strict=True):
        try:
            found = found.plus(_Checker(certificate, router).check(part))
        except Misfit as misfit:
            raise Misfit(f"{router.path}: {misfit}") from None
    return found


def _compare_inputs(said: Sequence[InputHash], given: Sequence[InputHash]) -> None:
    for one, other in zip_longest(said, given):
        if one is None:
            raise Misfit(f"{other.path} is no input of it")
        if other is None:
            raise Misfit(f"its input {one.path} is not given")
        if one.path != other.path:
            raise Misfit(f"its input {one.path} is not given, {other.path} is")
        if one.sha256 != other.sha256:
            raise Misfit(f"{one.path} is not the file that it was written for: SHA-256 differs")


class _Checker:
    """Of one router."""

    def __init__(self, certificate: Certificate, router: Router) -> None:
        self._certificate = certificate
        self._path = router.path
        self._hash = plan_hash(router.plan)
        self._plan: Plan = complete(router.plan)
        self._questions = Questions(self._plan)
        self._around = Surroundings(self._plan)
        self._staying = Staying(self._plan)
        self._walks = Walks(self._plan, self._questions)
        self._cells = CellCheck(certificate, self._questions, self._around, self._walks)

    def check(self, part: RouterPart) -> Checked:
        self._compare_router(part)
        entries = list(entries_of(self._plan))
        names = [tunnel.name for tunnel in part.tunnels]
        if names != [entry.name for entry in entries]:
            raise Misfit(f"it tells of the tunnels {_listed(names)}; there are {_listed(e.name for e in entries)}")
        verdicts = 0
        for tunnel, entry in zip(part.tunnels, entries, strict=True):
            verdicts += self._tunnel(tunnel, entry)
        self._walks.run()
        return Checked(
            tunnels=len(entries), verdicts=verdicts, cells=self._cells.number, members=self._walks.number
        )

    def _compare_router(self, part: RouterPart) -> None:
        stated = self._plan.stated
        if part.path != self._path:
            raise Misfit(f"it calls this {part.path}")
        if part.plan != self._hash:
            raise Misfit("the configuration gives another Plan than the one that it was written for")
        if part.assumptions != self._plan.assumptions:
            raise Misfit(_difference("assumption", part.assumptions, self._plan.assumptions))
        if part.protect != (*map(str, stated.protect), *stated.tunnels):
            raise Misfit("it names other networks and tunnels to protect than are stated")
        if part.trusted != stated.trusted:
            raise Misfit("it names other trusted interfaces than are stated")
        if part.gaps.keys() != set(PROPERTIES):
            raise Misfit("it does not tell of the gaps of each property")
        for name in PROPERTIES:
            if part.gaps[name] != gaps_for(self._plan, name):
                raise Misfit(f"{name}: " + _difference("gap", part.gaps[name], gaps_for(self._plan, name)))

    def _tunnel(self, part: TunnelPart, entry: Entry) -> int:
        encapsulation = encapsulation_of(entry.link) if entry.link else "none"
        if (part.encapsulation, part.protection) != (encapsulation, protection_of(entry)):
            raise Misfit(f"{entry.name} is {encapsulation}, protected by {protection_of(entry)}: it says otherwise")
        if part.properties.keys() != set(PROPERTIES):
            raise Misfit(f"{entry.name}: it tells of {_listed(part.properties)}, not of {_listed(PROPERTIES)}")
        for name in PROPERTIES:
            try:
                self._property(part.properties[name], entry, name)
            except Misfit as misfit:
                raise Misfit(f"{entry.name} {name}: {misfit}") from None
        return len(PROPERTIES)

    def _property(self, part: PropertyPart, entry: Entry, name: str) -> None:
        asked = self._questions.of(entry, name)
        if (part.verdict, self._reason(part), part.questions) == ("unknown", GIVEN_UP, None):
            if asked.settled is not None or is_within_reach(self._plan, entry, name, self._around):
                raise Misfit("its cells are missing: it says that they are too many, and they are not")
        elif asked.settled is not None:
            self._compare_verdict(part, asked.settled)
        elif name not in WALKED:
            self._compare_verdict(part, rederived(self._plan, entry, name))
        elif part.questions is None:
            raise Misfit("its cells are missing")
        else:
            more = self._staying.assumed(entry, name)
            if part.assumptions != more:
                raise Misfit(_difference("assumption", part.assumptions, more))
            space = Space(self._around, entry)
            gaps = () if asked.sealed else gaps_for(self._plan, name)
            self._cells.check(part, entry, name, asked.regions, space, gaps)

    def _reason(self, part: PropertyPart) -> str | None:
        return reason_of(self._certificate, part)

    def _compare_verdict(self, part: PropertyPart, found: PropertyVerdict) -> None:
        if part.questions is not None:
            raise Misfit("it has cells where nothing is walked")
        if part.verdict != found.verdict:
            raise Misfit(f"it says {part.verdict}, the reference proof {found.verdict}")
        more = tuple(line for line in found.assumptions if line not in self._plan.assumptions)
        if part.assumptions != more:
            raise Misfit(_difference("assumption", part.assumptions, more))
        said = (part.failing_states, part.tampering, _parts(self._reason(part)))
        if said != (found.failing_states, found.tampering, _parts(found.reason)):
            raise Misfit("it gives other states or another reason than the reference proof")


def _parts(reason: str | None) -> frozenset[str]:
    return frozenset((reason or "").split("; "))


def _difference(what: str, said: Sequence[str], found: Sequence[str]) -> str:
    for line in found:
        if line not in said:
            return f"it leaves the {what} out: {line}"
    for line in said:
        if line not in found:
            return f"it has a {what} too many: {line}"
    return f"it has the {what}s in another order"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
