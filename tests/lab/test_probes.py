"""What the lab sends: one probe for each thing that a proof claims something about, from somebody who can send it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import EVERY_PAIR, end_of, ends_of, setup_of, text_of

from sapper.address import Address, Prefix
from sapper.kernel.plan import Selector
from sapper.lab.classify import token_of
from sapper.lab.inside import traffic
from sapper.lab.measure import subjects_of
from sapper.lab.probes import COUNT, PROBE_PORT, Probe, probes_of
from sapper.lab.run import Setup, prepare
from sapper.proof.properties.protected import entries_of


def probes(setup: Setup, router: str = "east") -> tuple[Probe, ...]:
    (side,) = [side for side in setup.sides if side.name == router]
    return tuple(probe for subject in subjects_of(setup.topology, side) for probe in subject.probes)


def flows(found: tuple[Probe, ...]) -> list[tuple[str, str | None, str]]:
    return [(item.node, str(item.source) if item.source else None, str(item.destination)) for item in found]


@pytest.mark.parametrize("name", EVERY_PAIR)
@pytest.mark.parametrize("router", ["east", "west"])
def test_every_probe_can_be_sent_and_told_apart(name: str, router: str) -> None:
    setup = setup_of(name)
    topology = setup.topology

    found = probes(setup, router)

    assert found
    assert any(probe.through for probe in found)
    assert len({probe.token for probe in found}) == len(found)
    mine = {item.address for link in topology.plans[router].links for item in link.addresses}
    for probe in found:
        own = {item.address for link in topology.plans[probe.node].links for item in link.addresses}
        assert probe.source is None or (probe.source in own and probe.source.family == probe.destination.family)
        assert probe.node == router or router in [host.router for host in topology.hosts if host.node == probe.node]
        assert probe.destination not in mine
        assert token_of(f"{probe.token}|".encode()) == probe.token
        assert not probe.through or (probe.protocol, probe.port) == (17, PROBE_PORT)


def test_a_tunnel_is_probed_to_its_far_end_and_to_the_far_lan() -> None:
    assert flows(probes(setup_of("canonical"))) == [
        ("east", "10.0.0.1", "10.0.0.2"),
        ("eth1@east", "10.1.0.10", "10.2.0.10"),
    ]


def test_a_vti_likewise() -> None:
    assert flows(probes(setup_of("vti"))) == flows(probes(setup_of("canonical")))


def test_both_families_are_probed() -> None:
    families = {probe.destination.family for probe in probes(setup_of("gre-dual-stack-key")) if probe.through}

    assert families == {4, 6}


def test_a_bridge_is_probed_from_host_to_host() -> None:
    (probe,) = [probe for probe in probes(setup_of("gretap-bridge")) if probe.through]

    assert (probe.node, str(probe.destination)) == ("eth1@east", "198.18.0.2")


def test_a_policy_is_probed_along_its_selectors() -> None:
    (probe,) = probes(setup_of("policy-based"))

    assert (probe.node, str(probe.source), str(probe.destination)) == ("eth1@east", "10.1.0.10", "10.2.0.10")
    assert probe.through


@pytest.mark.parametrize(("protocol", "through"), [("tcp", False), ("udp", True), ("icmp", False)])
def test_a_selectors_protocol_is_the_probes(protocol: str, through: bool) -> None:
    words = f"set vpn ipsec site-to-site peer WEST tunnel 1 protocol '{protocol}'\n"
    east = end_of(text_of("policy-based", "east") + words)

    (probe,) = probes(prepare("pair", east, ends_of("policy-based")[1]))

    assert probe.protocol == {"tcp": 6, "udp": 17, "icmp": 1}[protocol]
    # Only what a receiver hears says whether the tunnel works.
    assert probe.through is through


def test_a_selectors_ports_are_the_probes() -> None:
    tunnel = "set vpn ipsec site-to-site peer WEST tunnel 1"
    words = f"{tunnel} protocol 'udp'\n{tunnel} local port '53'\n{tunnel} remote port '5353'\n"
    east = end_of(text_of("policy-based", "east") + words)

    (probe,) = probes(prepare("pair", east, ends_of("policy-based")[1]))

    assert (probe.source_port, probe.port, probe.through) == (53, 5353, False)


def test_a_lan_without_hosts_is_probed_by_the_router_itself() -> None:
    east = end_of(text_of("canonical", "east", ("eth1 address '10.1.0.1/24'", "eth1 address '10.1.0.1/32'")))

    found = flows(probes(prepare("pair", east, ends_of("canonical")[1])))

    assert found == [("east", "10.0.0.1", "10.0.0.2"), ("east", None, "10.2.0.10")]


def test_a_router_does_not_probe_itself() -> None:
    """The far end has no address in the tunnel's network, and the first free one would be East's own."""
    east = end_of(text_of("canonical", "east", ("10.0.0.1/29", "10.0.0.2/29")))
    west = end_of(text_of("canonical", "west", ("address '10.0.0.2/29'", "address '10.99.0.2/29'")), "west.set")

    assert flows(probes(prepare("pair", east, west)))[0] == ("east", "10.0.0.2", "10.0.0.1")


def test_not_even_where_the_far_end_has_the_same_address() -> None:
    west = end_of(text_of("canonical", "west", ("address '10.0.0.2/29'", "address '10.0.0.1/29'")), "west.set")

    found = flows(probes(prepare("pair", ends_of("canonical")[0], west)))

    assert found[0] == ("east", "10.0.0.1", "10.0.0.2")


@given(st.integers(0, 2**32 - 1), st.integers(8, 32), st.sampled_from([None, 1, 6, 17, 47]))
def test_any_remote_selector_gets_a_destination_inside(value: int, length: int, protocol: int | None) -> None:
    setup = setup_of("policy-based")
    side = setup.sides[0]
    entry = next(iter(entries_of(side.plan)))
    ((local, _),) = entry.flows
    remote = Prefix(4, value, length)
    entry = msgspec.structs.replace(entry, flows=((local, Selector(remote, protocol)),))

    for probe in probes_of(setup.topology, "east", entry):
        assert probe.destination in remote
        assert probe.protocol == (protocol or 17)


def test_host_and_guest_count_and_speak_alike() -> None:
    (probe,) = probes(setup_of("policy-based"))

    message = probe.to_message()

    assert PROBE_PORT == traffic.PROBE_PORT
    assert (message["count"], message["source"], message["source_port"]) == (COUNT, "10.1.0.10", 0)
    assert Address.parse(message["destination"]) == probe.destination
    assert msgspec.structs.replace(probe, source=None).to_message()["source"] == ""
