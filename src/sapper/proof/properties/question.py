"""A property asked of one entry: the packets to walk, and what in a walk's end would refute it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sapper.address import Prefix
from sapper.kernel.plan import Link
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import Kernel
from sapper.proof.verdict import Property
from sapper.proof.walk.walk import End


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One packet class: where it appears (``local`` or an interface), and what runs it.

    ``device``: the packet is handed to this tunnel device directly; ``packet`` None is then a frame or a packet
    whose content does not matter. ``network`` is the protected network that the class belongs to.
    """

    enters: str
    packet: Packet | None
    device: Link | None = None
    network: Prefix | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """``ends`` runs one case in one kernel; ``refutes`` says whether an end violates the property.

    ``unknown`` is set where the property cannot be decided at all, and then no case is walked. ``sealed``: whatever is
    not modelled changes nothing.
    """

    property: Property
    cases: tuple[Case, ...]
    ends: Callable[[Kernel, Case], tuple[End, ...]]
    refutes: Callable[[Kernel, End], bool]
    assumptions: tuple[str, ...] = ()
    sealed: bool = False
    unknown: str | None = None
    not_applicable: str | None = None
