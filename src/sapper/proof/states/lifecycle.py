"""The lifecycle of an IPsec connection, as one table: what each state leaves in the kernel.

The states and their meaning are the words of every report; the lab drives a real daemon into each row and compares.
Rows with several causes or variants stand once for each. What a row leaves in place:

* ``policies``: SA are the policies that come with an established SA; TRAP the policies that start_action trap
  installed, where charon accepts it; CLOSE and DPD what close_action or dpd_action adds on top of TRAP.
* ``sa``: whether the states (SPI, keys) are in the kernel.
* ``inbound``: whether the SA's policies are there for what comes in (``in`` and ``fwd``), too. They are not for the
  moments in which charon moves an SA to another address or port: the outbound policy blocks, the inbound ones are gone,
  then come the states, then the policies. A trap's policies stay below (child_sa.c, update; XFRM_MSG_MAPPING, RFC 4555).
* ``routes``: FOLLOW means charon's routes in table 220 are there where their policy is; KEPT means that they are
  still there although the policies are gone.
* ``vti``: RAISED, LOWERED or EITHER. The updown script has lost updates, so that where no SA exists both are
  enumerated; after a crash nobody lowers it.
* ``daemon``: whether charon runs.

Seen on strongSwan 5.9.8 with Linux 6.1; start_action start installs nothing before the SA exists. Unloading a
connection takes back its start action: a trap is uninstalled, and what start_action start has started is closed;
an SA of a connection with start_action none or trap stays (vici_config.c, clear_start_action).
"""

from __future__ import annotations

from enum import Enum, Flag, auto
from typing import Literal

import msgspec

State = Literal[
    "boot", "negotiating", "up", "deleted", "expired", "stopped", "crashed", "restarted", "reloading", "flushed"
]
STATES: tuple[State, ...] = (
    "boot", "negotiating", "up", "deleted", "expired", "stopped", "crashed", "restarted", "reloading", "flushed",
)  # fmt: skip
TAMPERING: frozenset[State] = frozenset({"flushed"})


class Left(Flag):
    """Which policies a row leaves in the kernel."""

    NOTHING = 0
    TRAP = auto()
    SA = auto()
    CLOSE = auto()
    DPD = auto()


class Vti(Enum):
    RAISED = (True,)
    LOWERED = (False,)
    EITHER = (False, True)


class Only(Enum):
    """A row that exists only for some connections."""

    ALWAYS = auto()
    WITH_TRAP = auto()
    WITH_DPD = auto()
    WITH_START = auto()
    WITHOUT_START = auto()
    MOVING = auto()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. ``shared`` rows concern the daemon, and so all its connections at once."""

    state: State
    cause: str | None = None
    variant: str | None = None
    policies: Left
    sa: bool
    vti: Vti
    daemon: bool
    inbound: bool = True
    routes_kept: bool = False
    shared: bool = False
    only: Only = Only.ALWAYS

    @property
    def label(self) -> str:
        """``deleted (peer)``, ``crashed (lifetime passed)`` …"""
        extra = ", ".join(word for word in (self.cause, self.variant) if word)
        return f"{self.state} ({extra})" if extra else self.state

    @property
    def momentary(self) -> bool:
        """It is over in milliseconds: nobody can drive a daemon into it and measure there."""
        return not self.inbound


_NOTHING, _TRAP, _SA = Left.NOTHING, Left.TRAP, Left.SA
# fmt: off
TABLE: tuple[Row, ...] = (
    Row(state="boot",                                 policies=_NOTHING,         sa=False, vti=Vti.LOWERED, daemon=False, shared=True),
    Row(state="negotiating",                          policies=_TRAP,            sa=False, vti=Vti.EITHER,  daemon=True),
    Row(state="up",                                   policies=_TRAP | _SA,      sa=True,  vti=Vti.RAISED,  daemon=True),
    Row(state="up", cause="moved",                    policies=_TRAP | _SA,      sa=False, vti=Vti.RAISED,  daemon=True, inbound=False, only=Only.MOVING),
    Row(state="deleted", cause="local",               policies=_TRAP,            sa=False, vti=Vti.EITHER,  daemon=True),
    Row(state="deleted", cause="peer",                policies=_TRAP | Left.CLOSE, sa=False, vti=Vti.EITHER, daemon=True),
    Row(state="deleted", cause="dpd",                 policies=_TRAP | Left.DPD, sa=False, vti=Vti.EITHER,  daemon=True, only=Only.WITH_DPD),
    Row(state="expired",                              policies=_TRAP,            sa=False, vti=Vti.EITHER,  daemon=True),
    Row(state="stopped",                              policies=_NOTHING,         sa=False, vti=Vti.EITHER,  daemon=False, shared=True),
    Row(state="crashed",                              policies=_TRAP | _SA,      sa=True,  vti=Vti.RAISED,  daemon=False, shared=True),
    Row(state="crashed", variant="lifetime passed",   policies=_TRAP | _SA,      sa=False, vti=Vti.RAISED,  daemon=False, shared=True),
    Row(state="restarted",                            policies=_TRAP | _SA,      sa=True,  vti=Vti.RAISED,  daemon=True, shared=True),
    Row(state="restarted", variant="lifetime passed", policies=_TRAP | _SA,      sa=False, vti=Vti.RAISED,  daemon=True, shared=True),
    Row(state="reloading", variant="SA kept",         policies=_SA,              sa=True,  vti=Vti.RAISED,  daemon=True, shared=True, only=Only.WITHOUT_START),
    Row(state="reloading", variant="SA closed",       policies=_NOTHING,         sa=False, vti=Vti.EITHER,  daemon=True, shared=True, only=Only.WITH_START),
    Row(state="reloading", variant="before an SA",    policies=_NOTHING,         sa=False, vti=Vti.EITHER,  daemon=True, shared=True, only=Only.WITH_TRAP),
    Row(state="flushed",                              policies=_NOTHING,         sa=False, vti=Vti.RAISED,  daemon=True, routes_kept=True, shared=True),
)
# fmt: on


def trap_installed(
    row: Row, *, start_action: str, close_action: str, dpd_action: str | None, accepted: bool, passing: bool = False
) -> bool:
    """Whether a child's trap policies are in the kernel in that row.

    ``accepted``: charon takes the trap at all; it refuses one in tunnel mode whose remote address is any. A
    ``passing`` child (bypass policy) is installed with its trap and goes with the daemon.
    """
    if not accepted or Left.TRAP not in row.policies:
        return False
    if passing:
        return start_action == "trap"
    return (
        (start_action == "trap")
        or (Left.CLOSE in row.policies and close_action == "trap")
        or (Left.DPD in row.policies and dpd_action == "trap")
    )


def sa_policies_installed(row: Row) -> bool:
    """Whether the policies of an established SA are in the kernel in that row; at least the outbound ones."""
    return Left.SA in row.policies


MOVED = next(row for row in TABLE if not row.inbound)
