"""``sapper convert``: what it writes where, what it says on standard error, and the exit status."""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sample_configs import CANONICAL, SECRET, VTI

from sapper.__main__ import main

TUNNEL = """\
set interfaces tunnel tun0 encapsulation 'gre'
set interfaces tunnel tun0 source-address '192.0.2.1'
set interfaces tunnel tun0 remote '192.0.2.2'
"""
ERSPAN = TUNNEL.replace("'gre'", "'erspan'")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tunnel.set").write_text(TUNNEL)
    (tmp_path / "erspan.set").write_text(ERSPAN)
    (tmp_path / "vti.set").write_text(VTI)
    (tmp_path / "canonical.boot").write_text(CANONICAL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def convert(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capfd.readouterr()
    status = main(["convert", *words])
    written = capfd.readouterr()
    return status, written.out, written.err


def test_the_same_syntax_is_the_same_text(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert convert(capfd, "tunnel.set", "--to", "set") == (0, TUNNEL, "")


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfset a b '\xe4'\r\n", b"set a b 'c'", b"a {\r\n\tb \xff\r\n}\r\n"]
)
def test_the_same_syntax_is_the_same_bytes(content: bytes, directory: Path) -> None:
    Path("odd").write_bytes(content)
    assert main(["convert", "odd", "--to", "set" if b"set" in content else "braces", "--output", "out"]) == 0
    assert Path("out").read_bytes() == content


def test_there_and_back_says_the_same(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for syntax in ("braces", "json", "set"):
        _, text, _ = convert(capfd, "tunnel.set", "--to", syntax)
        Path("there").write_text(text)
        status, back, _ = convert(capfd, "there", "--to", "set")
        assert status == 0
        assert sorted(back.splitlines()) == sorted(TUNNEL.splitlines())


def test_another_generation_has_other_words(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, text, _ = convert(capfd, "tunnel.set", "--generation", "1.2")
    assert status == 0
    assert "set interfaces tunnel tun0 local-ip '192.0.2.1'\n" in text
    _, text, _ = convert(capfd, "tunnel.set", "--generation", "1.2", "--to", "braces")
    assert "        remote-ip 192.0.2.2\n" in text
    assert "/* === vyatta-config-version:" in text


def test_what_the_target_lacks_is_one_line_with_its_place(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, err = convert(capfd, "erspan.set", "--generation", "1.2", "--to", "braces", "--output", "out")
    assert status == 1
    assert out == ""
    assert not Path("out").exists()
    assert err == (
        "erspan.set:1:42: interfaces tunnel tun0 encapsulation cannot be said in 1.2: it has no encapsulation erspan\n"
    )


def test_sections_that_are_not_modelled_are_a_warning(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("more.set").write_text(TUNNEL + "set service ssh port '22'\n")
    status, out, err = convert(capfd, "more.set", "--to", "braces", "--generation", "1.4")
    assert status == 0
    assert '    ssh {\n        port "22"\n    }\n' in out
    assert err == "sapper: more.set: not modelled, copied unchanged: service ssh\n"


def test_braces_without_versions_are_a_warning(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, _, err = convert(capfd, "tunnel.set", "--to", "braces")
    assert err == "sapper: tunnel.set: no version footer, because the input has none; --generation writes one\n"


def test_a_line_that_cannot_be_read_is_no_silent_loss(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("slip.set").write_text(TUNNEL + f"sett vpn secret {SECRET}\n")
    status, out, err = convert(capfd, "slip.set", "--to", "json")
    assert status == 1
    assert '"tun0"' in out
    assert re.match(r"slip\.set:4:1: no set command", err)
    assert SECRET not in out + err


@pytest.mark.parametrize("name", ["nowhere.set", "broken.set", "nothing.set"])
def test_unreadable_input_is_one_line_and_exit_2(
    name: str, directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("broken.set").write_text("nothing that VyOS would know\n")
    Path("nothing.set").write_text("")
    status, out, err = convert(capfd, name, "--to", "braces")
    assert (status, out) == (2, "")
    assert re.fullmatch(rf"{re.escape(name)}:1:1: [^\n]+\n", err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.set"], "say what to convert to"),
        (["x.set", "--to", "brackets"], "did you mean 'braces'?"),
        (["x.set", "--to", "set", "--generation", "1.1"], "'1.1' is not known"),
        (["x.set", "--to", "swanctl", "--generation", "1.4"], "--generation goes with"),
        ([".", "--to", "set"], ". is a directory; expected one file"),
        ([], "CONFIG"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    words: list[str], said: str, directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, err = convert(capfd, *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TUNNEL.encode())))
    status, out, _ = convert(capfd, "-", "--to", "json")
    assert status == 0
    assert out.startswith("{")


def test_a_file_is_written_whole_and_for_its_owner_alone(
    directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = Path("out.boot")
    out.write_text("old")
    out.chmod(0o644)
    assert main(["convert", "vti.set", "--to", "braces", "--output", "out.boot"]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert SECRET in out.read_text()
    assert capfd.readouterr().out == ""
    assert not list(directory.glob(".out.boot*"))


def test_a_directory_that_is_not_there_is_exit_3(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = convert(capfd, "tunnel.set", "--to", "json", "--output", "no/where/out")
    assert (status, out) == (3, "")
    assert err == "sapper: cannot write no/where/out: No such file or directory\n"


def test_the_other_formats_have_files(directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = convert(capfd, "vti.set", "--to", "swanctl")
    assert status == 0
    assert out.startswith("# ---- swanctl.conf ----\n")
    assert SECRET in out
    assert main(["convert", "vti.set", "--to", "swanctl", "--output", "files"]) == 0
    names = {path.name for path in Path("files").iterdir()}
    assert {"swanctl.conf", "strongswan.conf"} <= names
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in Path("files").iterdir())
    assert stat.S_IMODE(Path("files").stat().st_mode) == 0o700
    for form in ("iproute2", "nftables", "networkd"):
        status, out, _ = convert(capfd, "vti.set", "--to", form)
        assert status == 0
        assert out
        assert SECRET not in out


@pytest.mark.parametrize("words", [["--to", "set"], ["--to", "braces"], ["--to", "json"], ["--to", "swanctl"]])
@pytest.mark.parametrize("name", ["vti.set", "canonical.boot"])
def test_a_terminal_sees_no_secret(name: str, words: list[str], directory: Path) -> None:
    shown = on_a_terminal(["convert", name, *words])
    assert SECRET not in shown
    assert "***" in shown
    assert shown.count("secrets are shown as ***; redirect the output or use --output FILE") == 1


def test_a_terminal_without_secrets_is_left_alone(directory: Path) -> None:
    shown = on_a_terminal(["convert", "tunnel.set", "--to", "set"])
    assert shown.replace("\r\n", "\n") == TUNNEL


def on_a_terminal(words: list[str]) -> str:
    leader, follower = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sapper", *words], stdout=follower, stderr=follower, close_fds=True
    ) as process:
        os.close(follower)
        content = b""
        while True:
            try:
                read = os.read(leader, 65536)
            except OSError:
                break
            if not read:
                break
            content += read
        process.wait(60)
    os.close(leader)
    return content.decode()
