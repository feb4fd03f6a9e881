"""A lab run: a pair of routers through every lifecycle state on a real kernel with a real IKE daemon."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import msgspec

import sapper
from sapper.kernel.links import encapsulation_of
from sapper.lab.guest import Guest
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.pairing import End, UnusablePair, pair
from sapper.lab.result import CapturedFrame, LabRun, TunnelRun, TunnelState
from sapper.lab.rig import Rig, Side
from sapper.lab.scenario import CRASH_LIFE_S, EXPIRY_S, drive
from sapper.lab.swanctl import Timers
from sapper.lab.topology import Topology, infer
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.lifecycle import STATES

Progress = Callable[[str], None]
_LIFETIMES = f"hard lifetime {EXPIRY_S} s for expired, {CRASH_LIFE_S} s for crashed and restarted"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that is ready to run."""

    title: str
    topology: Topology
    sides: tuple[Side, Side]


def prepare(title: str, first: End, second: End, behind_nat: str | None = None) -> Setup:
    """Everything about a pair that needs no guest. Raises UnusablePair with one line."""
    found = pair(first, second, behind_nat)
    topology = infer(found.first.plan, found.second.plan, found.hidden)
    sides = (_installed(found.first, topology), _installed(found.second, topology))
    if not any(True for side in sides for _ in subjects_of(topology, side)):
        raise UnusablePair(f"{first.place(None)}: the connections to {second.source.path} protect nothing")
    return Setup(title=title, topology=topology, sides=sides)


def _installed(side: Side, topology: Topology) -> Side:
    """The side with its Plan as the lab installs it: with what the network gives it."""
    return msgspec.structs.replace(side, plan=topology.plans[side.name])


def run_pair(setup: Setup, guest: Guest, progress: Progress, states: frozenset[str] = frozenset(STATES)) -> LabRun:
    """Drives the pair through the wanted states in a booted guest, and leaves the guest empty again."""
    started = time.monotonic()
    timers = Timers()
    rig = Rig(guest, setup.topology, setup.sides, timers)
    subjects = tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))
    found: list[list[TunnelState]] = [[] for _ in subjects]
    frames: dict[str, tuple[CapturedFrame, ...]] = {}
    try:
        rig.build()
        for point in drive(rig, states, lambda label: progress(f"{setup.title}: {label}")):
            measured, frames[point.label] = measure(rig, subjects, point)
            rig.require(point.rows)
            for at, state in measured.items():
                found[at].append(state)
    finally:
        _leave(rig)
    return LabRun(
        title=setup.title,
        provider=f"vm:{guest.accel}",
        kernel=guest.kernel,
        ike=rig.version.replace("charon", "strongSwan"),
        sapper=sapper.__version__,
        tunnels=tuple(_tunnel_run(subject, seen) for subject, seen in zip(subjects, found, strict=True)),
        nodes=setup.topology.nodes_for_report(),
        wires=setup.topology.wires_for_report(),
        shortened=(*timers.sentences(), _LIFETIMES),
        assumptions=tuple(dict.fromkeys(text for side in setup.sides for text in side.plan.assumptions)),
        frames=frames,
        duration_s=time.monotonic() - started,
        guest_boot_s=guest.boot_s,
    )


def _leave(rig: Rig) -> None:
    """Empties the guest; where that fails the guest is gone, and the first failure is the one to report."""
    with contextlib.suppress(LabUnavailable):
        rig.take_down()


def _tunnel_run(subject: Subject, states: list[TunnelState]) -> TunnelRun:
    link = subject.entry.link
    return TunnelRun(
        router=subject.side.name,
        tunnel=subject.entry.name,
        encapsulation=encapsulation_of(link) if link else "none",
        protection="vti" if link is not None and link.kind == "xfrm" else "ipsec",
        states=tuple(states),
    )
