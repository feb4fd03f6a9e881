"""The topology file: what it says reaches the sketch, and what is wrong with it is one line with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import ends_of
from topology_sample import sketched

from sapper.address import Address, Attached, Prefix
from sapper.lab.pairing import UnusablePair
from sapper.lab.topology.document import UnusableSketch, read_sketch
from sapper.lab.topology.sketch import Attacker, Lan, NatBox, Routing, Sketch, Wan

LINKS = {"east": ["eth0", "eth1", "tun0"], "west": ["eth0", "eth1", "tun0"]}
WHOLE = """\
[[wan]]
name = "isp1"
networks = ["192.0.2.0/24", "2001:db8::/32"]
interfaces = ["east:eth0"]
delay_ms = 12.5
loss_percent = 1
mtu = 1400
icmp = false

[[wan]]
name = "isp2"
isolated = true

[[nat]]
router = "east"
interface = "eth0"
port_preserving = false
outside = "198.51.100.7/28"
forward = true

[[lan]]
router = "west"
interface = "eth1"
hosts = ["10.2.0.77"]

[[attacker]]
name = "mallory"
wan = "isp2"
address = "192.0.2.66"

[[routing]]
router = "east"
protocol = "bgp"
interfaces = ["tun0"]
asn = 65010
networks = ["10.1.0.0/24"]
"""


def test_everything_that_can_be_said() -> None:
    assert read_sketch(WHOLE, "t.toml", LINKS) == Sketch(
        wans=(
            Wan(
                name="isp1",
                networks=(Prefix.parse("192.0.2.0/24"), Prefix.parse("2001:db8::/32")),
                interfaces=(("east", "eth0"),),
                delay_ms=12.5,
                loss_percent=1.0,
                mtu=1400,
                icmp=False,
            ),
            Wan(name="isp2", isolated=True),
        ),
        nats=(
            NatBox(
                router="east",
                interface="eth0",
                port_preserving=False,
                outside=Attached.parse("198.51.100.7/28"),
                forward=True,
            ),
        ),
        lans=(Lan(router="west", interface="eth1", hosts=(Address.parse("10.2.0.77"),)),),
        attackers=(Attacker(name="mallory", wan="isp2", address=Attached.parse("192.0.2.66/24")),),
        routing=(
            Routing(
                router="east",
                protocol="bgp",
                interfaces=("tun0",),
                asn=65010,
                networks=(Prefix.parse("10.1.0.0/24"),),
            ),
        ),
    )


def test_an_empty_file_says_nothing() -> None:
    assert read_sketch("", "t.toml", LINKS) == Sketch()


WRONG = [
    ('[[wan]]\nname = "a"\ndelay_ms = "x"', "3:12", "delay_ms: expected milliseconds from 0 to 10000"),
    ('[[wan]]\nname = "a"\ndelay_ms = true', "3:12", "delay_ms: expected milliseconds from 0 to 10000"),
    ('[[wan]]\nname = "a"\nloss_percent = 101', "3:16", "loss_percent: expected a percentage from 0 to 100"),
    ('[[wan]]\nname = "a"\nmtu = 1', "3:7", "mtu: expected bytes from 576 to 65535"),
    ('[[wan]]\nname = "a"\nmtu = 1400.5', "3:7", "mtu: expected bytes from 576 to 65535"),
    ('[[wan]]\nname = "a"\nicmp = 1', "3:8", "icmp: expected true or false"),
    ('[[wan]]\nname = "a/b"', "2:8", "name: expected a name of at most 15 letters, digits, dots, dashes"),
    ('[[wan]]\nname = "east"', "2:8", "name: east is taken; expected another name"),
    ('[[wan]]\nname = "a"\n[[attacker]]\nname = "a"', "4:8", "name: a is taken; expected another name"),
    ('[[wan]]\nname = "a"\nnetworks = "10.0.0.0/8"', "3:12", "networks: expected a list"),
    ('[[wan]]\nname = "a"\nnetworks = [7]', "3:12", 'networks: expected a network such as "192.0.2.0/24", not 7'),
    ('[[wan]]\nname = "a"\ninterfaces = ["x:y"]', "3:14", "\"ROUTER:INTERFACE\" of east, west, not 'x:y'"),
    ("[[wan]]\nmtu = 1500", "1:1", "expected a key name in [[wan]]"),
    ("[[wan]]\nnam = 1", "2:7", "unknown 'nam'; expected one of name, networks"),
    ('[[nat]]\nrouter = "nobody"', "2:10", "router: expected one of the routers east, west"),
    ('[[nat]]\nrouter = "east"\ninterface = "eth9"', "3:13", "east has no interface eth9; expected one of eth0"),
    ('[[nat]]\nrouter = "east"\noutside = "x"', "3:11", 'outside: expected an address such as "198.51.100.7/24"'),
    ('[[attacker]]\nname = "m"\nwan = "b"\n[[wan]]\nname = "a"', "3:7", "wan: unknown 'b'; expected one of a"),
    ('[[routing]]\nrouter = "east"\nprotocol = "rip"', "3:12", 'protocol: expected "ospf" or "bgp"'),
    ('[[routing]]\nrouter = "east"\nprotocol = "bgp"\ninterfaces = ["t"]', "4:14", "east has no interface t"),
    (
        '[[routing]]\nrouter = "east"\nprotocol = "bgp"\ninterfaces = []\nasn = 0',
        "5:7",
        "asn: expected an AS number",
    ),
    ('[[lan]]\nrouter = "east"\ninterface = "eth1"\nhosts = ["x"]', "4:9", "hosts: expected an address"),
    ("wan = 3", "1:7", "expected tables [[wan]]"),
    ("[wan]\nname = 'a'", "1:1", "expected tables [[wan]]"),
    ("[[router]]", "1:1", "unknown 'router'; expected one of [[wan]], [[nat]]"),
    ("[[wan]\n", "1:6", ""),
    ('name = "', "1:9", ""),
    ("a = 1\na = 2\n", "2:6", ""),
]


@pytest.mark.parametrize(("text", "place", "message"), WRONG)
def test_what_is_wrong_is_one_line_with_its_place(text: str, place: str, message: str) -> None:
    with pytest.raises(UnusableSketch) as caught:
        read_sketch(text, "t.toml", LINKS)

    said = str(caught.value)
    assert said.startswith(f"t.toml:{place}: ")
    assert message in said
    assert "\n" not in said


def test_an_interface_is_on_one_wan_only() -> None:
    text = "".join(f'[[wan]]\nname = "{name}"\ninterfaces = ["east:eth0"]\n' for name in "ab")

    with pytest.raises(UnusableSketch, match=r"^t\.toml:6:14: interfaces: east:eth0 is on another WAN already$"):
        read_sketch(text, "t.toml", LINKS)


@given(st.text(max_size=60) | st.text(alphabet="[]{}=\"\n'#wan.1,e", max_size=80))
def test_no_text_gives_anything_but_a_sketch_or_a_line(text: str) -> None:
    said = ""
    try:
        read_sketch(text, "t.toml", LINKS)
    except UnusableSketch as error:
        said = str(error)

    assert not said or re.match(r"t\.toml:[1-9]\d*:[1-9]\d*: ", said)
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, r":1:1: No such file"), (b"\xff\xfe", r":1:1: expected TOML, which is UTF-8 text")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, message: str) -> None:
    from sapper.lab.run import prepare_all
    from sapper.lab.topology_file import drawing

    path = tmp_path / "t.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UnusablePair, match=message):
        prepare_all("pair", ends_of("canonical"), drawing(path))


def test_a_host_that_is_in_no_network_of_its_lan(tmp_path: Path) -> None:
    text = '[[lan]]\nrouter = "east"\ninterface = "eth1"\nhosts = ["10.9.0.1"]\n'

    with pytest.raises(UnusablePair, match=r"10\.9\.0\.1 is no free address of a network of eth1"):
        sketched(ends_of("canonical"), text, tmp_path)
