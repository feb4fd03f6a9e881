"""LEAK117: the first part of a commit has been carried out, with interfaces and routes, and the firewall comes next.

The routers' Plans are installed without their guards, so that the lab stands where a booting router is for a while.
"""

from __future__ import annotations

import msgspec

from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.measure import measure, subjects_of
from sapper.lab.rig import Rig
from sapper.lab.run import Setup
from sapper.lab.scenario import Point
from sapper.proof.states.situation import rows_for


def first_part_only(setup: Setup) -> Setup:
    """The same routers without guards."""
    sides = tuple(
        msgspec.structs.replace(side, plan=msgspec.structs.replace(side.plan, guards=())) for side in setup.sides
    )
    plans = {**setup.topology.plans, **{side.name: side.plan for side in sides}}
    return msgspec.structs.replace(
        setup, sides=sides, topology=msgspec.structs.replace(setup.topology, plans=plans)
    )


def before_the_firewall(rig: Rig) -> Shown:
    """How many tunnel packets leave in clear while there is no daemon and no firewall."""
    east = rig.sides[0]
    row = next(row for row in rows_for(east.connections) if row.state == "boot")
    states, _ = measure(rig, tuple(subjects_of(rig.topology, east)), Point("boot", {east.name: row}))
    clear = sum(state.clear_outer + state.clear_inner for state in states.values())
    return Shown(count=clear, words=f"boot, no firewall yet: {clear} packets leave in clear")
