"""Certificates of what destination NAT sends elsewhere, and of a device that nothing that is not modelled can undo."""

from __future__ import annotations

import msgspec
import pytest
from test_certificate_cases import LAN, PLAN, part_of, with_part, written

from sapper.address import Address, Attached, Prefix
from sapper.certificate.check import hold_against
from sapper.certificate.given import Router
from sapper.certificate.refused import Misfit
from sapper.kernel.effect import ADDS_WAYS
from sapper.kernel.plan import DestinationNatRule, Link, Plan, Route, WireguardDevice, WireguardPeer
from sapper.proof.verdict import VerdictWord

RULE = DestinationNatRule(number=10, action="dnat", in_link="eth1", to=Address.parse("198.51.100.77"))
HOLE = Route(prefix=Prefix.parse("10.2.0.0/24"), kind="unreachable", metric=254)


def translating(**fields: object) -> Plan:
    """The tunnel's packets cannot leak; what NAT takes elsewhere can."""
    rule = msgspec.structs.replace(RULE, **fields)
    return msgspec.structs.replace(PLAN, destination_nat=(rule,), routes=(*PLAN.routes, HOLE))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "refuted"),
        ({"port": "53"}, "unknown"),
        ({"to": Address.parse("10.1.0.77")}, "proved"),
        ({"action": "redirect", "to": None, "protocol": 17}, "proved"),
        ({"action": "redirect", "to": None}, "unknown"),
        ({"action": "redirect", "to": None, "unmodelled": ("load-balance",)}, "unknown"),
        ({"to": Address.parse("10.2.0.7")}, "unknown"),
        (
            {"to": Address.parse("10.7.0.7"), "destination": Prefix.parse("10.2.0.128/25"), "protocol": 17},
            "refuted",
        ),
    ],
)
def test_what_is_sent_elsewhere_is_in_the_cells(fields: dict[str, object], word: VerdictWord) -> None:
    plan = translating(**fields)
    certificate = written(plan)
    hold_against(certificate, [Router("east", plan)])
    part = part_of(certificate, "no-bypass")
    assert part.verdict == word
    if word != "proved":
        forged = msgspec.structs.replace(part, verdict="proved", reason=None, failing_states=(), tampering=())
        with pytest.raises(Misfit):
            hold_against(with_part(certificate, "no-bypass", forged), [Router("east", plan)])


def test_a_certificate_of_another_rule_does_not_hold() -> None:
    certificate = written(translating(to=Address.parse("10.1.0.77")))
    with pytest.raises(Misfit):
        hold_against(certificate, [Router("east", translating())])


def wireguard(*, gaps: tuple[str, ...] = (), fixed: bool = True) -> Plan:
    wan = Link(
        name="pppoe0", kind="pppoe", dynamic=True, addresses=(Attached.parse("192.0.2.10/32"),) if fixed else ()
    )
    peer = WireguardPeer(
        public_key="west", allowed=(Prefix.parse("10.2.0.0/24"),), endpoint=Address.parse("203.0.113.20")
    )
    device = Link(
        name="wg0",
        kind="wireguard",
        addresses=(Attached.parse("10.0.0.1/29"),),
        wireguard=WireguardDevice(private_key=None, port=51820, peers=(peer,)),
    )
    lan = Link(name="eth1", kind="ethernet", addresses=(LAN,))
    routes = (Route(prefix=Prefix.everything(4), link="pppoe0", metric=1),)
    return Plan(name="east", links=(wan, lan, device), routes=routes, gaps=gaps)


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "leased"])
@pytest.mark.parametrize("gaps", [(), (f"protocols bgp: {ADDS_WAYS}",)], ids=["whole", "with-a-gap"])
def test_wireguard_takes_what_a_key_made_whatever_its_address_is(fixed: bool, gaps: tuple[str, ...]) -> None:
    plan = wireguard(gaps=gaps, fixed=fixed)
    certificate = written(plan)
    hold_against(certificate, [Router("east", plan)])
    part = part_of(certificate, "authenticity")
    assert (part.verdict, bool(part.questions)) == ("proved", True)
    assert part_of(certificate, "confidentiality").verdict == ("unknown" if gaps else "proved")
