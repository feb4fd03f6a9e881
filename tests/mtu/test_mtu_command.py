"""``sapper mtu``: its output for people and programs, its files, its errors and exit statuses, what it imports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from sapper.__main__ import main
from sapper.mtu.anatomy import pieces
from sapper.mtu.parse import parse
from sapper.render.mtu_text import COLUMNS, picture

CHECKOUT = Path(__file__).parents[2]
SCHEMA = json.loads((CHECKOUT / "docs" / "schema" / "mtu.json").read_text())
CONTRACT = "pppoe/ipv4/udp/esp:aes256gcm128/ipv4/gre:key/ipv4/tcp"
EAST = CHECKOUT / "examples" / "canonical" / "east.set"
LINK = "https://example.net/?protocols=Ethernet,IPv4,UDP,VXLAN,IPv4,TCP"


def document(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["mtu", *words, "--format", "json"]) == 0
    written = capsys.readouterr()
    assert written.err == ""
    parsed: dict[str, Any] = json.loads(written.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def text(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["mtu", *words]) == 0
    return capsys.readouterr().out


def test_the_document_has_the_contract_s_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(["ipv4/udp/esp:aes256gcm128/ipv4"], capsys)
    assert next(iter(found)) == "schema"
    assert found["schema"] == "sapper/mtu/1"
    assert (found["link_mtu"], found["inner_mtu"]) == (1500, 1438)
    assert found["mss"] == {"ipv4": 1398, "ipv6": 1378}
    assert found["overhead"] == {"min": 62, "max": 65}
    assert [(layer["layer"], layer["bytes"]) for layer in found["layers"]] == [
        ("ipv4", 20),
        ("udp", 8),
        ("esp", 34),
        ("ipv4", 20),
    ]


def test_everything_that_can_be_asked_validates(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        [CONTRACT, "--link", "1492", "--payload", "2000", "--mix", "imix", "--hop", "1500", "--hop", "ipv4/gre@1500",
         "--what-if"],
        capsys,
    )  # fmt: skip
    assert found["link_mtu"] == 1476
    assert found["payload"]["inner_bytes"] == 2040
    assert found["payload"]["fits"] is False
    assert found["path"][1]["narrowest"] is True
    assert found["what_if"][0]["gain"] > 0
    assert found["calculator"] is None
    calculator = document([LINK], capsys)["calculator"]
    assert calculator["right"] is False
    assert calculator["mtu"] + 8 == 1500 - calculator["overhead"] - sum(
        one["bytes"] for one in calculator["differences"]
    )


def test_a_configuration_s_document_validates(capsys: pytest.CaptureFixture[str]) -> None:
    (tunnel,) = document([str(EAST)], capsys)["tunnels"]
    assert {"router", "name", "stack", "link_mtu", "configured_mtu", "inner_mtu", "mss", "commands"} <= set(tunnel)
    assert tunnel["router"] == "east"


def test_a_document_without_a_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(["ipv4/gre"], capsys)
    del found["mss"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(found)


def test_the_picture_is_to_scale(capsys: pytest.CaptureFixture[str]) -> None:
    written = text(["ipv4/esp:aes256-sha256/gre/ipv4"], capsys)
    rows = [line for line in written.splitlines() if "█" in line or "▏" in line or "▌" in line]
    data = next(row for row in rows if "data" in row)
    assert 50 <= data.count("█") <= 60
    assert "largest inner packet  1434" in written
    assert "1394 IPv4, 1374 IPv6" in written


@pytest.mark.parametrize("blocks", [True, False])
def test_every_piece_is_drawn_where_its_bytes_are(blocks: bool) -> None:
    packet = pieces(parse("ethernet/ipv4/esp:aes256-sha512/gre/ipv4"), 1300, 1500)
    whole = packet[-1].offset + packet[-1].bytes
    for piece, row in zip(packet, picture(packet, blocks=blocks)[1:], strict=True):
        bar = row[-1].text
        start, end = piece.offset * COLUMNS / whole, (piece.offset + piece.bytes) * COLUMNS / whole
        assert abs(len(bar) - len(bar.lstrip()) - start) <= 1
        assert abs(len(bar) - end) <= 1.2


def test_without_block_letters_it_is_drawn_in_ascii() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sapper", "mtu", "ipv4/gre/ipv4"],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii"},
        check=True,
        timeout=60,
    )
    assert b"....." in ran.stdout
    assert b"\\u" not in ran.stdout


def test_a_share_link_says_where_the_calculator_is_not_right(capsys: pytest.CaptureFixture[str]) -> None:
    written = text([LINK], capsys)
    assert "the calculator takes 98 off and says 1402; it is 1410" in written
    assert "-8  its VXLAN has UDP in it already" in written
    assert "right" in text(["?protocols=IPv4,GRE"], capsys)


def test_the_drawing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "packet.svg"
    text([CONTRACT, "--svg", str(target)], capsys)
    tree = ElementTree.parse(target)
    boxes = tree.findall("{http://www.w3.org/2000/svg}rect")
    titles = [title.text for title in tree.iter("{http://www.w3.org/2000/svg}title")]
    assert len(boxes) > 20
    assert "ESP: 16 bytes" in titles


def test_png_is_written_or_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "packet.png"
    status = main(["mtu", CONTRACT, "--png", str(target)])
    if status == 0:
        assert target.read_bytes().startswith(b"\x89PNG")
    else:
        assert status == 3
        message = "sapper mtu: PNG needs Pillow: pip install 'sapper[png]'; --svg needs nothing\n"
        assert capsys.readouterr().err == message


ONE_LINE_ERRORS = {
    ("ethernet/tcp",): "sapper mtu: column 10: tcp cannot stand right under ethernet; what fits there: vlan, qinq,"
    " macsec, pppoe, mpls, ipv4, ipv6, ipip, sit, 6rd, ip6ip6, ipip6",
    ("ipv4/esp:aes257/ipv4",): "sapper mtu: column 10: no ESP transform is called 'aes257'; did you mean 'aes256'?",
    ("ipv4/gre/ipv4", "--link", "40"): "sapper mtu: a link of 40 bytes has no room for these headers; the smallest"
    " that fits is 44",
    ("ipv4/gre", "--link", "0"): "sapper mtu: argument --link: '0' is no number of bytes from 1 to 65535",
    ("ipv4/gre", "--what-if"): "sapper mtu: --what-if compares ESP transforms, and this stack has no esp layer",
    ("ipv4/gre", "--hop", "x"): "sapper mtu: 'x' is no hop; write an MTU from 1 to 65535, or STACK@MTU",
    ("ipv4/gre", "ipv4/gre"): "sapper mtu: one stack at a time; 'ipv4/gre' is one too many",
    ("grre/ipv4",): "sapper mtu: column 1: no layer is called 'grre'; did you mean 'gre'?",
    ("nowhere.boot",): "nowhere.boot:1:1: No such file or directory",
    (
        "nowhere.boot",
        "--what-if",
    ): "sapper mtu: --what-if is for a stack, and 'nowhere.boot' is none (its first word is no layer)",
    (
        "?protocols=TCP,Ethernet",
    ): "sapper mtu: the calculator adds 34 for TCP,Ethernet, but no packet is tcp/ethernet:"
    " tcp cannot be the outermost layer; it stands under ipv4, ipv6, ah, esp, ipcomp",
    (): "sapper mtu: the following arguments are required: STACK|CONFIG",
}


@pytest.mark.parametrize("words", ONE_LINE_ERRORS, ids=" ".join)
def test_the_wrong_thing_typed_gets_one_line_and_exit_2(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mtu", *words]) == 2
    written = capsys.readouterr()
    assert written.err == ONE_LINE_ERRORS[words] + "\n"
    assert written.out == ""


def test_one_of_several_files_that_cannot_be_read_gives_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mtu", str(EAST), "nowhere.boot"]) == 1
    written = capsys.readouterr()
    assert written.err == "nowhere.boot:1:1: No such file or directory\n"
    assert "east tun0" in written.out


def test_one_stack_imports_little() -> None:
    listed = "import sys; from sapper.__main__ import main; main(['mtu', 'ipv4/esp:aes256gcm128/ipv4']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert not {"msgspec", "argparse", "rich", "json", "pathlib", "difflib", "subprocess", "urllib.parse"} & loaded
    assert {"sapper.mtu.protocols.esp", "sapper.mtu.protocols.ipv4"} <= loaded
    assert "sapper.mtu.protocols.vxlan" not in loaded
