"""The guards of a Router in nftables' terms, in the order in which the kernel asks them."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Guard
from sapper.model.router import Router


def guards_of(router: Router) -> Iterator[Guard]:
    """Every guard of the firewall; which rules are guards is the model's business."""
    for rule in router.guards:
        yield Guard(
            name=rule.origin.path,
            hook=rule.hook,
            family=rule.family,
            source=rule.source,
            destination=rule.destination,
            protocol=rule.protocol,
            link=rule.link,
            raw=rule.raw,
        )
