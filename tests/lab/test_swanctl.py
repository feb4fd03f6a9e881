"""The messages to charon, read as charon reads them: known keys, values that its parsers take, secrets in one place.

The keys are those of strongSwan's swanctl.conf(5) and vici README (5.9); the value parsers are written after what
vici_config.c accepts.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import EVERY_PAIR, end_of, ends_of, setup_of, text_of
from vici.protocol import FiniteStream, Message

from sapper.address import WIDTH_BITS, Prefix
from sapper.kernel.plan import CHARON_TABLE, Child, Connection, Link, Plan, Route, Selector
from sapper.lab.run import prepare
from sapper.lab.swanctl import Timers, conf, connection_message, secret_message, updown_script
from sapper.secret import Secret

SECRET = "correct-horse-battery-tunnel"
TIMERS = Timers()
NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})")
TIME = re.compile(r"(0|[1-9][0-9]{0,13})[smhd]?")
YES = re.compile(r"yes|no")
ACTION = re.compile(r"none|trap|start|restart|clear")
WORD = re.compile(r"[^,]+")
CONNECTION_VALUES = {
    "version": re.compile(r"[012]"),
    "local_addrs": re.compile(r"%any|[0-9a-f.:]+"),
    "remote_addrs": re.compile(r"%any|[0-9a-f.:]+"),
    "proposals": re.compile(r"[a-z0-9-]+"),
    "mobike": YES,
    "aggressive": YES,
    "encap": YES,
    "rekey_time": TIME,
    "dpd_delay": TIME,
    "dpd_timeout": TIME,
    "keyingtries": NUMBER,
}
CHILD_VALUES = {
    "mode": re.compile(r"tunnel|transport|pass"),
    "start_action": ACTION,
    "close_action": ACTION,
    "dpd_action": ACTION,
    "replay_window": NUMBER,
    "ipcomp": YES,
    "esp_proposals": re.compile(r"[a-z0-9-]+"),
    "life_time": TIME,
    "rekey_time": TIME,
    "rand_time": TIME,
    "priority": NUMBER,
    "if_id_in": NUMBER,
    "if_id_out": NUMBER,
}


def read_selector(text: str) -> Selector:
    """A traffic selector as charon's vici plugin takes it: NETWORK[PROTOCOL/PORT], either may be any."""
    found = re.fullmatch(r"([0-9a-f.:]+/[0-9]+)(?:\[([^/\]]+)(?:/([^\]]*))?\])?", text)
    assert found, text
    network, protocol, port = found.groups()
    prefix = Prefix.parse(network)
    number = None if protocol in (None, "any") else int(protocol)
    assert number is None or 0 < number <= 255
    return Selector(prefix, number, None if port in (None, "", "any") else int(port))


def values_are_known(body: dict[str, Any], known: dict[str, re.Pattern[str]]) -> None:
    for key, value in body.items():
        for item in value if isinstance(value, list) else [value]:
            assert known[key].fullmatch(item), (key, item)


def read(message: dict[str, Any]) -> dict[str, Any]:
    """Check a whole load-conn message and return the connection's body."""
    ((_name, body),) = message.items()
    rest = {key: value for key, value in body.items() if key not in ("local", "remote", "children")}
    values_are_known(rest, CONNECTION_VALUES)
    for side in ("local", "remote"):
        values_are_known(body[side], {"auth": re.compile("psk|pubkey"), "id": WORD})
    for child in body["children"].values():
        selectors = {key: child[key] for key in ("local_ts", "remote_ts") if key in child}
        values_are_known({key: value for key, value in child.items() if key not in selectors}, CHILD_VALUES)
        assert all(value and [read_selector(item) for item in value] for value in selectors.values())
    assert SECRET not in repr(message)
    return dict(body)


def plain_dicts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain_dicts(item) for key, item in value.items()}
    return [item.decode() for item in value] if isinstance(value, list) else value.decode()


@pytest.mark.parametrize("name", EVERY_PAIR)
def test_charon_would_take_every_message(name: str) -> None:
    for side in setup_of(name).sides:
        for connection in side.connections:
            for timers in (TIMERS, Timers(life_time_s=3, dpd=False)):
                message = connection_message(connection, timers)
                read(message)
                # What the vici library sends is what was meant.
                assert plain_dicts(Message.deserialize(FiniteStream(Message.serialize(message)))) == message


@pytest.mark.parametrize("name", EVERY_PAIR)
def test_the_secret_is_in_its_own_message_only(name: str) -> None:
    for side in setup_of(name).sides:
        assert SECRET not in conf(side.plan, TIMERS)
        for connection in side.connections:
            assert connection.secret == Secret(SECRET)
            message = secret_message(connection, SECRET)
            assert message.pop("data") == SECRET
            assert SECRET not in repr(message)
            assert (message["type"], message["id"]) == ("IKE", f"ike-{connection.name}")


def test_owners_are_the_configured_identities() -> None:
    (connection,) = setup_of("nat").sides[0].connections
    assert secret_message(connection, "x")["owners"] == ["east", "west"]


@pytest.mark.parametrize("ids", [(), ("any",), ("192.0.2.1", "%any")])
def test_a_key_for_anybody_has_no_owners(ids: tuple[str, ...]) -> None:
    (connection,) = setup_of("nat").sides[0].connections
    assert "owners" not in secret_message(msgspec.structs.replace(connection, secret_ids=ids), "x")


def test_the_canonical_connection() -> None:
    (connection,) = setup_of("canonical").sides[0].connections

    body = read(connection_message(connection, TIMERS))

    assert body["local_addrs"] == ["192.0.2.10"]
    assert body["remote_addrs"] == ["203.0.113.20"]
    assert (body["version"], body["dpd_delay"], body["keyingtries"]) == ("2", "1s", "0")
    (child,) = body["children"].values()
    assert (child["mode"], child["start_action"], child["dpd_action"]) == ("transport", "start", "clear")
    assert child["local_ts"] == ["192.0.2.10/32[47/any]"]


def test_a_peer_of_any_address_and_without_identity() -> None:
    (connection,) = setup_of("nat").sides[1].connections
    bare = msgspec.structs.replace(connection, local_addrs=(), local_id=None, remote_id=None)

    body = read(connection_message(bare, TIMERS))

    assert (body["local_addrs"], body["remote_addrs"]) == (["%any"], ["%any"])
    assert (body["local"], body["remote"]) == ({"auth": "psk"}, {"auth": "psk", "id": "%any"})


def test_a_vti_has_its_interface_id_on_both_directions() -> None:
    (connection,) = setup_of("vti").sides[0].connections

    (child,) = read(connection_message(connection, TIMERS))["children"].values()

    assert (child["if_id_in"], child["if_id_out"]) == ("1", "1")
    assert child["local_ts"] == child["remote_ts"] == ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize(("key_exchange", "aggressive"), [("ikev1", "yes"), ("ikev2", "no")])
def test_aggressive_mode_is_ikev1s(key_exchange: str, aggressive: str) -> None:
    words = "set vpn ipsec ike-group IKE mode 'aggressive'\n"
    text = text_of("canonical", "east", ("key-exchange 'ikev2'", f"key-exchange '{key_exchange}'")) + words

    (connection,) = prepare("pair", end_of(text), ends_of("canonical")[1]).sides[0].connections

    body = read(connection_message(connection, TIMERS))
    assert (body["version"], body["aggressive"]) == (key_exchange[-1], aggressive)


def test_a_priority_reaches_charon() -> None:
    words = "set vpn ipsec site-to-site peer WEST tunnel 1 priority '42'\n"
    text = text_of("policy-based", "east") + words

    (connection,) = prepare("pair", end_of(text), ends_of("policy-based")[1]).sides[0].connections

    (child,) = read(connection_message(connection, TIMERS))["children"].values()
    assert child["priority"] == "42"


def test_a_bypass_has_selectors_and_a_trap_and_nothing_else() -> None:
    text = text_of("policy-based", "east", ("remote prefix '10.2.0.0/24'", "remote prefix '10.0.0.0/8'"))

    (connection,) = prepare("pair", end_of(text), ends_of("policy-based")[1]).sides[0].connections

    children = read(connection_message(connection, TIMERS))["children"]
    (passing,) = [child for child in children.values() if child["mode"] == "pass"]
    assert passing["local_ts"] == passing["remote_ts"] == ["10.1.0.0/24"]
    assert passing["start_action"] == "trap"
    assert not {"esp_proposals", "life_time", "close_action"} & passing.keys()


def test_without_selectors_charon_takes_its_own_addresses() -> None:
    """An empty list would be an empty list of selectors; charon's `dynamic` is what it does without the key."""
    (connection,) = setup_of("policy-based").sides[0].connections
    child = msgspec.structs.replace(connection.children[0], local_ts=(), remote_ts=())

    body = connection_message(msgspec.structs.replace(connection, children=(child,)), TIMERS)

    (sent,) = read(body)["children"].values()
    assert not {"local_ts", "remote_ts"} & sent.keys()


def test_only_the_lifetime_is_shortened_and_nothing_rekeys_before_it() -> None:
    (connection,) = setup_of("canonical").sides[0].connections
    usual = read(connection_message(connection, TIMERS))
    short = read(connection_message(connection, Timers(life_time_s=3, dpd=False)))

    assert "dpd_delay" not in short
    (before,), (after,) = usual["children"].values(), short["children"].values()
    assert (after["life_time"], after["rekey_time"]) == ("3s", "0s")
    assert before["life_time"] == "3600s"
    assert before.keys() <= after.keys()
    changed = {"life_time", "rekey_time", "rand_time"}
    assert {key: after[key] for key in before.keys() - changed} == {
        key: before[key] for key in before.keys() - changed
    }


@st.composite
def selectors(draw: st.DrawFn) -> Selector:
    family = draw(st.sampled_from((4, 6)))
    width = WIDTH_BITS[family]
    prefix = Prefix(4 if family == 4 else 6, draw(st.integers(0, 2**width - 1)), draw(st.integers(0, width)))
    return Selector(prefix, draw(st.none() | st.integers(1, 255)), draw(st.none() | st.integers(1, 65535)))


@given(st.lists(selectors(), min_size=1, max_size=4), st.lists(selectors(), min_size=1, max_size=4))
def test_any_selector_is_read_as_it_was_meant(local: list[Selector], remote: list[Selector]) -> None:
    child = Child(
        name="c", mode="tunnel", local_ts=tuple(local), remote_ts=tuple(remote), esp_proposals=("aes128",)
    )
    connection = Connection(
        name="peer", version=2, local_addrs=(), remote_addrs=(), proposals=("aes128",), children=(child,)
    )

    (sent,) = read(connection_message(connection, TIMERS))["children"].values()

    assert [read_selector(text) for text in sent["local_ts"]] == local
    assert [read_selector(text) for text in sent["remote_ts"]] == remote


def test_the_daemons_file_says_what_the_plan_says() -> None:
    plan = setup_of("canonical").sides[0].plan

    assert "install_routes = yes" in conf(plan, TIMERS)
    assert "install_routes = no" in conf(msgspec.structs.replace(plan, install_routes=False), TIMERS)
    text = conf(plan, TIMERS)
    assert text.count("{") == text.count("}")
    assert text.count("@ROOM@") == 2
    # Thresholds of 0 alone are not enough: charon raises one of them again (receiver.c).
    assert "dos_protection = no" in text


def test_the_report_says_what_was_shortened() -> None:
    text = " ".join(Timers(dpd_delay_s=1, retransmit_timeout_s=0.5, retransmit_tries=3).sentences())

    assert re.search(r"3 tries every 0\.5 s, given up after 2(\.0)? s", text)
    assert "DPD delay 1 s" in text


def test_the_updown_script_raises_and_lowers(tmp_path: Path) -> None:
    """Run by a shell with an `ip` that only writes down its words."""
    side = setup_of("vti").sides[0]
    link = side.plan.link("vti0")
    assert link is not None
    routes = (
        Route(prefix=Prefix.parse("10.2.0.0/24"), link="vti0", metric=1),
        Route(
            prefix=Prefix.parse("fd00::/8"),
            via=Prefix.parse("fe80::1/128").network,
            link="vti0",
            table=CHARON_TABLE,
        ),
    )
    script = tmp_path / "updown"
    script.write_text(updown_script(side.plan, "vti0", routes, str(tmp_path / "raised")))
    ip = tmp_path / "ip"
    ip.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/said\ncase "$*" in *batch*) cat >> {tmp_path}/said;; esac\n')
    ip.chmod(0o755)

    def said(verb: str) -> list[str]:
        (tmp_path / "said").write_text("")
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PLUTO_VERB": verb}
        subprocess.run(["/bin/sh", str(script)], env=environment, check=True, timeout=10)
        return (tmp_path / "said").read_text().splitlines()

    assert said("up-client") == [
        "-force -batch -",
        "link set dev vti0 up",
        "address replace 10.0.0.1/29 dev vti0",
        "route replace 10.2.0.0/24 dev vti0 metric 1",
        "route replace fd00::/8 via fe80::1 dev vti0 metric 0 table 220",
    ]
    assert (tmp_path / "raised").exists()
    assert said("down-client-v6") == ["link set dev vti0 down"]
    assert not (tmp_path / "raised").exists()
    assert said("up-host-v6") == said("up-client")
    assert said("prepare-client") == []


def test_a_link_without_addresses_is_raised_all_the_same() -> None:
    assert "address" not in updown_script(
        Plan(name="e", links=(Link(name="vti0", kind="xfrm"),)), "vti0", (), "/mark"
    )
