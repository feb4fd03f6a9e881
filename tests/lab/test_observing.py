"""Counters, logs and secrets of an observation, without a kernel: texts of /proc, files, and a rig that answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from pair_sample import setup_of

from sapper.lab.inside import counters, logs
from sapper.lab.measure import subjects_of
from sapper.lab.observe import flows_of, observe, secrets_of, without
from sapper.lab.result import NodeCounters, Sending
from sapper.lab.rig import Rig

SNMP = "Ip: Forwarding InReceives OutNoRoutes\nIp: 1 12 3\nIcmp: InMsgs\nIcmp: 4\n"
SNMP6 = "Ip6InReceives                   	9\nIp6OutNoRoutes                  	2\n"
XFRM = "XfrmInError             	0\nXfrmInNoPols            	4\n"
DEV = (
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier\n"
    "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
)


def test_proc_is_read_by_its_columns() -> None:
    assert counters._xfrm(XFRM) == {"XfrmInError": 0, "XfrmInNoPols": 4}
    assert counters._snmp(SNMP) == {"IpOutNoRoutes": 3}
    assert counters._snmp6(SNMP6) == {"Ip6OutNoRoutes": 2}
    assert counters._links(DEV) == {
        "eth0 rx_errors": 3,
        "eth0 rx_dropped": 4,
        "eth0 tx_errors": 11,
        "eth0 tx_dropped": 12,
    }


def test_this_hosts_own_proc_can_be_read() -> None:
    found = counters._links((Path("/proc/thread-self/net") / "dev").read_text())
    assert "lo rx_dropped" in found
    assert "IpOutNoRoutes" in counters._snmp((Path("/proc/thread-self/net") / "snmp").read_text())


def test_only_what_grew_is_told() -> None:
    assert counters._grown({"a": 1, "b": 2}, {"a": 1, "b": 5, "c": 0, "d": 4}) == {"b": 3, "d": 4}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logs, "ROOM", str(tmp_path))
    (tmp_path / "east").mkdir()
    logs.forget()
    return tmp_path


def test_logs_come_a_piece_at_a_time(room: Path) -> None:
    log = room / "east/charon.log"
    log.write_text("one\n")
    assert logs.collect() == {"east": {"charon.log": "one\n"}}
    assert logs.collect() == {}
    with log.open("a") as stream:
        stream.write("two\n")
    assert logs.collect() == {"east": {"charon.log": "two\n"}}
    log.write_text("anew\n")
    assert logs.collect() == {"east": {"charon.log": "anew\n"}}


def test_logs_of_an_earlier_lab_are_not_told(room: Path) -> None:
    (room / "east/charon.log").write_text("old\n")
    logs.forget()
    assert logs.collect() == {}
    assert not (room / "east/charon.log").exists()


class AnsweringRig:
    """A rig whose guest has seen something; one log has a key in it, as no charon would write it."""

    def __init__(self) -> None:
        self.setup = setup_of("canonical")
        self.sides = self.setup.sides
        self.names = [side.name for side in self.sides]
        self.secret = next(iter(secrets_of([self.sides[0].plan])))

    def ask(self, do: str, **_: Any) -> dict[str, Any]:
        assert do == "observe"
        return {
            "sent": [["sapper:east:tun0:0", 0.5]],
            "counters": {"east": {"xfrm": {"XfrmInNoPols": 4}}, "net": {}},
            "logs": {"east": {"charon.log": f"loaded {self.secret} now"}},
            "associations": [["east", 7, "192.0.2.10", "203.0.113.20", "tunnel", 1, 15]],
        }


def test_an_observation_has_no_key_and_no_silent_node() -> None:
    rig = AnsweringRig()
    found = observe(cast(Rig, rig))
    assert found.logs == {"east charon.log": "loaded *** now"}
    assert found.counters == (NodeCounters(node="east", xfrm={"XfrmInNoPols": 4}),)
    assert found.sent == (Sending("sapper:east:tun0:0", 0.5),)
    assert found.associations[0].spi == 7


def test_the_longest_secret_is_struck_out_first() -> None:
    assert without("abcdef abc", ("abcdef", "abc")) == "*** ***"


def test_each_flow_names_its_tunnel_and_network() -> None:
    setup = setup_of("canonical")
    flows = flows_of(subject for side in setup.sides for subject in subjects_of(setup.topology, side))
    assert len({flow.token for flow in flows}) == len(flows) >= 4
    lan = next(flow for flow in flows if flow.router == "east" and flow.destination == "10.2.0.10")
    assert (lan.tunnel, lan.network, lan.source, lan.through) == ("tun0", "10.2.0.0/24", "10.1.0.10", True)
