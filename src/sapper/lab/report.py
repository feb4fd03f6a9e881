"""What a lab run tells, as the JSON document "sapper/lab/1".

The keys are the stable surface; the records here are apart from the lab's own results, so that a field added there
does not become public by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from sapper.lab.result import LabRun, TunnelRun, TunnelState
from sapper.lab.situations import SituationReport, situation_reports


class StateReport(msgspec.Struct, frozen=True, kw_only=True):
    """One situation of one tunnel; the keys are the contract's."""

    state: str
    cause: str | None
    variant: str | None
    sent: int
    delivered: int
    esp: int
    clear_outer: int
    clear_inner: int
    injected: int
    decapsulated: int
    seen: dict[str, str]
    predicted: dict[str, str]
    agrees: bool
    trace: tuple[str, ...]
    events: tuple[str, ...]


class TunnelReport(msgspec.Struct, frozen=True, kw_only=True):
    setup: str
    router: str
    tunnel: str
    encapsulation: str
    protection: str
    far: str | None
    states: tuple[StateReport, ...]


class LabReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. ``shortened`` names the lifetimes and timers that the lab made shorter."""

    schema: Literal["sapper/lab/1"] = "sapper/lab/1"
    provider: str
    kernel: str
    ike: str
    sapper: str
    tunnels: tuple[TunnelReport, ...]
    disagreements: int
    shortened: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    duration_s: float = 0.0
    versions: dict[str, str] = {}
    situations: tuple[SituationReport, ...] = ()


def lab_report(runs: Sequence[LabRun]) -> LabReport:
    """The JSON document of one or more runs on one provider. ``runs`` is not empty."""
    return LabReport(
        provider=joined(run.provider for run in runs),
        kernel=joined(run.kernel for run in runs),
        ike=joined(run.ike for run in runs),
        sapper=joined(run.sapper for run in runs),
        tunnels=tuple(_tunnel_report(run, tunnel) for run in runs for tunnel in run.tunnels),
        disagreements=sum(run.disagreements for run in runs),
        shortened=tuple(dict.fromkeys(text for run in runs for text in run.shortened)),
        assumptions=tuple(dict.fromkeys(text for run in runs for text in run.assumptions)),
        duration_s=round(sum(run.duration_s for run in runs), 1),
        versions=versions_of(runs),
        situations=tuple(situation for run in runs for situation in situation_reports(run)),
    )


def _tunnel_report(run: LabRun, tunnel: TunnelRun) -> TunnelReport:
    return TunnelReport(
        setup=run.title,
        router=tunnel.router,
        tunnel=tunnel.tunnel,
        encapsulation=tunnel.encapsulation,
        protection=tunnel.protection,
        far=tunnel.far,
        states=tuple(_state_report(state) for state in tunnel.states),
    )


def _state_report(state: TunnelState) -> StateReport:
    # The records have the same fields; a new one in the result is a deliberate decision here.
    return StateReport(**{name: getattr(state, name) for name in StateReport.__struct_fields__})


def versions_of(runs: Sequence[LabRun]) -> dict[str, str]:
    """Kernel, strongSwan, iproute2, nftables, QEMU: exactly what the runs ran on, to repeat them elsewhere."""
    names = dict.fromkeys(name for run in runs for name in run.versions)
    return {name: joined(run.versions[name] for run in runs if name in run.versions) for name in names}


def joined(texts: Iterable[str]) -> str:
    """The distinct texts in order, for versions that are the same in every run."""
    return ", ".join(dict.fromkeys(texts))
