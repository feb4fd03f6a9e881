"""Short ways to write a configuration, and the severities that one code has in it."""

from __future__ import annotations

from subject_from_text import subject_of

from sapper.rules.finding import Finding
from sapper.rules.register import RULES

_FINDERS = {module.RULE.code: module for module in RULES}
IPV6 = ("ipip6", "ip6ip6", "ip6gre", "ip6gretap", "ip6erspan")


def lines(above: str, *options: str) -> str:
    """``set`` commands of the options below one path."""
    return "".join(f"set {above} {option}".rstrip() + "\n" for option in options)


def tunnel(encapsulation: str, *options: str, name: str = "tun0") -> str:
    """A complete tunnel of that encapsulation, its ends of the right family, and these options."""
    if encapsulation in IPV6:
        ends = ("source-address 2001:db8::10", "remote 2001:db8::20")
    else:
        ends = ("source-address 192.0.2.10", "remote 203.0.113.20")
    return lines(f"interfaces tunnel {name}", f"encapsulation {encapsulation}", *ends, *options)


def footer(interfaces: int, ipsec: int = 13) -> str:
    """The version footer of a saved configuration."""
    return (
        "// Warning: Do not remove the following line.\n"
        f'// vyos-config-version: "interfaces@{interfaces}:ipsec@{ipsec}"\n'
        "// Release version: rolling\n"
    )


def found(text: str, code: str) -> list[Finding]:
    """The findings of one rule alone, in order of their places."""
    return sorted(_FINDERS[code].find(subject_of(text)), key=lambda finding: finding.span)


def severities(text: str, code: str) -> list[str]:
    return [finding.severity for finding in found(text, code)]
