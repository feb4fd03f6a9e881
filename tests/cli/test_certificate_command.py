"""``sapper check --certificate`` and ``--verify``: files in, one line out, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemas
from sample_configs import CANONICAL, SAFE_VTI, SECRET, VTI

import sapper.cli.certificate
from sapper.__main__ import main
from sapper.cli.model_version import model_version

ARTICLES = sorted((Path(__file__).parents[1] / "articles").glob("*.*t"))


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "vti.set").write_text(VTI)
    (tmp_path / "safe.set").write_text(SAFE_VTI)
    (tmp_path / "canonical.boot").write_text(CANONICAL)
    monkeypatch.chdir(tmp_path)
    main(["check", "safe.set", "--certificate", "safe.json"])
    capsys.readouterr()
    return tmp_path


def validate(name: str, parsed: object) -> None:
    schema = json.loads((schemas.DIRECTORY / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(parsed)


def refused(words: list[str], capsys: pytest.CaptureFixture[str], status: int = 1) -> str:
    """The one line that says why."""
    assert main(["check", *words]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_a_certificate_is_written_beside_the_report_and_holds(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = main(["check", "safe.set"]), capsys.readouterr().out
    assert (main(["check", "safe.set", "--certificate", "again.json"]), capsys.readouterr().out) == plain
    assert Path("again.json").read_bytes() == Path("safe.json").read_bytes()
    assert main(["check", "safe.set", "--verify", "again.json"]) == 0
    assert capsys.readouterr().out.startswith("again.json: fits: 1 tunnels, 4 verdicts, ")


def test_what_is_proved_of_nobody_holds_and_is_exit_1(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "canonical.boot", "vti.set", "--certificate", "c.json"])
    capsys.readouterr()
    assert main(["check", "canonical.boot", "vti.set", "--verify", "c.json", "--format", "json"]) == 1
    out, err = capsys.readouterr()
    report = json.loads(out)
    validate("verify", report)
    assert err == ""
    assert (report["fits"], report["tunnels"], report["reason"]) == (True, 2, None)
    assert any(
        line.startswith("canonical.boot: tun0 confidentiality: refuted in boot") for line in report["failing"]
    )


def test_documents_validate_and_carry_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "canonical.boot").write_text(CANONICAL)
    for number, paths in enumerate(([*map(str, ARTICLES)], [str(tmp_path / "canonical.boot")])):
        file = tmp_path / f"{number}.json"
        main(["check", *paths, "--certificate", str(file)])
        parsed: dict[str, Any] = json.loads(file.read_bytes())
        validate("certificate", parsed)
        assert next(iter(parsed.items())) == ("schema", "sapper/certificate/1")
        assert SECRET not in file.read_text()
        assert str(tmp_path) not in file.read_text()
        assert main(["check", *paths, "--verify", str(file), "--format", "json"]) == 1
    capsys.readouterr()


def test_another_secret_is_another_file_but_the_same_plan(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("safe.set").write_text(SAFE_VTI.replace(SECRET, "another"))
    assert "safe.set is not the file" in refused(["safe.set", "--verify", "safe.json"], capsys)
    main(["check", "safe.set", "--certificate", "other.json"])
    one, other = (json.loads(Path(name).read_bytes()) for name in ("safe.json", "other.json"))
    assert one["routers"] == other["routers"]
    assert one["inputs"] != other["inputs"]
    capsys.readouterr()


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "model": (lambda document: document.update(model="0" * 64), "another version of the model"),
    "verdict": (lambda document: _part(document, "no-bypass").update(verdict="refuted"), "vti0 no-bypass: it says"),
    "cell": (lambda document: _part(document, "confidentiality")["questions"][0]["cells"].pop(), "do not cover"),
    "plan": (lambda document: document["routers"][0].update(plan="0" * 64), "another Plan|seed"),
    "trusted": (lambda document: document["routers"][0].update(trusted=["eth0"]), "trusted interfaces"),
    "liveness": (lambda document: _part(document, "liveness").update(assumptions=[]), "leaves the assumption out"),
    "tunnel": (lambda document: document["routers"][0].update(tunnels=[]), "it tells of the tunnels none"),
    "digest": (lambda document: document.update(sapper="99"), "its digest is another one"),
}


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part: dict[str, Any] = document["routers"][0]["tunnels"][0]["properties"][name]
    return part


@pytest.mark.parametrize("change", CHANGES)
def test_a_tampered_certificate_is_refused_with_one_line(
    change: str, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(Path("safe.json").read_bytes())
    tamper, reason = CHANGES[change]
    tamper(document)
    Path("safe.json").write_text(json.dumps(document))
    line = refused(["safe.set", "--verify", "safe.json"], capsys)
    assert line.startswith("safe.json: does not fit: ")
    assert any(words in line for words in reason.split("|"))


def test_json_says_why_as_well(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "vti.set", "--verify", "safe.json", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    validate("verify", report)
    assert (report["fits"], report["reason"]) == (False, "its input safe.set is not given, vti.set is")


def test_an_input_changed_by_one_byte_is_refused(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("safe.set").write_text(SAFE_VTI + "\n")
    assert "safe.set is not the file" in refused(["safe.set", "--verify", "safe.json"], capsys)


def test_other_inputs_are_refused(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "vti.set is no input of it" in refused(["safe.set", "vti.set", "--verify", "safe.json"], capsys)
    assert "not for 1.3" in refused(["safe.set", "--verify", "safe.json", "--target", "1.3"], capsys)


def test_a_project_file_is_an_input(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sapper.toml").write_text('trusted = ["eth1"]\n')
    main(["check", "safe.set", "--certificate", "safe.json"])
    capsys.readouterr()
    assert json.loads(Path("safe.json").read_bytes())["routers"][0]["trusted"] == ["eth1"]
    assert main(["check", "safe.set", "--verify", "safe.json"]) == 0
    capsys.readouterr()
    Path("sapper.toml").write_text('trusted = ["eth0"]\n')
    assert "sapper.toml is not the file" in refused(["safe.set", "--verify", "safe.json"], capsys)
    Path("sapper.toml").unlink()
    assert "its input sapper.toml is not given" in refused(["safe.set", "--verify", "safe.json"], capsys)


def test_a_target_is_remembered(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "safe.set", "--certificate", "safe.json", "--target", "1.4"])
    capsys.readouterr()
    assert main(["check", "safe.set", "--verify", "safe.json"]) == 0
    assert main(["check", "safe.set", "--verify", "safe.json", "--target", "1.4"]) == 0


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", VTI, '{"schema": "sapper/check/1", "files": []}', "\x00\xff"])
def test_what_is_no_certificate_is_exit_2(text: str, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("no.json").write_text(text)
    line = refused(["safe.set", "--verify", "no.json"], capsys, status=2)
    assert line.startswith("no.json:1:1: not a certificate: ")


def test_what_cannot_be_used_is_exit_2(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.boot").write_text("nothing that VyOS would know\n")
    assert "nowhere.json:1:1" in refused(["safe.set", "--verify", "nowhere.json"], capsys, status=2)
    assert "not sarif" in refused(["safe.set", "--verify", "safe.json", "--format", "sarif"], capsys, status=2)
    both = ["safe.set", "--verify", "safe.json", "--certificate", "other.json"]
    assert "say one of them" in refused(both, capsys, status=2)
    line = refused(["safe.set", "broken.boot", "--certificate", "other.json"], capsys, status=2)
    assert line.startswith("broken.boot:1:1: ")
    assert not Path("other.json").exists()


def test_another_version_of_the_model_is_refused(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sapper.cli.certificate, "model_version", lambda: "f" * 64)
    assert "another version of the model" in refused(["safe.set", "--verify", "safe.json"], capsys)


def test_the_model_s_version_is_a_hash_of_its_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sapper.cli.model_version as module

    first = model_version()
    assert first == model_version()
    for room in module._ROOMS:
        (tmp_path / room).mkdir(parents=True) if "." not in room else (tmp_path / room).write_text("")
        if "." not in room:
            (tmp_path / room / "one.py").write_text("")
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    second = model_version()
    (tmp_path / "proof" / "one.py").write_text("# a comment\n")
    third = model_version()
    (tmp_path / "proof" / "one.py").rename(tmp_path / "proof" / "two.py")
    assert len({first, second, third, model_version()}) == 4
