"""What decides a packet's way beside interfaces: VRFs, static routes, NAT, policies, kernel settings."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Prefix
from sapper.model.interface import Clamp
from sapper.model.origin import Origin

RouteKind = Literal["unicast", "blackhole", "unreachable"]


class Vrf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    table: int
    disabled: bool = False


class StaticRoute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One way for one prefix. ``unicast`` has a next hop, an interface, or both."""

    prefix: Prefix
    origin: Origin
    kind: RouteKind = "unicast"
    next_hop: Address | None = None
    interface: str | None = None
    distance: int = 1
    table: int = 254
    vrf: str | None = None
    next_hop_vrf: str | None = None
    dhcp_interface: str | None = None


class SourceNat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ``nat source rule``. ``translation`` None with ``exclude`` False means masquerade.

    ``protocol`` None means all; ``negated`` names the matches written with ``!`` (``source``, ``destination``,
    ``protocol``, ``outbound``).
    """

    number: int
    origin: Origin
    outbound: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    negated: tuple[str, ...] = ()
    translation: Address | None = None
    translation_port: str | None = None
    exclude: bool = False
    unmodelled: tuple[str, ...] = ()


class DestinationNat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ``nat destination rule``. ``translation`` None with ``exclude`` False: only ports change, or a redirect."""

    number: int
    origin: Origin
    inbound: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    destination_port: str | None = None
    negated: tuple[str, ...] = ()
    translation: Address | None = None
    translation_port: str | None = None
    exclude: bool = False
    unmodelled: tuple[str, ...] = ()


class PolicyRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A rule of a ``policy route``: what it matches, and what it sets on a match.

    ``table`` is a number or ``main``; ``mss`` overwrites the MSS of a SYN (it can raise it); ``unmodelled`` names
    matches that sapper does not know: the rule may match less.
    """

    number: int
    origin: Origin
    action: Literal["accept", "reject", "return", "drop"] | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    syn: bool = False
    table: int | None = None
    vrf: str | None = None
    mark: int | None = None
    mss: Clamp | None = None
    ipsec: tuple[Literal["in", "none-in", "out", "none-out"], ...] = ()
    negated: tuple[str, ...] = ()
    unmodelled: tuple[str, ...] = ()
    disabled: bool = False


class PolicyRoute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``policy route NAME`` (family 4) or ``policy route6 NAME``: looked at by packets that enter ``interfaces``."""

    name: str
    origin: Origin
    family: Literal[4, 6]
    interfaces: tuple[str, ...] = ()
    rules: tuple[PolicyRule, ...] = ()


class SysctlSetting(msgspec.Struct, frozen=True, gc=False):
    """``system sysctl parameter NAME value V``."""

    name: str
    value: str
    origin: Origin
