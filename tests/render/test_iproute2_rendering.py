"""iproute2's files: order, names that could be syntax, and what is said of what is not there."""

from __future__ import annotations

import re
import shlex
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Connection,
    Encapsulating,
    Link,
    LinkKind,
    Plan,
    Route,
    Rule,
    SourceNatRule,
    Sysctl,
    WireguardDevice,
    WireguardPeer,
)
from sapper.render import iproute2
from sapper.render.inexpressible import Inexpressible
from sapper.secret import Secret

NEEDS_NOTHING = {"ethernet", "loopback", "dummy", "bridge"}
OUTER = Encapsulating(protocol=47, local=Address.parse("192.0.2.1"), remote=Address.parse("192.0.2.2"))
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="


def gre(name: str = "tun0", **more: object) -> Link:
    return Link(name=name, kind="gre", encapsulating=msgspec.structs.replace(OUTER, **more))


def batches(plan: Plan) -> list[list[str]]:
    """Every line that a batch would run, in the order of the script, as words."""
    files = iproute2.render(plan)
    names = [line.split()[-1] for line in files["apply.sh"].splitlines() if line.endswith(".batch")]
    return [
        shlex.split(line)
        for name in names
        for line in files[name].splitlines()
        if line and not line.startswith("#")
    ]


@pytest.mark.parametrize("kind", get_args(LinkKind))
def test_a_bare_link_of_any_kind_is_written_or_refused(kind: LinkKind) -> None:
    plan = Plan(name="r", links=(Link(name="x0", kind=kind),))
    if kind in NEEDS_NOTHING:
        iproute2.render(plan)
        return
    with pytest.raises(Inexpressible) as refused:
        iproute2.render(plan)
    assert "x0" in refused.value.path


def test_a_link_comes_after_what_it_is_on_and_before_what_is_done_with_it() -> None:
    plan = Plan(
        name="r",
        links=(
            Link(name="v0", kind="vlan", parent="d0", vlan=3, mtu_bytes=1600),
            gre(link="v0"),
            Link(name="d0", kind="dummy", master="b0", addresses=(Attached.parse("10.0.0.1/24"),)),
            Link(name="b0", kind="bridge"),
        ),
        routes=(Route(prefix=Prefix.parse("10.9.0.0/16"), via=Address.parse("10.0.0.9")),),
    )
    lines = [" ".join(words) for words in batches(plan)]

    def place(pattern: str) -> int:
        return next(at for at, line in enumerate(lines) if re.search(pattern, line))

    assert place("name d0") < place("name v0 ") < place("name tun0 ")
    assert place("name b0") < place("dev d0 master b0") < place("address add 10.0.0.1/24 dev d0")
    assert place("dev d0 up") < place("route add 10.9.0.0/16")


def test_several_next_hops_are_one_ipv4_route_and_an_appended_ipv6_one() -> None:
    links = tuple(
        Link(
            name=f"d{at}",
            kind="dummy",
            addresses=(Attached.parse(f"10.0.{at}.1/24"), Attached.parse(f"fd0{at}::1/64")),
        )
        for at in (0, 1)
    )
    four = Route(prefix=Prefix.parse("10.9.0.0/16"), metric=5)
    six = Route(prefix=Prefix.parse("fd99::/64"), metric=5)
    plan = Plan(
        name="r",
        links=links,
        routes=(
            msgspec.structs.replace(four, via=Address.parse("10.0.0.9")),
            msgspec.structs.replace(six, via=Address.parse("fd00::9")),
            msgspec.structs.replace(four, link="d1"),
            msgspec.structs.replace(six, via=Address.parse("fd01::9")),
        ),
    )
    assert [" ".join(words) for words in batches(plan) if words[0] == "route"] == [
        "route add 10.9.0.0/16 metric 5 proto static nexthop dev d1 nexthop via 10.0.0.9",
        "route add fd99::/64 metric 5 proto static via fd00::9",
        "route append fd99::/64 metric 5 proto static via fd01::9",
    ]


def test_links_that_are_on_each_other_are_refused() -> None:
    with pytest.raises(Inexpressible, match="tun"):
        iproute2.render(Plan(name="r", links=(gre("tun0", link="tun1"), gre("tun1", link="tun0"))))


@pytest.mark.parametrize(
    ("kind", "more", "word"),
    [
        ("ipip", {"protocol": 4, "key": 1}, "key"),
        ("sit", {"protocol": 41, "sequence": True}, "sequence"),
        ("ipip", {"protocol": 4, "ignore_df": True}, "ignore-df"),
        ("ip6gre", {}, "local"),
    ],
)
def test_an_option_that_the_kind_has_not_is_named(kind: LinkKind, more: dict[str, object], word: str) -> None:
    link = Link(name="tun0", kind=kind, encapsulating=msgspec.structs.replace(OUTER, **more))
    with pytest.raises(Inexpressible) as refused:
        iproute2.render(Plan(name="r", links=(link,)))
    assert refused.value.path == f"link tun0 {word}"


def test_what_is_elsewhere_is_named() -> None:
    connection = Connection(name="WEST", version=2, local_addrs=(), remote_addrs=(), proposals=(), children=())
    vti = Link(name="vti0", kind="xfrm", if_id=1, up=False, raised_by="WEST-vti")
    plan = Plan(
        name="r",
        links=(vti, Link(name="eth0", kind="ethernet", dynamic=True)),
        routes=(
            Route(prefix=Prefix.parse("10.2.0.0/24"), link="vti0"),
            Route(prefix=Prefix.parse("10.3.0.0/24"), link="absent0"),
            Route(prefix=Prefix.parse("10.4.0.0/24"), via=Address.parse("192.0.2.1")),
        ),
        source_nat=(SourceNatRule(number=1, action="masquerade"),),
        connections=(connection,),
        gaps=("interfaces tunnel tun0 parameters odd\nthing",),
        assumptions=("the next hop comes by DHCP",),
    )
    head = iproute2.render(plan)["apply.sh"]

    for said in (
        "IPsec connection WEST (swanctl)",
        "1 source NAT rule (nftables)",
        "dynamic address of eth0 (networkd)",
        "10.2.0.0/24 dev vti0: the updown script of vti0",
        "10.3.0.0/24 dev absent0: there is no link absent0",
        "10.4.0.0/24 via 192.0.2.1: nothing of this configuration leads to its gateway",
        "parameters odd?thing",
    ):
        assert re.search(rf"^# not here: .*{re.escape(said)}", head, re.MULTILINE), said
    assert "\n# assumed: the next hop comes by DHCP\n" in head
    assert [words for words in batches(plan) if words[0] == "route"] == []


def test_rules_of_each_family_have_their_file_and_the_kernels_own_are_left_alone() -> None:
    rules = (Rule(0, 255, 4), Rule(32766, 254, 6), Rule(100, 77, 6, 5), Rule(101, 78, 4), Rule(32767, 253, 6))
    files = iproute2.render(Plan(name="r", rules=rules))

    assert "rule add priority 101 table 78" in files["rules.batch"]
    assert files["rules6.batch"].count("rule add") == 2
    assert "rule add priority 100 fwmark 0x5 table 77" in files["rules6.batch"]
    assert "ip -6 -batch rules6.batch" in files["apply.sh"]


def test_keys_are_in_their_own_file_only_and_a_wrong_one_is_not_shown() -> None:
    peer = WireguardPeer(public_key=KEY, preshared_key=Secret(KEY[::-1].replace("=", "") + "="))
    link = Link(name="wg0", kind="wireguard", wireguard=WireguardDevice(private_key=Secret(KEY), peers=(peer,)))
    files = iproute2.render(Plan(name="r", links=(link,)))
    assert [name for name, text in files.items() if KEY in text] == ["wg-wg0.conf"]

    wrong = Link(
        name="wg0", kind="wireguard", wireguard=WireguardDevice(private_key=Secret("hidden\nListenPort = 1"))
    )
    with pytest.raises(Inexpressible) as refused:
        iproute2.render(Plan(name="r", links=(wrong,)))
    assert "hidden" not in str(refused.value)


@given(
    name=st.text(min_size=1, max_size=18)
    | st.text(st.sampled_from(list("ab0.#'\"\\\n ;$`&|/")), min_size=1, max_size=15)
)
def test_a_name_is_a_word_or_an_error(name: str) -> None:
    """What is written for an odd name is, word for word, what is written for a plain one."""
    try:
        odd = batches(named(name))
    except Inexpressible:
        return
    plain = batches(named("zz9"))
    assert odd == [[word.replace("zz9", name) for word in words] for words in plain]


def named(name: str) -> Plan:
    return Plan(
        name=name,
        links=(Link(name=name, kind="dummy", addresses=(Attached.parse("10.0.0.1/24"),)),),
        routes=(Route(prefix=Prefix.parse("10.9.0.0/16"), link=name),),
    )


@given(
    name=st.text(min_size=1, max_size=30) | st.text(st.sampled_from(list("ab.1/ \n=#")), min_size=1, max_size=9),
    value=st.text(max_size=10) | st.text(st.sampled_from(list("01a \n=#;")), min_size=1, max_size=9),
)
def test_a_sysctl_is_one_line_or_an_error(name: str, value: str) -> None:
    plan = Plan(name="r", sysctls=(Sysctl(f"net.{name}", value), Sysctl("net.ipv4.ip_forward", "1")))
    try:
        text = iproute2.render(plan)["sysctl.conf"]
    except Inexpressible:
        return
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines == [f"net.{name} = {value}", "net.ipv4.ip_forward = 1"]


@given(text=st.text(max_size=60))
def test_no_text_of_the_plan_ends_a_comment(text: str) -> None:
    files = iproute2.render(Plan(name=text, links=(Link(name="d0", kind="dummy"),), gaps=(text,)))
    lines = [line for line in files["apply.sh"].split("\n") if line and not line.startswith("#")]
    assert lines == ["set -e", 'cd "$(dirname "$0")"', "ip -batch links.batch", "ip -batch addresses.batch"]
