"""Every fault by its word in a scenario file."""

from __future__ import annotations

from sapper.lab.faults.announced_route import AnnouncedRoute
from sapper.lab.faults.attacked import Attacked
from sapper.lab.faults.clock_jump import ClockJump
from sapper.lab.faults.daemon_killed import DaemonKilled, KilledNegotiating
from sapper.lab.faults.default_route import DefaultRouteGone, DefaultRouteReplaced
from sapper.lab.faults.expired import Expired, ShortLife
from sapper.lab.faults.fault import Fault
from sapper.lab.faults.flushed import Flushed
from sapper.lab.faults.link_down import LinkDeleted, LinkDown
from sapper.lab.faults.nat_rebinding import NatAddress, NatPorts
from sapper.lab.faults.rebooted import Rebooted
from sapper.lab.faults.rekeyed import Rekeyed
from sapper.lab.faults.too_big import TooBig
from sapper.lab.faults.traffic import Sent
from sapper.lab.faults.wan_cut import WanCut

_ALL: tuple[type[Fault], ...] = (
    WanCut,
    DefaultRouteGone,
    DefaultRouteReplaced,
    AnnouncedRoute,
    DaemonKilled,
    KilledNegotiating,
    Rebooted,
    NatPorts,
    NatAddress,
    Rekeyed,
    ClockJump,
    ShortLife,
    Expired,
    Flushed,
    LinkDown,
    LinkDeleted,
    Attacked,
    TooBig,
    Sent,
)
FAULTS: dict[str, type[Fault]] = {fault.name: fault for fault in _ALL}
