"""networkd's files, read by the standard library's reader of such files; what version 252 lacks is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Encapsulating,
    GeneveHeader,
    Link,
    LinkKind,
    Plan,
    Route,
    Rule,
    SixRdPrefixes,
    Sysctl,
    VxlanHeader,
    WireguardDevice,
    WireguardPeer,
)
from sapper.render import networkd
from sapper.render.inexpressible import Inexpressible
from sapper.secret import Secret

NEEDS_NOTHING = {"ethernet", "loopback", "dummy", "bridge"}
V4 = Encapsulating(
    protocol=47, local=Address.parse("192.0.2.1"), remote=Address.parse("192.0.2.2"), tos_inherit=False
)
V6 = msgspec.structs.replace(V4, local=Address.parse("2001:db8::1"), remote=Address.parse("2001:db8::2"))
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="
REMOTE = Address.parse("192.0.2.2")


def tunnel(kind: LinkKind, outer: Encapsulating = V4, **more: object) -> Plan:
    link = Link(name="tun0", kind=kind, encapsulating=msgspec.structs.replace(outer, **more))
    return Plan(name="r", links=(link,))


def read(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Sections in order, each with its settings in order; systemd allows both to be there more than once."""
    return list(_sections(text))


def _sections(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    section: tuple[str, list[tuple[str, str]]] | None = None
    for line in text.split("\n"):
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            if section is not None:
                yield section
            section = (line.strip("[]"), [])
        else:
            assert section is not None
            name, _, value = line.partition("=")
            section[1].append((name, value))
    if section is not None:
        yield section


def settings(plan: Plan, file: str, section: str) -> list[dict[str, str]]:
    return [dict(pairs) for name, pairs in read(networkd.render(plan)[file]) if name == section]


@pytest.mark.parametrize("kind", get_args(LinkKind))
def test_a_bare_link_of_any_kind_is_written_or_refused(kind: LinkKind) -> None:
    plan = Plan(name="r", links=(Link(name="x0", kind=kind),))
    if kind in NEEDS_NOTHING:
        networkd.render(plan)
        return
    with pytest.raises(Inexpressible) as refused:
        networkd.render(plan)
    assert "x0" in refused.value.path


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (tunnel("ipip", tos_inherit=True), "tos"),
        (tunnel("sit", tos=16), "tos"),
        (tunnel("ip6tnl", V6, payload=41, encaplimit=4, tos_inherit=True), "tclass"),
        (tunnel("ip6gre", V6, encaplimit=4), "encaplimit"),
        (tunnel("gre", key=0), "key"),
        (tunnel("ipip", key=3), "key"),
        (tunnel("gretap", ignore_df=True), "ignore-df"),
        (tunnel("sit", sixrd=SixRdPrefixes(Prefix.parse("2001:db8::/32"), Prefix.parse("10.0.0.0/8"))), "6rd"),
        (tunnel("ip6gre", V6, sequence=True), "sequence"),
    ],
)
def test_what_the_daemon_cannot_say_of_a_tunnel_is_named(plan: Plan, path: str) -> None:
    with pytest.raises(Inexpressible) as refused:
        networkd.render(plan)
    assert refused.value.path == f"link tun0 {path}"


@pytest.mark.parametrize(
    "link",
    [
        Link(name="x0", kind="vxlan", vxlan=VxlanHeader(vni=None)),
        Link(name="x0", kind="vxlan", vxlan=VxlanHeader(vni=1, vni_filter=True)),
        Link(name="x0", kind="vxlan", vxlan=VxlanHeader(vni=1, vlan_to_vni=((1, 2),))),
        Link(name="x0", kind="geneve", geneve=GeneveHeader(vni=1, remote=REMOTE, inner_protocol=True)),
        Link(name="x0", kind="ip6erspan", encapsulating=V6),
    ],
)
def test_what_it_cannot_say_of_other_devices_is_named(link: Link) -> None:
    with pytest.raises(Inexpressible, match="link x0"):
        networkd.render(Plan(name="r", links=(link,)))


def test_a_tunnel_with_an_underlay_device_is_named_in_its_file() -> None:
    plan = Plan(name="r", links=(Link(name="eth0", kind="ethernet"), *tunnel("gre", link="eth0").links))
    assert settings(plan, "50-eth0.network", "Network")[0]["Tunnel"] == "tun0"
    assert "Independent" not in settings(plan, "50-tun0.netdev", "Tunnel")[0]
    assert settings(tunnel("gre"), "50-tun0.netdev", "Tunnel")[0]["Independent"] == "yes"


def test_routes_hang_on_the_link_that_reaches_their_gateway() -> None:
    plan = Plan(
        name="r",
        links=(
            Link(name="eth0", kind="ethernet", addresses=(Attached.parse("192.0.2.10/24"),)),
            Link(name="eth1", kind="ethernet", dynamic=True),
        ),
        routes=(
            Route(prefix=Prefix.parse("10.1.0.0/16"), via=Address.parse("192.0.2.1"), metric=7),
            Route(prefix=Prefix.parse("10.2.0.0/16"), kind="unreachable"),
            Route(prefix=Prefix.parse("10.3.0.0/16"), via=Address.parse("203.0.113.1")),
            Route(prefix=Prefix.parse("10.4.0.0/16"), link="absent0"),
        ),
        rules=(Rule(0, 255, 4), Rule(90, 100, 6, 5)),
    )
    files = networkd.render(plan)

    assert settings(plan, "50-eth0.network", "Route") == [
        {"Destination": "10.1.0.0/16", "Gateway": "192.0.2.1", "Metric": "7"}
    ]
    assert settings(plan, "50-lo.network", "Route") == [{"Destination": "10.2.0.0/16", "Type": "unreachable"}]
    assert settings(plan, "50-eth1.network", "Route") == [{"Destination": "10.3.0.0/16", "Gateway": "203.0.113.1"}]
    assert "# not here: route 10.4.0.0/16 dev absent0: there is no link absent0" in files["sapper.conf"]
    [rule] = settings(plan, "50-lo.network", "RoutingPolicyRule")
    assert rule == {"Family": "ipv6", "Priority": "90", "FirewallMark": "5", "Table": "100"}


def shared(*ways: Route) -> Plan:
    links = (
        Link(name="eth0", kind="ethernet", addresses=(Attached.parse("192.0.2.10/24"),)),
        Link(name="eth1", kind="ethernet", addresses=(Attached.parse("198.51.100.10/24"),)),
    )
    return Plan(name="r", links=links, routes=ways)


def test_several_next_hops_are_one_route_of_the_first_ones_link() -> None:
    to = Prefix.parse("10.1.0.0/16")
    one = Route(prefix=to, via=Address.parse("192.0.2.1"), metric=3, table=7)
    plan = shared(one, msgspec.structs.replace(one, via=Address.parse("198.51.100.1")))
    [section] = [pairs for name, pairs in read(networkd.render(plan)["50-eth0.network"]) if name == "Route"]

    hops = [value for key, value in section if key == "MultiPathRoute"]
    assert hops == ["192.0.2.1@eth0", "198.51.100.1@eth1"]
    assert ("Metric", "3") in section
    assert ("Table", "7") in section
    assert settings(plan, "50-eth1.network", "Route") == []


@pytest.mark.parametrize("more", [{"via": None, "link": "eth1"}, {"source": Address.parse("192.0.2.10")}])
def test_several_next_hops_that_it_cannot_say_are_named(more: dict[str, object]) -> None:
    one = Route(prefix=Prefix.parse("10.1.0.0/16"), via=Address.parse("192.0.2.1"))
    other = msgspec.structs.replace(one, **{"via": Address.parse("198.51.100.1"), **more})
    with pytest.raises(Inexpressible, match=r"route 10\.1\.0\.0/16"):
        networkd.render(shared(one, other))


def test_a_gateway_that_may_be_on_several_links_is_named() -> None:
    links = tuple(Link(name=f"eth{at}", kind="ethernet", dynamic=True) for at in (0, 1))
    route = Route(prefix=Prefix.parse("10.1.0.0/16"), via=Address.parse("192.0.2.1"))
    with pytest.raises(Inexpressible, match=r"192\.0\.2\.1"):
        networkd.render(Plan(name="r", links=links, routes=(route,)))

    alone = networkd.render(Plan(name="r", routes=(route,)))["sapper.conf"]
    assert (
        "# not here: route 10.1.0.0/16 via 192.0.2.1: nothing of this configuration leads to its gateway" in alone
    )


def test_a_gateway_behind_a_device_route_is_on_its_link() -> None:
    plan = Plan(
        name="r",
        links=(Link(name="eth0", kind="ethernet"),),
        routes=(
            Route(prefix=Prefix.parse("10.1.0.0/16"), via=Address.parse("192.0.2.1")),
            Route(prefix=Prefix.parse("192.0.2.1/32"), link="eth0"),
        ),
    )
    assert {route["Destination"] for route in settings(plan, "50-eth0.network", "Route")} == {
        "10.1.0.0/16",
        "192.0.2.1/32",
    }


def test_a_lowered_link_gets_no_route_because_the_daemon_would_give_it_up() -> None:
    vti = Link(name="vti0", kind="xfrm", if_id=1, up=False, raised_by="c")
    plan = Plan(name="r", links=(vti,), routes=(Route(prefix=Prefix.parse("10.1.0.0/16"), link="vti0"),))
    text = networkd.render(plan)["50-vti0.network"]
    assert settings(plan, "50-vti0.network", "Route") == []
    assert "# not here: route 10.1.0.0/16 dev vti0: the updown script of vti0 adds it (swanctl)" in text
    assert settings(plan, "50-vti0.network", "Link")[0]["ActivationPolicy"] == "manual"


def test_the_daemon_leaves_what_charon_adds() -> None:
    [section] = read(networkd.render(Plan(name="r"))["sapper.conf"])
    assert section == ("Network", [("ManageForeignRoutes", "no"), ("ManageForeignRoutingPolicyRules", "no")])


def test_keys_are_in_the_netdev_file_only_and_it_says_its_mode() -> None:
    peer = WireguardPeer(public_key=KEY, allowed=(Prefix.parse("10.0.0.0/8"), Prefix.parse("fd00::/8")))
    link = Link(name="wg0", kind="wireguard", wireguard=WireguardDevice(private_key=Secret(KEY), peers=(peer,)))
    files = networkd.render(Plan(name="r", links=(link,)))
    assert [name for name, text in files.items() if KEY in text] == ["50-wg0.netdev"]
    assert "mode 0640" in files["50-wg0.netdev"]


@given(
    name=st.text(min_size=1, max_size=16) | st.text(st.sampled_from(list("a0.*?[]! \n=#/")), min_size=1, max_size=9)
)
def test_a_name_is_a_word_or_an_error(name: str) -> None:
    """networkd matches names as shell patterns: what passes is no pattern, and changes nothing else."""
    try:
        odd = networkd.render(named(name))
    except Inexpressible:
        return
    plain = {
        file.replace("zz9", name): text.replace("zz9", name) for file, text in networkd.render(named("zz9")).items()
    }
    assert {file: read(text) for file, text in odd.items() if file != "sysctl.conf"} == {
        file: read(text) for file, text in plain.items() if file != "sysctl.conf"
    }
    assert not set(name) & set("*?[]! \n/=")


def named(name: str) -> Plan:
    return Plan(
        name=name,
        links=(Link(name=name, kind="dummy", addresses=(Attached.parse("10.0.0.1/24"),)),),
        sysctls=(Sysctl(f"net.ipv4.conf.{name}.rp_filter", "1"),),
    )
