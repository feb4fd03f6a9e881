"""Value types of names: interfaces, VRFs, hosts, groups.

An interface may be anything that the kernel has, so only what no kernel takes is refused. A VRF must not look like
an interface, because both share the kernel's names. Source: VyOS' validators interface-name, vrf-name and fqdn.
"""

from __future__ import annotations

import re

from sapper.schema.value import Refusal, ValueType, matching

_INTERFACE_LIKE = re.compile(
    r"[0-9].*|(bond|br|dum|eth|lan|eno|ens|enp|enx|gnv|ipoe|l2tp|l2tpeth|vtun|ppp|pppoe|peth|tun|vti|vxlan|wg|wlan|wwan)"
    r"[0-9]+(\.[0-9]+(v.+)?)?"
)
_RESERVED = frozenset(
    {"add", "all", "broadcast", "default", "delete", "dev", "get", "inet", "mtu", "link", "type", "vrf"}
)
LONGEST_NAME = 15
"""Characters that the kernel keeps of a link's name (IFNAMSIZ without the final zero)."""


def _vrf(text: str) -> Refusal:
    if not 1 <= len(text) <= LONGEST_NAME or any(character.isspace() or character == "/" for character in text):
        return f"is not a VRF name of 1-{LONGEST_NAME} characters"
    return "looks like an interface and is no VRF name" if text == "lo" or _INTERFACE_LIKE.fullmatch(text) else None


def _new_vrf(text: str) -> Refusal:
    return "is a reserved word and no VRF name" if text in _RESERVED else _vrf(text)


def _vrf_or_default(text: str) -> Refusal:
    return None if text == "default" else _vrf(text)


INTERFACE = matching("an interface name", r"[a-zA-Z][a-zA-Z0-9_-]*(\.[0-9]+){0,2}")
INTERFACE_MATCH = matching("an interface name, also with ! before or * after it", r"!?[a-zA-Z][a-zA-Z0-9_.-]*\*?")
VRF = ValueType(f"VRF name of 1-{LONGEST_NAME} characters, unlike an interface's", _vrf)
NEW_VRF = ValueType(VRF.name, _new_vrf)
VRF_OR_DEFAULT = ValueType("VRF name or default", _vrf_or_default, ("default",))
FQDN = matching("a host name", r"[A-Za-z0-9][A-Za-z0-9.-]*")
GROUP = matching("the name of a group, also with !", r"!?[A-Za-z0-9_][A-Za-z0-9_.:-]*")
