"""A lab run: routers through every lifecycle state on a real kernel with a real IKE daemon."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

import msgspec

import sapper
from sapper.kernel.links import encapsulation_of
from sapper.lab.guest import Guest
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.observe import flows_of, observe
from sapper.lab.pairing import Drawing, End, UnusablePair, gather
from sapper.lab.probes import far_of
from sapper.lab.result import CapturedFrame, LabRun, Observed, TunnelRun, TunnelState
from sapper.lab.rig import LabFailed, Rig, Side
from sapper.lab.routing import SENTENCE as ROUTING_TIMES
from sapper.lab.routing_component import routing_tree
from sapper.lab.scenario import Point, crash_life_s, drive, expiry_s
from sapper.lab.swanctl import Timers
from sapper.lab.topology import Topology, lay_out
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.enumeration import protection_of
from sapper.proof.states.lifecycle import STATES

_MEASUREMENTS = 4
Progress = Callable[[str], None]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Routers that are ready to run."""

    title: str
    topology: Topology
    sides: tuple[Side, ...]


def prepare(title: str, first: End, second: End, behind_nat: str | None = None) -> Setup:
    """Everything about a pair that needs no guest. Raises UnusablePair with one line."""
    return prepare_all(title, (first, second), behind_nat=behind_nat)


def prepare_all(
    title: str, ends: Sequence[End], sketch: Drawing | None = None, behind_nat: str | None = None
) -> Setup:
    """The same for any number of routers and whatever a sketch says of the network between them."""
    found = gather(ends, sketch, behind_nat)
    try:
        topology = lay_out([side.plan for side in found.sides], found.sketch, found.peers)
    except ValueError as error:
        raise UnusablePair(str(error)) from error
    sides = tuple(_installed(side, topology) for side in found.sides)
    if not any(True for side in sides for _ in subjects_of(topology, side)):
        named = " and ".join(end.source.path for end in ends[1:])
        raise UnusablePair(f"{ends[0].place(None)}: the connections to {named} protect nothing")
    return Setup(title=title, topology=topology, sides=sides)


def _installed(side: Side, topology: Topology) -> Side:
    """The side with its Plan as the lab installs it: with what the network gives it."""
    return msgspec.structs.replace(side, plan=topology.plans[side.name])


def run_pair(setup: Setup, guest: Guest, progress: Progress, states: frozenset[str] = frozenset(STATES)) -> LabRun:
    """Drives the pair through the wanted states in a booted guest, and leaves the guest empty again."""
    started = time.monotonic()
    timers = Timers.for_routers(len(setup.sides))
    rig = Rig(guest, setup.topology, setup.sides, timers)
    subjects = tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))
    found: list[list[TunnelState]] = [[] for _ in subjects]
    frames: dict[str, tuple[CapturedFrame, ...]] = {}
    observed: dict[str, Observed] = {}
    more_versions: dict[str, str] = {}
    try:
        rig.build()
        more_versions = _start_routing(rig, progress)
        for point in drive(rig, states, lambda label: progress(f"{setup.title}: {label}")):
            measured, frames[point.label] = _measured(rig, subjects, point)
            observed[point.label] = observe(rig)
            rig.require(point.rows)
            for at, state in measured.items():
                found[at].append(state)
    finally:
        _leave(rig)
    return LabRun(
        title=setup.title,
        provider=guest.provider,
        kernel=guest.kernel,
        ike=rig.version.replace("charon", "strongSwan"),
        sapper=sapper.__version__,
        tunnels=tuple(
            tunnel_run(subject, seen, setup.topology) for subject, seen in zip(subjects, found, strict=True)
        ),
        nodes=setup.topology.nodes_for_report(),
        wires=setup.topology.wires_for_report(),
        shortened=_shortened(setup, timers),
        assumptions=tuple(dict.fromkeys(text for side in setup.sides for text in side.plan.assumptions)),
        frames=frames,
        observed=observed,
        flows=flows_of(subjects),
        duration_s=time.monotonic() - started,
        guest_boot_s=guest.boot_s,
        versions=guest.versions | more_versions,
    )


def _start_routing(rig: Rig, progress: Progress) -> dict[str, str]:
    """Starts the routing daemons of the topology, if it has any, and says which version they are."""
    if not rig.topology.routing:
        return {}
    tree, version = routing_tree(progress)
    rig.start_routing(str(tree))
    return {"frr": version}


def _measured(
    rig: Rig, subjects: tuple[Subject, ...], point: Point
) -> tuple[dict[int, TunnelState], tuple[CapturedFrame, ...]]:
    """A measurement during which no routing daemon changed the kernel: it is taken again until that is so."""
    learnt = rig.learnt(everything=all(row.sa for row in point.rows.values()))
    for _ in range(_MEASUREMENTS):
        result = measure(rig, subjects, point, learnt)
        before, learnt = learnt, rig.learnt_now()
        if learnt == before:
            return result
    raise LabFailed(f"the routes that were learnt kept changing in the state {point.label}")


def _shortened(setup: Setup, timers: Timers) -> tuple[str, ...]:
    routing = (ROUTING_TIMES,) if setup.topology.routing else ()
    return (*timers.sentences(), _lifetimes(len(setup.sides)), *routing)


def _lifetimes(routers: int) -> str:
    expired, crashed = expiry_s(routers), crash_life_s(routers)
    return f"hard lifetime {expired} s for expired, {crashed} s for crashed and restarted"


def _leave(rig: Rig) -> None:
    """Empties the guest; where that fails the guest is gone, and the first failure is the one to report."""
    with contextlib.suppress(LabUnavailable):
        rig.take_down()


def tunnel_run(subject: Subject, states: Sequence[TunnelState], topology: Topology) -> TunnelRun:
    """What a report says of one entry of one router."""
    link = subject.entry.link
    return TunnelRun(
        router=subject.side.name,
        tunnel=subject.entry.name,
        encapsulation=encapsulation_of(link) if link else "none",
        protection=protection_of(subject.entry),
        states=tuple(states),
        far=far_of(topology, subject.side.name, subject.entry),
    )
