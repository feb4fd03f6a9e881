"""Makes both ends safe: a strategy's changes in the texts' own words, read and proved again before anybody sees them.

What is still not proved after a strategy's own changes (protected networks that another route takes over, NAT that
takes packets out of their policy) is mended as well, round after round, until all is proved or nothing more is known.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.config.edit import CannotEdit, Change, edit
from sapper.config.read import read
from sapper.config.tree import UnreadableText
from sapper.config.unprintable import UnprintableWord
from sapper.fix import dummy, exclusion, guard, unreachable, vti
from sapper.fix.change import Inexpressible, command, in_own_words, shape_for
from sapper.fix.choose import Choice, Strategy, choices
from sapper.fix.failing import failing_entries, fails, unproved
from sapper.fix.proposal import Impossible, Proposal
from sapper.kernel.plan import Guard
from sapper.model.project import RELEASES, Project
from sapper.proof.properties.protected import Entry
from sapper.proof.prove import prove
from sapper.rules.check import detail, subject_of
from sapper.rules.leak import hidden_ends
from sapper.rules.subject import Subject

_ROUNDS = 3


class MendedEnd(msgspec.Struct, frozen=True, kw_only=True):
    """One end: its commands, the whole text with them, and the guards that only nftables can say."""

    path: str
    commands: tuple[str, ...] = ()
    text: str = ""
    guards: tuple[Guard, ...] = ()


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """``far`` None: its configuration was not given."""

    strategy: Strategy
    why: str
    near: MendedEnd
    far: MendedEnd | None = None


class Unmendable(Exception):
    """No strategy can prove everything; one line for each that was tried says why."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class _End:
    """One text on its way: what it was, and what it is with all changes so far."""

    def __init__(self, subject: Subject, project: Project) -> None:
        self.first = subject
        self.now = subject
        self._project = project
        self._generation = next(release for release in RELEASES if release == subject.generation)
        self.changes: list[Change] = []
        self.guards: list[Guard] = []

    def take(self, changes: tuple[Change, ...], guards: tuple[Guard, ...]) -> None:
        """Apply the changes; guards that the generation cannot say stay nftables'. Raises Impossible."""
        try:
            self._apply(changes)
        except Inexpressible as error:
            rest = tuple(change for change in changes if change.path[0] != "firewall")
            if not guards or len(rest) == len(changes):
                raise Impossible(str(error)) from None
            self._apply(rest)
            self.guards += guards
        if self.guards:
            self._prove_guarded()

    def _apply(self, changes: tuple[Change, ...]) -> None:
        if not changes:
            return
        document = self.now.document
        try:
            own = in_own_words(document, changes, self._generation)
            text = edit(document, own, shape_for(self._generation))
            self.now = subject_of(read(text, document.source.path), self._project)
        except (CannotEdit, UnprintableWord, UnreadableText) as error:
            raise Impossible(f"the text cannot be changed: {error}") from None
        self.changes += own

    def _prove_guarded(self) -> None:
        if self.now.plan is not None:
            plan = msgspec.structs.replace(self.now.plan, guards=(*self.now.plan.guards, *self.guards))
            self.now = msgspec.structs.replace(self.now, plan=plan, tunnels=prove(plan))

    def mended(self) -> MendedEnd:
        return MendedEnd(
            path=self.first.document.source.path,
            commands=tuple(command(change) for change in self.changes),
            text=self.now.document.source.text,
            guards=tuple(self.guards),
        )


def mend(
    near: Subject,
    far: Subject | None,
    strategy: Literal["auto"] | Strategy,
    projects: tuple[Project, Project] = (Project(), Project()),
) -> Mended:
    """Both ends (or the one that is given) with no property refuted, and none unknown but liveness. Raises Unmendable."""
    wanted = choices(near, far) if strategy == "auto" else [Choice(strategy, "it was asked for")]
    reasons = []
    for choice in wanted:
        ends = [_End(near, projects[0])] + ([_End(far, projects[1])] if far is not None else [])
        try:
            _carry_out(choice.strategy, ends)
        except Impossible as error:
            reasons.append(f"{choice.strategy}: {error}")
            continue
        return Mended(
            strategy=choice.strategy,
            why=choice.why,
            near=ends[0].mended(),
            far=ends[1].mended() if len(ends) > 1 else None,
        )
    raise Unmendable(reasons)


def _carry_out(strategy: Strategy, ends: list[_End]) -> None:
    for index, end in enumerate(ends):
        other = ends[1 - index] if len(ends) > 1 else None
        for entry in failing_entries(end.now):
            if (
                strategy == "vti"
                or fails(end.now, entry.name, "confidentiality")
                or fails(end.now, entry.name, "authenticity")
            ):
                proposal = _proposal(strategy, end.now, entry, other.now if other is not None else None)
                end.take(proposal.near, proposal.guards)
                if other is not None:
                    other.take(proposal.far, proposal.far_guards)
    for end in ends:
        for _ in range(_ROUNDS):
            if not any(True for _ in unproved(end.now)):
                break
            more = _afterwards(end.now)
            if not more.near:
                break
            end.take(more.near, more.guards)
        for tunnel, name, verdict in unproved(end.now):
            raise Impossible(f"{tunnel.name}: {name} is {verdict.verdict}{detail(verdict)} all the same")


def _proposal(strategy: Strategy, subject: Subject, entry: Entry, far: Subject | None) -> Proposal:
    if strategy == "vti":
        return vti.propose(subject, entry, far)
    if strategy == "dummy":
        return dummy.propose(subject, entry, far)
    return guard.propose(subject, entry)


def _afterwards(subject: Subject) -> Proposal:
    """What else every strategy may need: unreachable routes, and exclusions from NAT."""
    found = Proposal()
    for entry in failing_entries(subject):
        if fails(subject, entry.name, "no-bypass"):
            found = found.with_more(unreachable.propose(subject, entry.networks))
            hidden = hidden_ends(subject, entry)
            found = found.with_more(unreachable.propose(subject, hidden, "blackhole"))
        if subject.router.source_nat and fails(subject, entry.name, "confidentiality"):
            flows = [(local.prefix, remote.prefix) for local, remote in entry.flows]
            found = found.with_more(exclusion.propose(subject, flows))
    return found
