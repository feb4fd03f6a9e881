"""strongSwan's own swanctl reads the rendered swanctl.conf: what it then tells charon is what the Plan says.

The lab tells charon the same things over vici by another way, so the two are compared with each other too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans_to_render import CONNECTIONS
from vici_recorder import Said, loaded

from sapper.kernel.plan import Connection, Plan
from sapper.lab.setup import setup
from sapper.lab.swanctl import Timers, connection_message
from sapper.render import swanctl
from sapper.secret import Secret

pytestmark = pytest.mark.lab
ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
TRICKY = st.text(st.sampled_from(list("\"\\#{}=\n\r\t 0sx'%,:.;$`!é")), min_size=1, max_size=20)
NAMES = st.from_regex(r"[A-Za-z0-9_@|+~-]{1,20}", fullmatch=True).filter(lambda name: name != "include")
UNITS = {"rekey_time", "life_time", "dpd_delay", "dpd_timeout"}
LISTS = {"local_ts", "remote_ts"}
DEFAULTS = {"replay_window": "32"}  # of a bypass policy, which has no use for it


@pytest.fixture(scope="module")
def packages() -> Path:
    return Path(setup(lambda _: None).packages)


def messages(said: Said, command: str) -> list[dict[str, Any]]:
    return [message for name, message in said if name == command]


def test_the_lab_tells_charon_the_same(packages: Path) -> None:
    said = loaded(swanctl.render(CONNECTIONS)["swanctl.conf"], packages)
    read: dict[str, Any] = {}
    for message in messages(said, "load-conn"):
        read |= message

    for connection in CONNECTIONS.connections:
        told = plain(connection_message(connection, Timers()))[connection.name]
        shown = plain(read[connection.name])
        assert subset(told, shown) == []


def plain(value: Any, key: str = "") -> Any:
    """Text without the liberties of the syntax: units, an open port, no as a default."""
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, key) for item in value]
    text = value.decode() if isinstance(value, bytes) else str(value)
    if key in UNITS:
        return text.removesuffix("s")
    return text.replace("/any]", "/]").replace("[any/", "[/") if key in LISTS else text


def subset(told: dict[str, Any], shown: dict[str, Any], path: str = "") -> list[str]:
    """Where what was told is not what is shown. The lab has its own timers, and its own script's path."""
    found = []
    for key, value in told.items():
        here = f"{path} {key}"
        if isinstance(value, dict):
            found += subset(value, shown.get(key, {}), here)
        elif key not in {"dpd_delay", "dpd_timeout"} and shown.get(key, DEFAULTS.get(key, "no")) != value:
            found.append(f"{here}: {shown.get(key)!r}, not {value!r}")
    return found


def test_every_word_of_a_connection_arrives(packages: Path) -> None:
    said = loaded(swanctl.render(CONNECTIONS)["swanctl.conf"], packages)
    west = next(message["WEST"] for message in messages(said, "load-conn") if "WEST" in message)
    child = west["children"]["WEST-vti"]

    assert (west["dpd_delay"], west["dpd_timeout"], west["encap"]) == (b"30s", b"120s", b"yes")
    assert (child["life_bytes"], child["life_packets"]) == (b"1000000", b"5000")
    assert (child["if_id_in"], child["if_id_out"]) == (b"1", b"1")
    assert child["updown"] == b"/etc/swanctl/updown-vti0"
    secrets = {message["id"]: message for message in messages(said, "load-shared")}
    assert secrets[b"ike-WEST"]["data"] == b'pa"ss\\wo#rd } = {'
    assert secrets[b"ike-WEST"]["owners"] == [b"east", b"west side"]
    assert secrets[b"ike-any-where"]["data"] == "line\nbreak\0\x7fé".encode()
    assert secrets[b"ike-any-where"]["owners"] == []


@settings(max_examples=25)
@given(
    name=NAMES,
    identity=ANY_TEXT | TRICKY,
    owner=ANY_TEXT | TRICKY,
    secret=ANY_TEXT
    | TRICKY
    | st.binary(min_size=1, max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    title=st.text(max_size=30),
)
def test_nothing_of_a_name_or_a_secret_is_syntax(
    packages: Path, name: str, identity: str, owner: str, secret: str, title: str
) -> None:
    connection = msgspec.structs.replace(
        CONNECTIONS.connections[0],
        name=name,
        title=title,
        local_id=identity,
        remote_id=identity,
        secret=Secret(secret),
        secret_ids=(owner,),
        children=tuple(
            msgspec.structs.replace(child, name=f"{name}-{at}", title=title)
            for at, child in enumerate(CONNECTIONS.connections[0].children)
        ),
    )

    said = loaded(swanctl.render(one(connection))["swanctl.conf"], packages)

    [message] = messages(said, "load-conn")
    [shared] = messages(said, "load-shared")
    assert set(message) == {name}
    assert message[name]["local"]["id"].decode() == identity
    assert set(message[name]["children"]) == {f"{name}-0"}
    assert shared["id"].decode() == f"ike-{name}"
    if owner not in ("any", "%any"):
        assert shared["owners"] == [owner.encode()]
    if not secret.startswith(("0x", "0s")):
        assert shared["data"] == secret.encode("utf-8", "surrogateescape")


def one(connection: Connection) -> Plan:
    return msgspec.structs.replace(CONNECTIONS, connections=(connection,))
