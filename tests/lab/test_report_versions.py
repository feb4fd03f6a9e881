"""Every form of a report says exactly what it was made with; what differs between runs is said for each."""

from __future__ import annotations

import msgspec
import pytest
from report_sample import run

from sapper.lab.page.document import lab_page
from sapper.lab.report import lab_report
from sapper.lab.table import table
from sapper.lab.versions import UNKNOWN, USER_SPACE, dpkg_versions, user_space
from sapper.render.line import plain_text

VERSIONS = {
    "linux": "6.1.0-56-amd64 (6.1.192-2)",
    "strongswan": "5.9.8-5+deb12u6",
    "iproute2": "6.1.0-3",
    "nftables": "1.0.6-2+deb12u2",
    "busybox": "1:1.35.0-4",
    "qemu": "1:7.2+dfsg-7",
}


def test_all_forms_name_all_versions() -> None:
    sample = msgspec.structs.replace(run(), versions=VERSIONS)
    report = msgspec.to_builtins(lab_report([sample]))
    text, page = plain_text(table([sample])), lab_page([sample])
    assert report["versions"] == VERSIONS
    for name, version in VERSIONS.items():
        assert f"{name} {version}" in text
        assert version in page


def test_two_kernels_in_one_report_are_both_named() -> None:
    newer = {**VERSIONS, "linux": "6.12.95"}
    runs = [msgspec.structs.replace(run(), versions=versions) for versions in (VERSIONS, newer)]
    assert lab_report(runs).versions == {**VERSIONS, "linux": f"{VERSIONS['linux']}, 6.12.95"}


def test_what_was_unpacked_goes_before_what_the_host_has() -> None:
    found = user_space({"iproute2": "9.9", "strongswan-charon": "8"})
    assert (found["iproute2"], found["strongswan"]) == ("9.9", "8")
    assert set(found) == {name for name, _, _ in USER_SPACE}


def test_programs_are_asked_where_there_is_no_dpkg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapper.lab.versions.dpkg_versions", lambda names: {})
    found = user_space({})
    assert found["iproute2"] == UNKNOWN or found["iproute2"][0].isdigit()


def test_dpkg_knows_what_is_installed_here() -> None:
    assert set(dpkg_versions(["dpkg", "no-such-package"])) <= {"dpkg"}
