"""The part of one kernel that a packet can meet: the reference walk scans every route and policy that it is given.

A walk looks up the packet's destination and source, where destination NAT sends it, and the far ends of the devices and of
the policies that it meets on the way.
What selects none of these addresses is never met, so a kernel without it gives the same ends. The tests compare both.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Route
from sapper.proof.facts.by_prefix import ByPrefix
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import Kernel, Policy


class Parts:
    """Of one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._routes = {
            table: ByPrefix((route.prefix, route) for route in routes) for table, routes in kernel.tables.items()
        }
        self._towards = ByPrefix((policy.destination.prefix, policy) for policy in kernel.policies)
        self._from = ByPrefix((policy.source.prefix, policy) for policy in kernel.policies)

    def met_by(self, packet: Packet | None, device: Link | None) -> Kernel:
        """What a packet meets, or a frame, which may be handed to that device."""
        routes: dict[int, dict[int, Route]] = {table: {} for table in self._routes}
        policies: dict[int, Policy] = {}
        seen: set[Address] = set()
        open_ = [packet.destination] if packet is not None else []
        open_ += [packet.source] if packet is not None and packet.source is not None else []
        open_ += self._beyond(device)
        if packet is not None and packet.family == 4:
            # Wherever destination NAT may send it; the checks of routing look its source up.
            open_ += [aim.to for aim in self._kernel.aims if aim.to is not None]
        while open_:
            address = open_.pop()
            if address in seen:
                continue
            seen.add(address)
            for table, held in self._routes.items():
                for at, route in held.holding(address):
                    routes[table][at] = route
                    open_ += self._beyond(self._kernel.links.get(route.link or ""))
            for at, policy in (*self._towards.holding(address), *self._from.holding(address)):
                policies[at] = policy
                if policy.remote_end is not None:
                    open_.append(policy.remote_end)
        return msgspec.structs.replace(
            self._kernel,
            tables={table: tuple(found[at] for at in sorted(found)) for table, found in routes.items()},
            policies=tuple(policies[at] for at in sorted(policies)),
        )

    def _beyond(self, device: Link | None) -> list[Address]:
        """Where a device sends its outer packets, and the devices that it is bound to theirs."""
        found: list[Address] = []
        seen: set[str] = set()
        while device is not None and device.name not in seen:
            seen.add(device.name)
            outer = ends_of(device)
            if outer is None:
                break
            found += outer.remotes
            device = self._kernel.links.get(outer.link or "")
        return found
