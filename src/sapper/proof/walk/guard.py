"""Guards: nftables rules that drop what IPsec does not protect, asked before the packet leaves or is taken in.

On the way out ``rt ipsec`` asks whether the packet's route leads through a policy with a state (net/netfilter/nft_rt.c,
nft_rt_get_eval); routing has asked XFRM before the output and forward hooks, and source NAT comes after them. An ESP
packet is sent through the output hook anew, and its own route has no policy, so a guard for every protocol stops it,
too. On the way in ``meta ipsec`` asks whether the packet came out of an SA (skb_sec_path).
"""

from __future__ import annotations

from typing import Literal

from sapper.kernel.plan import Guard
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import Kernel

Way = Literal["output", "forward"]


def way_of(kernel: Kernel, packet: Packet) -> Way:
    """Through which hook a packet goes out: the router's own, known by its source, or one that it forwards."""
    return "output" if packet.source is None or packet.source in kernel.local else "forward"


def stopped_on_the_way_out(kernel: Kernel, way: Way, packet: Packet, link: str) -> Guard | None:
    """The guard that drops a packet which leaves by that link and will not be encrypted; None if none does."""
    return _first(kernel, (way,), packet, link)


def stopped_before_routing(kernel: Kernel, packet: Packet, link: str | None) -> Guard | None:
    """The guard that drops a packet in clear before anybody asks whom it is for; ``link`` None: by any that it may be."""
    return _first(kernel, ("prerouting",), packet, link or "")


def stopped_on_the_way_in(kernel: Kernel, packet: Packet, link: str) -> Guard | None:
    """The guard that drops a packet for this router which came in by that link and was not decrypted."""
    return _first(kernel, ("prerouting", "input"), packet, link)


def _first(kernel: Kernel, hooks: tuple[str, ...], packet: Packet, link: str) -> Guard | None:
    return next((guard for guard in kernel.guards if guard.hook in hooks and _fits(guard, packet, link)), None)


def _fits(guard: Guard, packet: Packet, link: str) -> bool:
    if guard.family != packet.family or (guard.link is not None and guard.link != link):
        return False
    if guard.protocol is not None and guard.protocol != packet.protocol:
        return False
    if guard.source is not None and (packet.source is None or packet.source not in guard.source):
        return False
    return guard.destination is None or packet.destination in guard.destination
