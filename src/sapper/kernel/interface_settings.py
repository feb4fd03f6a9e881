"""What every kind of interface can be told: reverse path filter, forwarding, link-local addresses, MSS of SYNs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from sapper.kernel.plan import MssClamp, Sysctl
from sapper.model.interface import Interface
from sapper.model.router import Router

_RP_FILTER = {"disable": "0", "strict": "1", "loose": "2"}
_NO_LINK_LOCAL = "1"  # include/uapi/linux/if_link.h, IN6_ADDR_GEN_MODE_NONE


def interfaces_of(router: Router) -> Iterator[Interface]:
    """Every interface of the router, whatever its kind."""
    return chain(
        router.ethernets, router.dummies, router.loopbacks, router.bridges, router.tunnels, router.vtis,
        router.wireguards, router.vxlans, router.geneves, router.l2tpv3s, router.pppoes,
    )  # fmt: skip


def sysctls_of(router: Router) -> Iterator[Sysctl]:
    """The kernel settings that interfaces ask for, one by one."""
    for interface in interfaces_of(router):
        name, options = interface.name, interface.options
        if options.source_validation_ipv4 is not None:
            yield Sysctl(f"net.ipv4.conf.{name}.rp_filter", _RP_FILTER[options.source_validation_ipv4])
        if not options.forwarding_ipv4:
            yield Sysctl(f"net.ipv4.conf.{name}.forwarding", "0")
        if not options.forwarding_ipv6:
            yield Sysctl(f"net.ipv6.conf.{name}.forwarding", "0")
        if not options.link_local:
            yield Sysctl(f"net.ipv6.conf.{name}.addr_gen_mode", _NO_LINK_LOCAL)


def clamps_of(router: Router) -> Iterator[MssClamp]:
    """``adjust-mss``: forwarded SYNs that leave by the interface; an MSS is only ever lowered."""
    for interface in interfaces_of(router):
        options = interface.options
        if options.mss_ipv4 is not None:
            size = None if options.mss_ipv4 == "pmtu" else options.mss_ipv4
            yield MssClamp(family=4, bytes=size, out_link=interface.name)
        if options.mss_ipv6 is not None:
            size = None if options.mss_ipv6 == "pmtu" else options.mss_ipv6
            yield MssClamp(family=6, bytes=size, out_link=interface.name)
