"""Why there is no guest: one exception per cause, each with a message of one line.

The command line prints the message and exits with 3 (the system refused); nothing here is a traceback for a user.
"""

from __future__ import annotations


class LabUnavailable(Exception):
    """The lab cannot run on this machine as it is: no packages, no network, no disk, no QEMU."""


class GuestDied(LabUnavailable):
    """QEMU or the agent in the guest ended although nobody asked for it."""


class GuestHung(LabUnavailable):
    """The guest did not answer within its deadline."""
