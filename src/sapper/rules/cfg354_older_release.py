"""CFG354: what a tunnel may not have in the older release that its text is written for.

Asked of the text as it was written, before any upgrade, and only in its own release's terms: 1.3 and later take
most of it. Source: the verify rules of VyOS 1.1 to 1.3's tunnel scripts and the differences of their schemas.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.generation import recognise_generation
from sapper.config.tree import Node
from sapper.model.branch import Branch, first_span
from sapper.rules.devices import addresses
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_OLD = """\
set interfaces tunnel tun0 address 10.0.0.1/30
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 local-ip 192.0.2.10
set interfaces tunnel tun0 remote-ip 203.0.113.20
"""

RULE = Rule(
    code="CFG354",
    title="a tunnel option that the text's own release refuses",
    severity="error",
    why=(
        "VyOS 1.1 and 1.2 refuse local-ip beside dhcp-interface, a key with anything but gre, ttl and tos with "
        "anything but gre, sit and ipip, a bridge-group with anything but gre-bridge, an IPv6 address on "
        "multipoint gre, and the encapsulations that came later; 1.1 refuses keys above 999999, and all before 1.4 "
        "an MTU above 8024."
    ),
    bad=_OLD + "set interfaces tunnel tun0 dhcp-interface eth0\n",
    good=_OLD,
)

_MTU_BYTES = 8024
_KEY_OF_1_1 = 999_999
_ENCAPSULATIONS = frozenset({"gre", "gre-bridge", "ipip", "sit", "ipip6", "ip6ip6", "ip6gre"})
_LATER = frozenset({"gretap", "ip6gretap", "erspan", "ip6erspan"})
_WITH_TTL = frozenset({"gre", "sit", "ipip"})
_OWN_RULES_OF_KEY = frozenset({"gre", "ipip", "sit"})


def find(subject: Subject) -> Iterator[Finding]:
    generation = recognise_generation(subject.document)
    if generation >= "1.4":
        return
    for tunnel in Branch((), subject.document.root).each("interfaces", "tunnel"):
        mtu = tunnel.in_force("mtu")
        if mtu is not None and _number(mtu) > _MTU_BYTES:
            yield _found(tunnel, f"mtu {mtu.word}: VyOS {generation} refuses more than {_MTU_BYTES}", mtu, "mtu")
        if generation < "1.3":
            yield from _until_1_2(tunnel, generation)


def _until_1_2(tunnel: Branch, generation: str) -> Iterator[Finding]:
    refuses = f"VyOS {generation} refuses it"
    written = tunnel.in_force("encapsulation")
    encapsulation = written.word if written is not None else None
    leased = tunnel.in_force("dhcp-interface")
    if leased is not None and tunnel.has("local-ip"):
        yield _found(tunnel, f"local-ip and dhcp-interface: {refuses}; one of them", leased, "dhcp-interface")
    if written is not None and written.word in _LATER:
        yield _found(tunnel, f"encapsulation {written.word}: {refuses}; 1.3 has it", written, "encapsulation")
    if encapsulation in _ENCAPSULATIONS:
        yield from _parameters(tunnel, encapsulation, refuses)
    if encapsulation == "gre" and not tunnel.has("remote-ip") and not tunnel.has("remote"):
        for address, value in addresses(tunnel):
            if address.family == 6:
                yield _found(tunnel, f"{value.word} on multipoint gre: {refuses}", value, "address")
    key = tunnel.in_force("parameters", "ip", "key")
    if key is not None and generation == "1.1" and _number(key) > _KEY_OF_1_1:
        yield _found(
            tunnel, f"key {key.word}: {refuses}, the most is {_KEY_OF_1_1}", key, "parameters", "ip", "key"
        )


def _parameters(tunnel: Branch, encapsulation: str, refuses: str) -> Iterator[Finding]:
    """Options that go with some encapsulations only. A key with ipip or sit is refused in all releases: CFG318."""
    takers = (
        ("key", _OWN_RULES_OF_KEY, "gre"),
        ("ttl", _WITH_TTL, "gre, sit and ipip"),
        ("tos", _WITH_TTL, "gre, sit and ipip"),
        ("bridge-group", frozenset({"gre-bridge"}), "gre-bridge"),
    )
    for word, allowed, said in takers:
        option = tunnel.below("parameters", "ip", word)
        if option is not None and encapsulation not in allowed:
            message = f"{word} with {encapsulation}: {refuses}; {said} may have it"
            value = tunnel.in_force("parameters", "ip", word) or option.node
            yield _found(tunnel, message, value, "parameters", "ip", word)


def _found(tunnel: Branch, what: str, value: Node, *words: str) -> Finding:
    return RULE.finding(f"{tunnel.name} has {what}", " ".join((*tunnel.path, *words)), first_span(value))


def _number(value: Node) -> int:
    """The number of a node, 0 where it is none."""
    word = value.word
    return int(word[:20]) if word.isascii() and word.isdigit() else 0
