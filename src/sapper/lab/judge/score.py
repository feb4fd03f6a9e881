"""The score of a run, and how it is told.

A *network* is one generated router; a *case* is one network in one situation, with all of its packets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from sapper.lab.judge.case import Case
from sapper.lab.judge.compare import Disagreement
from sapper.lab.judge.court import Judged
from sapper.lab.judge.coverage import EVERYTHING, features

_NAME = re.compile(r"\b(tun|vti)\d+\b")


class Wrong(NamedTuple):
    """A disagreement with the case that it is of."""

    case: Case
    what: Disagreement


class Score:
    """Adds up what is judged."""

    def __init__(self) -> None:
        self.networks = self.cases = self.packets = 0
        self.unknown: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.wrong: list[Wrong] = []
        self.unsteady: list[Wrong] = []
        self.hung: list[int | None] = []

    def add(self, one: Judged) -> None:
        """Counts one network; one that the kernel refused a part of counts for nothing."""
        if one.refused:
            self.refused.update(one.refused)
            return
        self.networks += 1
        self.cases += len(one.case.settings)
        self.packets += one.tally.packets
        self.seen.update(features(one.case))
        for reason, count in one.tally.unknown.items():
            self.unknown[_NAME.sub("a device", reason)] += count
        self.wrong += [Wrong(one.case, found) for found in one.tally.disagreements]

    def hang(self, case: Case) -> None:
        """Counts a network that a kernel did not come back from: neither agreement nor disagreement."""
        self.hung.append(case.seed)

    def ask_again(self, judged: Callable[[list[Case]], Iterable[Judged]]) -> None:
        """Keeps what the kernel does a second time, too; the rest is counted as unsteady."""
        networks = list({id(item.case): item.case for item in self.wrong}.values())
        steady = {id(one.case) for one in judged(networks) if one.tally.disagreements}
        self.unsteady += [item for item in self.wrong if id(item.case) not in steady]
        self.wrong = [item for item in self.wrong if id(item.case) in steady]

    @property
    def _hung(self) -> str:
        return ", ".join(map(str, self.hung))

    @property
    def missing(self) -> list[str]:
        """What has not been exercised."""
        return sorted(EVERYTHING - self.seen.keys())

    def lines(self, seconds: float, *, whole: bool = True) -> Iterator[str]:
        """The score in words; ``whole``: with what the run has not exercised."""
        hourly = self.cases / seconds * 3600 if seconds else 0.0
        yield f"{self.networks} networks, {self.cases} cases, {self.packets} packets in {seconds:.0f} s"
        yield f"{hourly:.0f} cases an hour"
        yield f"{len(self.wrong)} disagreements in {len({id(item.case) for item in self.wrong})} networks"
        if self.unsteady:
            yield f"{len(self.unsteady)} more that the kernel did not do again (seeds {_seeds(self.unsteady)})"
        if self.hung:
            yield f"{len(self.hung)} networks that the kernel did not come back from (seeds {self._hung})"
        share = 100 * self.unknown.total() / self.packets if self.packets else 0.0
        yield f"{self.unknown.total()} packets of which the model says that it does not know ({share:.1f} %)"
        yield from (f"  {count}: {reason}" for reason, count in self.unknown.most_common())
        if self.refused:
            yield f"{self.refused.total()} things that the kernel refused; their networks count for nothing"
            yield from (f"  {count}: {what}" for what, count in self.refused.most_common(10))
        if whole and self.missing:
            yield f"not exercised: {', '.join(self.missing)}"


def _seeds(wrong: list[Wrong]) -> str:
    return ", ".join(dict.fromkeys(str(item.case.seed) for item in wrong))


def told(case: Case, what: Disagreement) -> Iterator[str]:
    """A disagreement for a reader: what is set, and nothing of what is at its default."""
    setting, probe = case.settings[what.setting], case.probes[what.probe]
    others = "".join(f", {name} {label}" for name, label in setting.others)
    raised = f", raised {' '.join(sorted(setting.raised))}" if setting.raised else ""
    yield f"seed {case.seed}: {setting.row}{others}{raised}, {setting.move}"
    where = " ".join(word for word in (probe.how, probe.link, probe.device) if word)
    yield f"  packet {where}: {probe.packet}"
    plan = case.plan
    kinds = (plan.links, plan.routes, plan.rules, plan.marks, plan.sysctls, plan.source_nat, plan.guards)
    for item in (*chain.from_iterable(kinds), *plan.connections):
        yield f"  {short(item)}"
    yield f"  charon's routes: {'yes' if plan.install_routes else 'no'}"
    yield f"  said: {' | '.join(sorted(map(str, what.predicted)))}"
    yield f"  seen: {' | '.join(map(str, what.seen))}"


def short(value: object) -> str:
    """A struct without its defaults."""
    if isinstance(value, msgspec.Struct):
        default = dict(zip(value.__struct_fields__[::-1], value.__struct_defaults__[::-1], strict=False))
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        parts = [f"{name}={short(item)}" for name, item in fields if name not in default or item != default[name]]
        return f"{type(value).__name__}({' '.join(parts)})"
    if isinstance(value, tuple):
        return "[" + " ".join(map(short, value)) + "]"
    return str(value)
