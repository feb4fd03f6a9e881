"""A tunnel that a DMVPN profile binds is meant to be protected, whatever its selectors turn out to be."""

from __future__ import annotations

import msgspec
import pytest
from setups import EAST_WAN, FAR_LAN, default_route, lan, wan

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, Plan, Route, Selector
from sapper.proof.enumeration import enumerate_all
from sapper.proof.index.entries import Entries
from sapper.proof.properties.protected import entries_of
from sapper.proof.prove import prove

CHILD = Child(name="dmvpn", title="NHRP tun0 dmvpn", mode="transport", local_ts=(), remote_ts=(), esp_proposals=())


def hub(*, binds: str | None = "tun0", local: Address | None = None) -> Plan:
    tunnels = [
        Link(
            name=name,
            kind="gre",
            addresses=(Attached.parse(f"10.0.{at}.1/24"),),
            encapsulating=Encapsulating(protocol=47, local=local, remote=None, key=at),
        )
        for at, name in enumerate(("tun0", "tun1"))
    ]
    ours = (Selector(Prefix.host(local), 47),) if local else ()
    made = Connection(
        name="dmvpn-NHRP-tun0", title="NHRP tun0", version=1, local_addrs=(), remote_addrs=(), proposals=(),
        children=(msgspec.structs.replace(CHILD, local_ts=ours),), binds=binds,
    )  # fmt: skip
    return Plan(
        name="hub",
        links=(wan(), lan(), *tunnels),
        routes=(default_route(), Route(prefix=FAR_LAN, link="tun0")),
        connections=(made,),
    )


@pytest.mark.parametrize("local", [None, EAST_WAN], ids=["any", "fixed"])
def test_the_tunnel_has_verdicts_and_the_profile_no_entry_of_its_own(local: Address | None) -> None:
    for made in (prove, enumerate_all):
        found = {one.name: one for one in made(hub(local=local))}
        assert set(found) == {"tun0", "tun1"}
        assert found["tun0"].protection == "ipsec"
        assert {said.verdict for said in found["tun0"].verdicts.values()} == {"unknown"}
        reason = found["tun0"].verdicts["confidentiality"].reason or ""
        assert "its far end is known only to NHRP" in reason
        # Of the other one no selector is known to meet the packets.
        others = {said.verdict for said in found["tun1"].verdicts.values()}
        assert others == ({"not-applicable"} if local is None else {"unknown"})


def test_without_the_binding_nothing_says_which_tunnel_it_is_for() -> None:
    assert [entry.name for entry in entries_of(hub(binds=None))] == ["tun0", "tun1", "NHRP tun0 dmvpn"]
    assert not next(entries_of(hub(binds=None))).is_protected


@pytest.mark.parametrize("before", [None, "tun0", "tun1"])
def test_the_index_follows_a_change_of_the_binding(before: str | None) -> None:
    old, new = hub(binds=before), hub(binds="tun1")
    index = Entries(old)
    index.plan = new
    index.replace_connection(0, old.connections[0], new.connections[0])
    assert list(index) == list(entries_of(new)) == list(Entries(new))
