"""What a person states about a router beside its configuration: what to protect, and which interfaces to trust.

Comes from comments in the text (:mod:`sapper.model.directive`) and from ``sapper.toml`` (:mod:`sapper.model.project`),
goes through the Router into the Plan, and is read by the proof only. A statement can make more to be protected;
``trusted`` alone makes a verdict milder, and every report that relies on it lists it among its assumptions.
"""

from __future__ import annotations

import msgspec

from sapper.address import Prefix


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """``protect``: networks of every tunnel; ``tunnels``: devices to protect whatever IPsec says of them.

    ``trusted`` are interfaces that no eavesdropper sits on.
    """

    protect: tuple[Prefix, ...] = ()
    tunnels: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()

    def with_more(self, other: Stated) -> Stated:
        """Both statements together."""
        return Stated(
            protect=tuple(dict.fromkeys((*self.protect, *other.protect))),
            tunnels=tuple(dict.fromkeys((*self.tunnels, *other.tunnels))),
            trusted=tuple(dict.fromkeys((*self.trusted, *other.trusted))),
        )
