"""The events of a scenario that are no faults: what an administrator, a daemon or the time does."""

from __future__ import annotations

import time
from collections.abc import Callable

from sapper.lab.rig import LabFailed, Rig, Side

_GONE_S = 20.0
Argument = float | bool | str | None


def _up(rig: Rig, only: Side | None, _: Argument) -> None:
    rig.start()
    rig.load()
    _initiate(rig, only, None)


def _initiate(rig: Rig, only: Side | None, _: Argument) -> None:
    rig.establish()
    rig.starting = False  # the start actions have done their work: the next time nobody need wait for them


def _terminate(rig: Rig, only: Side | None, _: Argument) -> None:
    for side in [only] if only else rig.sides:
        rig.terminate(side)


def _wait_gone(rig: Rig, only: Side | None, _: Argument) -> None:
    if not rig.wait_gone(_GONE_S, only=[only.name] if only else None):
        raise LabFailed(f"the SA is still there after {_GONE_S:.0f} s")


EVENTS: dict[str, Callable[[Rig, Side | None, Argument], None]] = {
    "up": _up,
    "start": lambda rig, only, _: rig.start(only),
    "load": lambda rig, only, _: rig.load(only=only),
    "unload": lambda rig, only, _: rig.unload(only),
    "initiate": _initiate,
    "terminate": _terminate,
    "stop": lambda rig, only, _: rig.stop(only),
    "wait-gone": _wait_gone,
    "block-ike": lambda rig, only, on: rig.block_ike(bool(on)),
    "wait": lambda rig, only, seconds: time.sleep(float(seconds or 0)),
}
"""Each does its work on one router (None: on all) with the step's argument. Raises LabFailed."""
