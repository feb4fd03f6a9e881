"""What the schema calls modelled is in the Router: with the option set, a Router differs from one without it.

Each option is set, to something else than its default, in every context that stands for its feature; one context in
which the Router differs is enough. The exceptions are listed with their reasons, and none of them is left over.
"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legal_values import good_values, legal_path, tree_of

from sapper.model.build import build
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.schema.option import Option
from sapper.schema.register import OPTIONS

MODELLED = [option for option in OPTIONS if option.standing == "modelled"]
NAMED = [option for option in MODELLED if option.kind == "tag"]
FILLED = {tag.path for tag in NAMED if any(option.path.startswith(f"{tag.path} *") for option in MODELLED)}
"""Tags that count by what stands below them: a name alone need not make anything."""

ASKED = [option for option in MODELLED if option.path not in FILLED]
ENCAPSULATIONS = ("gre", "gretap", "ipip", "sit", "ip6gre", "ip6ip6", "erspan", "ip6erspan")
ENDS = {
    4: ("source-address 192.0.2.1", "remote 203.0.113.9"),
    6: ("source-address 2001:db8::1", "remote 2001:db8::9"),
}
PEER = "vpn ipsec site-to-site peer west"
KEY = "vpn ipsec authentication psk"

EXCEPTIONS = {
    "vpn ipsec profile * authentication mode": "it has one value only, and whether there is a key says the same",
}
"""Modelled words of which the Router need not change, each with the reason."""


def tunnel_contexts() -> list[list[str]]:
    contexts = []
    for encapsulation in ENCAPSULATIONS:
        ends = ENDS[6 if encapsulation.startswith("ip6") else 4]
        lines = [f"encapsulation {encapsulation}", *ends]
        contexts.append([f"interfaces tunnel {{}} {line}" for line in lines])
    return contexts


CONTEXTS: dict[str, list[list[str]]] = {
    "interfaces tunnel": [*tunnel_contexts(), []],
    "interfaces tunnel * 6rd-relay-prefix": [
        ["interfaces tunnel {} encapsulation sit", "interfaces tunnel {} 6rd-prefix 2001:db8::/32"]
    ],
    "interfaces vxlan": [["interfaces vxlan {} vlan-to-vni 2 vni 7"], ["interfaces vxlan {} vlan-to-vni 1"]],
    "vrf": [["vrf name {} table 200"], []],
    "vpn ipsec authentication psk": [
        [f"{PEER} remote-address 192.0.2.1", f"{KEY} {{}} secret x"],
        [f"{PEER} remote-address 192.0.2.1", f"{KEY} {{}} id 192.0.2.1"],
    ],
    "vpn ipsec esp-group": [[f"{PEER} default-esp-group {{}}", f"{PEER} tunnel 1 protocol gre"]],
    "vpn ipsec ike-group": [[f"{PEER} ike-group {{}}"]],
    "vpn ipsec site-to-site": [
        [
            "vpn ipsec site-to-site peer {} vti bind vti3",
            "vpn ipsec site-to-site peer {} tunnel 1 protocol gre",
            "vpn ipsec esp-group west mode transport",
            "vpn ipsec ike-group west lifetime 100",
            "vpn ipsec ike-group west proposal 1",
        ],
        [],
    ],
    "vpn ipsec profile": [
        ["vpn ipsec esp-group west mode transport", "vpn ipsec ike-group west lifetime 100"],
    ],
    "protocols nhrp": [
        ["protocols nhrp tunnel {} map 192.0.2.1 nbma-address west"],
        [],
    ],
}


def contexts_of(option: Option) -> list[list[str]]:
    """The contexts of the longest matching feature, ``{}`` in them replaced by the option's first name."""
    stems = [stem for stem in CONTEXTS if option.path == stem or option.path.startswith(stem + " ")]
    name = next((good for word, good in zip(option.words, legal_path(option), strict=True) if word == "*"), "")
    contexts = CONTEXTS[max(stems, key=len)] if stems else [[]]
    return [[line.replace("{}", name) for line in context] for context in contexts]


def bare(router: Router) -> str:
    """All that the Router says beside places, secrets told apart, ``unmodelled`` left out."""

    def plain(value: object) -> object:
        if isinstance(value, Origin):
            return None
        if isinstance(value, tuple):
            return tuple(plain(item) for item in value)
        if isinstance(value, msgspec.Struct):
            fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
            return (type(value).__name__, fields)
        return (str(value), hash(value))

    return repr(plain(msgspec.structs.replace(router, unmodelled=())))


def router_of(lines: list[str | list[str]], generation: str) -> str:
    return bare(build(tree_of(*lines), generation, "east").router)


def lines_that_set(option: Option) -> list[list[str]]:
    path = legal_path(option)
    if option.kind in ("flag", "node"):
        return [path]
    return [[*path, value] for value in good_values(option)]


def instance_of(option: Option) -> list[str]:
    """The path of the innermost named thing that the option belongs to."""
    words = option.words[:-1]
    depth = max((index for index, word in enumerate(words) if word == "*"), default=-1)
    return legal_path(option)[: depth + 1]


def is_carried(option: Option) -> bool:
    for generation in ("1.4", "1.2"):
        for context in contexts_of(option):
            above = instance_of(option)
            without = router_of([*context, above], generation)
            for line in lines_that_set(option):
                if router_of([*context, above, line], generation) != without:
                    return True
    return False


@pytest.mark.parametrize("option", ASKED, ids=lambda option: option.path)
def test_a_modelled_option_changes_the_router(option: Option) -> None:
    assert is_carried(option) != (option.path in EXCEPTIONS)


def test_every_exception_is_an_option() -> None:
    assert set(EXCEPTIONS) <= {option.path for option in MODELLED}


@st.composite
def legal_lines(draw: st.DrawFn) -> list[str]:
    option = draw(st.sampled_from(OPTIONS))
    path = legal_path(option)
    return [*path, draw(st.sampled_from(good_values(option)))] if option.kind in ("leaf", "multi", "tag") else path


@given(st.lists(legal_lines(), max_size=25), st.sampled_from(["1.2", "1.4"]))
def test_any_legal_lines_give_a_router(lines: list[list[str]], generation: str) -> None:
    built = build(tree_of(*lines), generation, "east")
    assert {problem.kind for problem in built.problems} <= {"written-twice"}
    for path in built.router.unmodelled:
        assert path
