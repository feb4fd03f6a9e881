"""What every kind of interface has: addresses, and the options that are the same everywhere.

An address without length becomes a host address, which VyOS refuses and sapper names.
"""

from __future__ import annotations

from typing import Literal

from sapper.address import WIDTH_BITS, Address, Attached
from sapper.model.branch import Assumed, Branch
from sapper.model.interface import Clamp, LinkOptions, SourceValidation

Dynamic = Literal["dhcp", "dhcpv6", "autoconf"]

_PLAIN = LinkOptions()
_VALIDATIONS: dict[str, SourceValidation] = {"strict": "strict", "loose": "loose", "disable": "disable"}
_OPTION_WORDS = frozenset({"vrf", "ip", "ipv6", "disable-link-detect", "mirror", "redirect"})


def attached(branch: Branch, defaulted: list[Assumed]) -> tuple[Attached, ...]:
    """The static addresses of an interface, each once; what is no address is left out."""
    found: dict[Attached, None] = {}
    for value in branch.texts("address"):
        try:
            found[Attached.parse(value.word)] = None
        except ValueError:
            address = address_of(value.word)
            if address is None:
                continue
            width = WIDTH_BITS[address.family]
            found[Attached(address, width)] = None
            message = f"{value.word} has no prefix length; VyOS refuses it, sapper goes on with /{width}"
            defaulted.append(Assumed("CFG303", message, f"{branch.where} address", value.span))
    return tuple(found)


def address_of(text: str | None) -> Address | None:
    """The address in a text that may carry a stray prefix length, or None."""
    try:
        return Address.parse(text.partition("/")[0]) if text is not None else None
    except ValueError:
        return None


def written_address(branch: Branch, word: str) -> Address | None:
    """The address of a leaf in force, a stray prefix length left out."""
    value = branch.in_force(word)
    return address_of(value.word) if value is not None else None


def dynamic(branch: Branch) -> tuple[Dynamic, ...]:
    """How further addresses come at run time."""
    words = {value.word for value in branch.texts("address")}
    found: list[Dynamic] = []
    if "dhcp" in words:
        found.append("dhcp")
    if "dhcpv6" in words:
        found.append("dhcpv6")
    if branch.has("ipv6", "address", "autoconf"):
        found.append("autoconf")
    return tuple(found)


def link_options(branch: Branch) -> LinkOptions:
    """The options of any interface; one record stands for all interfaces that have none."""
    if _OPTION_WORDS.isdisjoint(branch.node.children):
        return _PLAIN
    vrf = branch.text("vrf")
    mirrors = (branch.text("mirror", "ingress"), branch.text("mirror", "egress"))
    return LinkOptions(
        vrf=None if vrf == "default" else vrf,
        mss_ipv4=clamp(branch, "ip", "adjust-mss"),
        mss_ipv6=clamp(branch, "ipv6", "adjust-mss"),
        source_validation_ipv4=_VALIDATIONS.get(branch.text("ip", "source-validation") or ""),
        source_validation_ipv6=_VALIDATIONS.get(branch.text("ipv6", "source-validation") or ""),
        forwarding_ipv4=not branch.has("ip", "disable-forwarding"),
        forwarding_ipv6=not branch.has("ipv6", "disable-forwarding"),
        link_local=not branch.has("ipv6", "address", "no-default-link-local"),
        link_detect=not branch.has("disable-link-detect"),
        mirror=tuple(dict.fromkeys(name for name in mirrors if name is not None)),
        redirect=branch.text("redirect"),
    )


def clamp(branch: Branch, *words: str) -> Clamp | None:
    """An MSS in bytes, or ``pmtu`` for the route's; None where nothing is written."""
    text = branch.text(*words)
    if text in ("clamp-mss-to-pmtu", "pmtu"):
        return "pmtu"
    return branch.number(*words)


def hexadecimal(branch: Branch, *words: str) -> int | None:
    """A number whose digits reach the kernel as hexadecimal, whatever VyOS calls them; None for a word or nothing."""
    text = branch.text(*words)
    try:
        return int(text, 16) if text is not None else None
    except ValueError:
        return None
