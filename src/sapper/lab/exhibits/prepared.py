"""Each exhibit made ready: its setups as it stands and mended, and how it was mended. Pure, but for what a Plan needs.

What is mended is proved before the lab sees it: each property of both routers has to be proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from sapper.config.read import read
from sapper.fix.failing import unproved
from sapper.fix.mend import Mended, MendedEnd, Unmendable, mend
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.plan import Guard
from sapper.lab.exhibits.exhibit import Exhibit, far_of
from sapper.lab.pairing import End
from sapper.lab.run import Setup, prepare_all
from sapper.lab.side import Side
from sapper.lab.topology import lay_out
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.verdict import TunnelVerdicts
from sapper.rules.check import subject_of
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_NAMES = ("east", "west", "north")


class Case(NamedTuple):
    """``verdicts`` are the proof's of the bad example's router. ``how`` it was mended, in a few words."""

    exhibit: Exhibit
    bad: Setup
    mended: Setup
    how: str
    verdicts: tuple[TunnelVerdicts, ...]


def prepared(exhibit: Exhibit, rule: Rule) -> Case:
    """The case of that exhibit, of that rule's examples. Raises LabUnavailable if it cannot be mended."""
    text = exhibit.bad or rule.bad
    bad = _subjects(text, exhibit.far or (rule.far if exhibit.bad is None else None) or far_of(rule, text))
    start = _subjects(rule.good, exhibit.good_far or far_of(rule, rule.good)) if exhibit.by_example else bad
    texts, guards, how = _mended(exhibit, start)
    mended = _subjects(*texts)
    return Case(
        exhibit,
        exhibit.laid_out(_setup(f"{exhibit.label} as it stands", exhibit, bad)),
        _setup(f"{exhibit.label} mended", exhibit, mended, guards),
        how,
        bad[_NAMES.index(exhibit.router)].tunnels,
    )


def _mended(exhibit: Exhibit, start: list[Subject]) -> tuple[list[str], list[tuple[Guard, ...]], str]:
    """The texts of both ends, the guards that only nftables can say, and how it was done."""
    named = "as the good example says" if exhibit.by_example else ""
    if any(True for subject in start for _ in unproved(subject)):
        try:
            done = mend(start[0], start[1], "auto")
        except Unmendable as error:
            raise LabUnavailable(f"{exhibit.label} cannot be mended: {error}") from None
        ends = [end for end in (done.near, done.far) if end is not None]
        how = f"sapper fix: {done.strategy}{' in nftables' if _in_nftables(ends) else ''}"
        return [end.text for end in ends], [end.guards for end in ends], ", and ".join(filter(None, (named, how)))
    return [subject.document.source.text for subject in start], [(), ()], named


def _in_nftables(ends: Sequence[MendedEnd]) -> bool:
    return any(end.guards for end in ends)


def _subjects(*texts: str) -> list[Subject]:
    return [subject_of(read(text, f"{name}.set")) for name, text in zip(_NAMES, texts, strict=False)]


def _setup(
    title: str, exhibit: Exhibit, subjects: list[Subject], guards: Sequence[tuple[Guard, ...]] = ()
) -> Setup:
    ends = [End(subject.document.source, subject.router) for subject in subjects]
    if exhibit.third is not None:
        third = subject_of(read(exhibit.third, f"{_NAMES[2]}.set"))
        ends.append(End(third.document.source, third.router))
    if not any(end.router.peers for end in ends):
        return _without_peers(title, ends)
    return _guarded(prepare_all(title, ends, behind_nat=exhibit.nat), guards)


def mended_pair(title: str, done: Mended, nat: str | None = None) -> Setup:
    """Both ends as they are mended, guards included, ready for the lab. Raises UnusablePair."""
    found = [end for end in (done.near, done.far) if end is not None]
    subjects = _subjects(*(end.text for end in found))
    ends = [End(subject.document.source, subject.router) for subject in subjects]
    return _guarded(prepare_all(title, ends, behind_nat=nat), [end.guards for end in found])


def _guarded(setup: Setup, guards: Sequence[tuple[Guard, ...]]) -> Setup:
    """The setup with guards in its Plans that the routers' own configuration has no words for."""
    more = dict(zip(_NAMES, guards, strict=False))
    sides = tuple(
        msgspec.structs.replace(
            side,
            plan=msgspec.structs.replace(side.plan, guards=(*side.plan.guards, *more.get(side.name, ()))),
        )
        for side in setup.sides
    )
    plans = {**setup.topology.plans, **{side.name: side.plan for side in sides}}
    topology = msgspec.structs.replace(setup.topology, plans=plans)
    return msgspec.structs.replace(setup, sides=sides, topology=topology)


def _without_peers(title: str, ends: Sequence[End]) -> Setup:
    """Routers that no IPsec joins; the lab runs such only here."""
    plans = [complete(compile_router(end.router)) for end in ends]
    named = [msgspec.structs.replace(plan, name=name) for plan, name in zip(plans, _NAMES, strict=False)]
    topology = lay_out(named)
    sides = tuple(Side(name=plan.name, plan=topology.plans[plan.name], connections=()) for plan in named)
    return Setup(title=title, topology=topology, sides=sides)
