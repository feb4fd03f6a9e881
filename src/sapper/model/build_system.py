"""Kernel settings of the tree to settings of the Router: those that are written, and those that an option makes."""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.routing import SysctlSetting

_FORWARDING = (("ip", "net.ipv4.ip_forward"), ("ipv6", "net.ipv6.conf.all.forwarding"))
# What the firewall's options make of routes: redirects that are believed, and sources that say the way.
_BELIEVED = (
    ("receive-redirects", "net.ipv4.conf.all.accept_redirects"),
    ("ipv6-receive-redirects", "net.ipv6.conf.all.accept_redirects"),
    ("ip-src-route", "net.ipv4.conf.all.accept_source_route"),
    ("ipv6-src-route", "net.ipv6.conf.all.accept_source_route"),
)


def build_sysctls(root: Branch) -> tuple[SysctlSetting, ...]:
    """Settings that an option makes, then those that are written, in order of writing."""
    found = []
    for word, name in _FORWARDING:
        option = root.below("system", word, "disable-forwarding")
        if option is not None:
            found.append(SysctlSetting(name, "0", option.origin))
    for word, name in _BELIEVED:
        option = root.below("firewall", "global-options", word)
        if option is not None and root.text("firewall", "global-options", word) == "enable":
            found.append(SysctlSetting(name, "1", option.origin))
    for parameter in root.each("system", "sysctl", "parameter"):
        value = parameter.text("value")
        if value is not None:
            found.append(SysctlSetting(parameter.name, value, parameter.origin))
    return tuple(found)
