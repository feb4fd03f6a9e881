"""Cases that chance rarely draws: doubts decide a verdict, a source decides a walk, what is asked is too much."""

from __future__ import annotations

import msgspec
import pytest

from sapper.address import Address, Attached, Prefix
from sapper.certificate.check import hold_against
from sapper.certificate.document import Certificate, PropertyPart, reason_of
from sapper.certificate.given import Router
from sapper.certificate.part import Parts
from sapper.certificate.rederive import GIVEN_UP
from sapper.certificate.refused import Misfit
from sapper.certificate.write import certificate_of
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Link,
    Plan,
    Route,
    Selector,
    SourceNatRule,
    Sysctl,
)
from sapper.proof.enumeration import enumerate_all
from sapper.proof.facts.packet import Packet
from sapper.proof.prove import prove
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.walk.walk import walk

WAN, FAR = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
LAN = Attached.parse("10.1.0.1/24")
PLAN = Plan(
    name="east",
    links=(
        Link(name="eth0", kind="ethernet", addresses=(Attached(WAN, 24),)),
        Link(name="eth1", kind="ethernet", addresses=(LAN,)),
        Link(
            name="tun0",
            kind="gre",
            addresses=(Attached.parse("10.0.0.1/30"),),
            encapsulating=Encapsulating(protocol=47, local=WAN, remote=FAR),
        ),
    ),
    routes=(
        Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1),
        Route(prefix=Prefix.parse("10.2.0.0/24"), link="tun0", metric=1),
    ),
    connections=(
        Connection(
            name="west",
            title="west",
            version=2,
            local_addrs=(WAN,),
            remote_addrs=(FAR,),
            proposals=("aes128-sha256-modp2048",),
            children=(
                Child(
                    name="west-1",
                    title="west tunnel 1",
                    mode="tunnel",
                    local_ts=(Selector(Prefix.host(WAN), 47),),
                    remote_ts=(Selector(Prefix.host(FAR), 47),),
                    esp_proposals=("aes128-sha256",),
                    start_action="trap",
                ),
            ),
        ),
    ),
)


def written(plan: Plan) -> Certificate:
    return certificate_of([Router("east", plan)], (), None, "model", "0")


def part_of(certificate: Certificate, name: str) -> PropertyPart:
    return certificate.routers[0].tunnels[0].properties[name]


def with_part(certificate: Certificate, name: str, part: PropertyPart) -> Certificate:
    (router,) = certificate.routers
    first, *others = router.tunnels
    first = msgspec.structs.replace(first, properties={**first.properties, name: part})
    router = msgspec.structs.replace(router, tunnels=(first, *others))
    return msgspec.structs.replace(certificate, routers=(router,))


def doubtful() -> Plan:
    """Nobody knows which packets the rule rewrites, and what it rewrites finds no policy."""
    rule = SourceNatRule(number=100, action="masquerade", out_link="tun0", unmodelled=("mark",))
    other = SourceNatRule(
        number=10, action="snat", to=Address.parse("198.51.100.1"), protocol=47, unmodelled=("mark",)
    )
    return msgspec.structs.replace(PLAN, source_nat=(other, rule))


def vague_peer() -> Plan:
    """The tunnel's own policy is for another protocol; in some states there is one more, and nobody knows for what."""
    (known,) = PLAN.connections
    (child,) = known.children
    elsewhere = msgspec.structs.replace(child, remote_ts=(Selector(Prefix.host(FAR), 4),))
    vague = msgspec.structs.replace(child, name="any-1", title="any tunnel 1", remote_ts=(), start_action="none")
    return msgspec.structs.replace(
        PLAN,
        connections=(
            msgspec.structs.replace(known, children=(elsewhere,)),
            msgspec.structs.replace(known, name="any", title="any", remote_addrs=(), children=(vague,)),
        ),
    )


def test_a_doubt_is_held_to() -> None:
    certificate = written(doubtful())
    hold_against(certificate, [Router("east", doubtful())])
    part = part_of(certificate, "confidentiality")
    assert part.verdict == "unknown"
    assert reason_of(certificate, part) == "nat source rule 10: mark"
    for word in ("proved", "refuted"):
        forged = msgspec.structs.replace(part, verdict=word, reason=None)
        with pytest.raises(Misfit, match="its cells say unknown"):
            hold_against(with_part(certificate, "confidentiality", forged), [Router("east", doubtful())])


def test_states_in_which_nobody_knows_every_policy_do_not_refute() -> None:
    plan = vague_peer()
    certificate = written(plan)
    hold_against(certificate, [Router("east", plan)])
    part = part_of(certificate, "confidentiality")
    # With an SA of the other connection nobody knows what its policy selects: in the shared states there is one.
    assert (part.verdict, part.failing_states) == (
        "refuted",
        ("boot", "negotiating", "up", "deleted", "expired", "stopped", "reloading"),
    )
    more = msgspec.structs.replace(part, failing_states=(*part.failing_states, "crashed"))
    with pytest.raises(Misfit, match="other states"):
        hold_against(with_part(certificate, "confidentiality", more), [Router("east", plan)])


def test_a_reverse_path_filter_looks_the_source_up() -> None:
    plan = msgspec.structs.replace(PLAN, sysctls=(Sysctl("net.ipv4.conf.eth1.rp_filter", "1"),))
    kernel = kernel_in(plan, Situation(TABLE[0]))
    packet = Packet(source=Address.parse("10.1.0.7"), destination=Address.parse("10.2.0.9"), protocol=17)
    whole = walk(kernel, packet, "eth1")
    assert [end.kind for end in whole] == ["wire"]
    assert walk(Parts(kernel).met_by(packet, None), packet, "eth1") == whole


def test_too_many_cells_is_believed_only_where_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapper.certificate.partition.MANY_CELLS", 0)
    certificate = written(PLAN)
    part = part_of(certificate, "confidentiality")
    assert (part.verdict, reason_of(certificate, part), part.questions) == ("unknown", GIVEN_UP, None)
    with pytest.raises(Misfit, match="says that they are too many, and they are not"):
        hold_against(certificate, [Router("east", PLAN)])
    monkeypatch.setattr("sapper.certificate.rederive._MANY", 0)
    hold_against(certificate, [Router("east", PLAN)])


def test_what_comes_for_an_ipv6_address_of_the_router_is_not_sent_on() -> None:
    """Only its own packets to itself are asked for a policy: members of cells contradicted the walk of sets here."""
    here, there = Address.parse("2001:db8:1::10"), Address.parse("2001:db8:2::20")
    (connection,), inside = PLAN.connections, Prefix.parse("2001:db8:d::1/128")
    child = msgspec.structs.replace(
        connection.children[0],
        local_ts=(Selector(Prefix.parse("2001:db8:99::/64")),),
        remote_ts=(Selector(inside),),
        esp_proposals=("null-sha256",),
    )
    plan = Plan(
        name="east",
        links=(
            Link(name="eth0", kind="ethernet", addresses=(Attached(here, 64),)),
            Link(name="dum0", kind="dummy", addresses=(Attached(inside.network, 128),)),
        ),
        routes=(Route(prefix=Prefix.everything(6), via=Address.parse("2001:db8:1::1"), metric=1),),
        connections=(
            msgspec.structs.replace(connection, local_addrs=(here,), remote_addrs=(there,), children=(child,)),
        ),
    )
    for verdicts in (prove(plan), enumerate_all(plan)):
        assert {verdicts[0].verdicts[name].verdict for name in ("confidentiality", "no-bypass")} == {"proved"}
    hold_against(written(plan), [Router("east", plan)])


def test_equal_routes_are_one_cell_with_two_ends() -> None:
    ways = [Route(prefix=Prefix.parse("10.2.0.0/24"), link=name, metric=1) for name in ("tun0", "eth0")]
    plan = msgspec.structs.replace(PLAN, routes=(PLAN.routes[0], *ways))
    certificate = written(plan)
    hold_against(certificate, [Router("east", plan)])
    questions = part_of(certificate, "no-bypass").questions or ()
    ends = [{end.kind for end in certificate.ends[cell.ends]} for one in questions for cell in one.cells]
    assert {"carried", "wire"} in ends
