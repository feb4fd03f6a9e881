"""swanctl.conf by a second reader: a few lines that know only strongswan.conf(5)'s rules.

What strongSwan's own swanctl makes of the file is tested with the lab's packages (tests/lab).
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Link, Plan, Route, Selector
from sapper.render import iproute2, networkd, nftables, swanctl
from sapper.render.inexpressible import Inexpressible
from sapper.secret import Secret

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.text(
    st.sampled_from(list("\"\\#{}=\n\r\t 0sx'%,:.;$`!é")), min_size=1, max_size=20
)
NAME = st.text(st.sampled_from(list("ab0@|-_+~")), min_size=1, max_size=9)
CHILD = Child(name="c", mode="tunnel", local_ts=(), remote_ts=(), esp_proposals=("aes128-sha256",))
WEST = Connection(
    name="WEST",
    version=2,
    local_addrs=(Address.parse("192.0.2.1"),),
    remote_addrs=(),
    proposals=("aes128-sha256-ecp256",),
    children=(CHILD,),
    secret=Secret("correct-horse-battery-tunnel"),
    secret_ids=("east", "west"),
)
TOKEN = re.compile(r'#[^\n]*|"((?:\\.|[^"\\])*)"|[{}=\n]|[^\s#{}="]+|[ \t\r]+', re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Settings:
    """A settings file as it is read, token by token. ValueError for a text that is none."""

    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = [{}]
        self.words: list[str] = []

    def take(self, token: str, inside: str | None) -> None:
        if token in "}\n":
            self.finish()
            if token == "}":
                self.stack.pop()
        elif token == "{":
            self.open(self.words.pop())
        elif inside is not None:
            plain = inside.replace("\r", "")
            self.words.append(re.sub(r"\\(.)", lambda one: ESCAPES.get(one[1], one[1]), plain, flags=re.DOTALL))
        elif not token.startswith("#") and token.strip():
            self.words.append(token)

    def open(self, name: str) -> None:
        inner: dict[str, Any] = {}
        if self.stack[-1].setdefault(name, inner) is not inner:
            raise ValueError(name)
        self.stack.append(inner)

    def finish(self) -> None:
        if not self.words:
            return
        name, equals, *values = self.words
        if equals != "=" or name in self.stack[-1]:
            raise ValueError(self.words)
        self.stack[-1][name] = " ".join(values)
        self.words = []


def read(text: str) -> dict[str, Any]:
    settings, place = Settings(), 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise ValueError(text[place : place + 20])
        place = found.end()
        settings.take(found.group(), found.group(1))
    if len(settings.stack) != 1 or settings.words:
        raise ValueError("it ends too early")
    return settings.stack[0]


def conf(connection: Connection, **more: Any) -> dict[str, Any]:
    return read(swanctl.render(Plan(name="east", connections=(connection,), **more))["swanctl.conf"])


@given(
    name=NAME | TEXT, child=NAME | NAME | TEXT, identity=TEXT, owner=TEXT, secret=TEXT, title=st.text(max_size=30)
)
def test_nothing_is_syntax(name: str, child: str, identity: str, owner: str, secret: str, title: str) -> None:
    connection = msgspec.structs.replace(
        WEST,
        name=name,
        title=title,
        local_id=identity,
        secret=Secret(secret),
        secret_ids=(owner,),
        children=(msgspec.structs.replace(CHILD, name=child, title=title),),
    )
    plain = conf(msgspec.structs.replace(WEST, local_id="plain", secret_ids=("plain",)))
    if not (plain_name(name) and plain_name(child)) or "\0" in identity + owner:
        with pytest.raises(Inexpressible):
            conf(connection)
        return
    found = conf(connection)

    [section], [secrets] = found["connections"].values(), found["secrets"].values()
    assert list(found["connections"]) == [name]
    assert list(found["secrets"]) == [f"ike-{name}"]
    assert section["local"]["id"] == identity
    assert list(section["children"]) == [child]
    assert secrets.get("id-1", owner) == owner
    assert key_of(secrets["secret"]) == (key_of(secret) if secret.startswith(("0s", "0x")) else secret.encode())
    assert set(section) == set(plain["connections"]["WEST"])
    assert section["children"][child] == plain["connections"]["WEST"]["children"]["c"]


def plain_name(name: str) -> bool:
    return name != "include" and re.fullmatch(r"[A-Za-z0-9_@|+~-]{1,200}", name) is not None


def key_of(text: str) -> bytes:
    """What swanctl makes of the text of a secret; only base64 matters here."""
    try:
        return base64.b64decode(text[2:], validate=True) if text.startswith("0s") else text.encode()
    except ValueError:
        return text.encode()


def test_a_vyos_secret_in_base64_stays_what_it_is() -> None:
    found = conf(msgspec.structs.replace(WEST, secret=Secret("0sAAECAw==")))
    assert found["secrets"]["ike-WEST"]["secret"] == "0sAAECAw=="


@pytest.mark.parametrize("name", ["a.b", "a:b", "a b", "a{", "a#", "a=b", 'a"', "a%s", "include", "", "x" * 201])
def test_a_name_that_the_syntax_cannot_carry_is_an_error(name: str) -> None:
    with pytest.raises(Inexpressible, match="connection"):
        conf(msgspec.structs.replace(WEST, name=name))


def test_sections_of_one_name_would_be_merged_and_are_an_error() -> None:
    with pytest.raises(Inexpressible, match="twice"):
        swanctl.render(Plan(name="east", connections=(WEST, WEST)))
    with pytest.raises(Inexpressible, match="twice"):
        conf(msgspec.structs.replace(WEST, children=(CHILD, CHILD)))


def test_a_secret_stands_in_its_own_file_only() -> None:
    plan = Plan(name="east", connections=(WEST,))
    secret = "correct-horse-battery-tunnel"
    files = {
        name: text
        for module in (iproute2, swanctl, nftables, networkd)
        for name, text in module.render(plan).items()
    }
    assert [name for name, text in files.items() if secret in text] == ["swanctl.conf"]


def test_without_a_key_the_head_says_so() -> None:
    bare = msgspec.structs.replace(WEST, secret=None)
    text = swanctl.render(Plan(name="east", connections=(bare,)))["swanctl.conf"]
    assert "not here: the pre-shared key of connection WEST" in text
    by_key = msgspec.structs.replace(bare, auth="pubkey")
    text = swanctl.render(Plan(name="east", connections=(by_key,)))["swanctl.conf"]
    assert "not here: certificate and private key of connection WEST" in text


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (Selector(Prefix.parse("10.1.0.0/24")), "10.1.0.0/24"),
        (Selector(Prefix.parse("10.1.0.0/24"), 47), "10.1.0.0/24[47/]"),
        (Selector(Prefix.parse("fd00::/64"), None, 443), "fd00::/64[/443]"),
        (Selector(Prefix.parse("10.1.0.0/24"), 6, 443), "10.1.0.0/24[6/443]"),
    ],
)
def test_selectors_are_written_as_vyos_writes_them(selector: Selector, text: str) -> None:
    child = msgspec.structs.replace(CHILD, local_ts=(selector, selector))
    found = conf(msgspec.structs.replace(WEST, children=(child,)))
    assert found["connections"]["WEST"]["children"]["c"]["local_ts"] == f"{text},{text}"
    assert "remote_ts" not in found["connections"]["WEST"]["children"]["c"]


def test_the_updown_script_counts_its_sas(tmp_path: Path) -> None:
    """Run by a shell, with an ``ip`` that only writes down what it is told."""
    vti = Link(
        name="vti0", kind="xfrm", if_id=1, up=False, raised_by="c", addresses=(Attached.parse("10.0.0.1/29"),)
    )
    plan = Plan(
        name="east",
        links=(vti,),
        routes=(
            Route(prefix=Prefix.parse("10.2.0.0/24"), link="vti0", metric=1, table=7),
            Route(prefix=Prefix.parse("10.2.0.0/24"), kind="unreachable", metric=254),
        ),
        connections=(msgspec.structs.replace(WEST, children=(msgspec.structs.replace(CHILD, updown="vti0"),)),),
    )
    script = swanctl.render(plan)["updown-vti0"].replace("/run/", f"{tmp_path}/")
    (tmp_path / "ip").write_text(f'#!/bin/sh\necho "ip $*" >> {tmp_path}/said\n')
    (tmp_path / "ip").chmod(0o755)

    def told(verb: str) -> list[str]:
        (tmp_path / "said").write_text("")
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PLUTO_VERB": verb, "PLUTO_CONNECTION": "c"}
        shell = shutil.which("sh")
        assert shell is not None
        subprocess.run([shell, "-c", script], env=environment, check=True)
        return (tmp_path / "said").read_text().splitlines()

    raising = [
        "ip link set dev vti0 up",
        "ip address replace 10.0.0.1/29 dev vti0",
        "ip -4 route replace 10.2.0.0/24 metric 1 table 7 proto static dev vti0",
    ]
    assert told("up-client") == raising
    assert told("up-client-v6") == raising
    assert told("down-client") == []
    assert told("down-client-v6") == ["ip link set dev vti0 down"]
    assert told("down-client") == ["ip link set dev vti0 down"]
