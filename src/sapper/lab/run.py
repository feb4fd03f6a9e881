"""A lab run: a pair of routers through every lifecycle state on a real kernel with a real IKE daemon."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

import sapper
from sapper.lab.guest import Guest
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.pairing import End, UnusablePair, pair
from sapper.lab.result import CapturedFrame, LabRun, TunnelRun, TunnelState
from sapper.lab.rig import Rig, Side
from sapper.lab.scenario import drive
from sapper.lab.swanctl import Timers
from sapper.lab.topology import Topology, infer
from sapper.proof.lifecycle import STATES

Progress = Callable[[str], None]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that is ready to run."""

    title: str
    topology: Topology
    sides: tuple[Side, Side]


def prepare(title: str, first: End, second: End, behind_nat: str | None = None) -> Setup:
    """Everything about a pair that needs no guest. Raises UnusablePair with one line."""
    sides = pair(first, second, behind_nat)
    try:
        topology = infer(sides[0].plan, sides[1].plan, behind_nat)
    except ValueError as error:
        raise UnusablePair(str(error)) from error
    real = tuple(
        Side(name=side.name, plan=topology.plans[side.name], connections=side.connections) for side in sides
    )
    return Setup(title=title, topology=topology, sides=(real[0], real[1]))


def run_pair(setup: Setup, guest: Guest, progress: Progress, states: frozenset[str] = frozenset(STATES)) -> LabRun:
    """Drives the pair through the wanted states in a booted guest, and leaves the guest empty again."""
    started = time.monotonic()
    timers = Timers()
    rig = Rig(guest, setup.topology, setup.sides, timers)
    subjects = tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))
    if not subjects:
        raise UnusablePair(
            f"{setup.title}: no tunnel, VTI or connection of the two routers is meant to be protected"
        )
    found: list[list[TunnelState]] = [[] for _ in subjects]
    frames: dict[str, tuple[CapturedFrame, ...]] = {}
    try:
        rig.build()
        for point in drive(rig, states, lambda label: progress(f"{setup.title}: {label}")):
            measured, frames[point.label] = measure(rig, subjects, point)
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
        tunnels=tuple(_tunnel_run(subject, states) for subject, states in zip(subjects, found, strict=True)),
        nodes=setup.topology.nodes_for_report(),
        wires=setup.topology.wires_for_report(),
        shortened=(*timers.sentences(), "hard lifetime 3 s for expired, 9 s for crashed and restarted"),
        assumptions=tuple(dict.fromkeys(text for side in setup.sides for text in side.plan.assumptions)),
        frames=frames,
        duration_s=time.monotonic() - started,
        guest_boot_s=guest.boot_s,
    )


def _leave(rig: Rig) -> None:
    """Empties the guest; where that fails the guest is gone, and the first failure is the one to report."""
    import contextlib

    from sapper.lab.unavailable import LabUnavailable

    with contextlib.suppress(LabUnavailable):
        rig.take_down()


def _tunnel_run(subject: Subject, states: list[TunnelState]) -> TunnelRun:
    from sapper.kernel.links import encapsulation_of

    link = subject.entry.link
    return TunnelRun(
        router=subject.side.name,
        tunnel=subject.entry.name,
        encapsulation=encapsulation_of(link) if link else "none",
        protection="vti" if link is not None and link.kind == "xfrm" else "ipsec",
        states=tuple(states),
    )
