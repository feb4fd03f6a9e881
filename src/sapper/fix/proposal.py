"""What a strategy proposes: changes at this end and at the far one, and why."""

from __future__ import annotations

import msgspec

from sapper.config.edit import Change
from sapper.kernel.plan import Guard


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """``near`` and ``far`` are changes in the newest words. ``guards`` and ``far_guards`` are the same as the firewall
    rules among them, for generations whose firewall cannot say them.
    """

    near: tuple[Change, ...] = ()
    far: tuple[Change, ...] = ()
    guards: tuple[Guard, ...] = ()
    far_guards: tuple[Guard, ...] = ()

    def with_more(self, other: Proposal) -> Proposal:
        """Both together."""
        return Proposal(
            near=(*self.near, *other.near),
            far=(*self.far, *other.far),
            guards=(*self.guards, *other.guards),
            far_guards=(*self.far_guards, *other.far_guards),
        )

    def turned(self) -> Proposal:
        """The same, seen from the far end."""
        return Proposal(near=self.far, far=self.near, guards=self.far_guards, far_guards=self.guards)


class Impossible(Exception):
    """Why a strategy cannot be used here, as the end of a sentence."""
