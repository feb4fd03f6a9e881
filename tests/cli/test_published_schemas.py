"""The published schemas are fresh, and real documents validate against them and have the contract's keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import schemas
from sample_configs import CANONICAL, SAFE_VTI, VTI

from sapper.__main__ import main
from sapper.lab.report import lab_report
from sapper.lab.result import LabRun, TunnelRun, TunnelState

ARTICLES = sorted((Path(__file__).parents[1] / "articles").glob("*.*t"))


def test_the_published_schemas_are_fresh() -> None:
    assert schemas.stale() == []


def validate(name: str, parsed: object) -> None:
    schema = json.loads((schemas.DIRECTORY / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(parsed)


def checked(paths: list[Path], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main(["check", "--format", "json", *map(str, paths)])
    parsed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return parsed


def test_every_article_s_document_validates(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(ARTICLES) >= 10
    parsed = checked(ARTICLES, capsys)
    assert len(parsed["files"]) == len(ARTICLES)
    validate("check", parsed)


def test_a_check_has_the_contract_s_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "a.set", tmp_path / "b.boot", tmp_path / "c.set", tmp_path / "nowhere"]
    for path, text in zip(paths, (VTI, CANONICAL, SAFE_VTI), strict=False):
        path.write_text(text)
    parsed = checked(paths, capsys)
    validate("check", parsed)
    assert next(iter(parsed)) == "schema"
    assert parsed["schema"] == "sapper/check/1"
    for file in parsed["files"]:
        assert {"path", "syntax", "generation", "unmodelled", "tunnels", "findings"} <= set(file)
    (vti,) = parsed["files"][0]["tunnels"]
    assert (vti["name"], vti["protection"]) == ("vti0", "vti")
    assert list(vti["verdicts"]) == ["confidentiality", "no-bypass", "authenticity", "liveness"]
    refuted = vti["verdicts"]["no-bypass"]
    assert refuted["verdict"] == "refuted"
    assert {"failing_states", "tampering", "states", "classes", "assumptions", "reason", "witness"} <= set(refuted)
    witness = refuted["witness"]
    assert {"in", "src", "dst", "protocol"} <= set(witness["packet"])
    assert {"interface", "src", "dst", "protocol"} <= set(witness["wire"])
    (finding,) = parsed["files"][0]["findings"]
    assert {"code", "severity", "message", "path", "line", "column", "end_line", "end_column"} <= set(finding)
    assert {"title", "commands", "peer_commands"} <= set(finding["fixes"][0])


def test_a_lab_document_validates() -> None:
    tunnel = TunnelRun(
        router="east",
        tunnel="tun0",
        encapsulation="gre",
        protection="ipsec",
        states=(TunnelState(state="deleted", cause="local", seen={"confidentiality": "refuted"}),),
    )
    run = LabRun(title="t", provider="vm:tcg", kernel="6.1", ike="strongSwan 5.9.8", sapper="0", tunnels=(tunnel,))
    validate("lab", json.loads(msgspec.json.encode(lab_report([run]))))


def test_a_document_without_a_key_is_refused() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate("check", {"schema": "sapper/check/1"})
    with pytest.raises(jsonschema.ValidationError):
        validate("check", {"schema": "sapper/check/2", "files": []})


def test_the_tool_names_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schemas, "DIRECTORY", tmp_path)
    assert schemas.main(["--check"]) == 1
    assert "check.json is stale" in capsys.readouterr().err
    assert schemas.main([]) == 0
    assert schemas.main(["--check"]) == 0
    assert sys.getsizeof((tmp_path / "lab.json").read_text()) > 1000
