"""A link that lacks what its kind needs is refused by its name before anything is sent."""

from __future__ import annotations

import pytest

from sapper.address import Address
from sapper.kernel.plan import Encapsulating, Link, LinkKind, Plan, VxlanHeader
from sapper.live.device import below, creation, finishing
from sapper.live.netlink.connection import KernelRefused
from sapper.live.sessions import open_sessions


@pytest.mark.parametrize(
    ("kind", "lacking"),
    [
        ("gre", "without ends"),
        ("vlan", "without an identifier"),
        ("vrf", "without a table"),
        ("vxlan", "without a header"),
        ("geneve", "without a far end"),
    ],
)
def test_what_a_kind_cannot_be_without(kind: LinkKind, lacking: str) -> None:
    with pytest.raises(ValueError, match=lacking):
        creation(Link(name="x", kind=kind), {})


def test_an_l2tp_device_without_its_identifiers_is_refused_by_name() -> None:
    with pytest.raises(KernelRefused, match="link l2tpeth0: it lacks"):
        open_sessions([Link(name="l2tpeth0", kind="l2tpeth")])


def test_an_end_of_the_other_family_or_a_tos_that_means_inherit_is_refused() -> None:
    mixed = Encapsulating(protocol=47, local=Address.parse("2001:db8::1"), remote=None)
    with pytest.raises(ValueError, match="2001:db8::1 cannot be the end of a tunnel over IPv4"):
        creation(Link(name="x", kind="gre", encapsulating=mixed), {})
    odd = Encapsulating(protocol=47, local=None, remote=None, tos=0x11, tos_inherit=False)
    with pytest.raises(ValueError, match="0x11"):
        creation(Link(name="x", kind="gre", encapsulating=odd), {})


def test_the_device_below_comes_first_whatever_the_kind() -> None:
    bound = Encapsulating(protocol=47, local=None, remote=None, link="eth0")
    assert below(Link(name="x", kind="gre", encapsulating=bound)) == "eth0"
    assert below(Link(name="x", kind="vxlan", vxlan=VxlanHeader(vni=1, link="eth1"))) == "eth1"
    assert below(Link(name="eth0.5", kind="vlan", parent="eth0", vlan=5)) == "eth0"
    assert below(Link(name="dum0", kind="dummy")) is None


def test_a_master_is_set_whether_bridge_or_vrf() -> None:
    plan = Plan(
        name="x", links=(Link(name="red", kind="vrf", vrf_table=7), Link(name="dum0", kind="dummy", master="red"))
    )
    (message,) = finishing(plan.links[1], {"red": 3, "dum0": 4})
    assert (message.index, message.master) == (4, 3)
