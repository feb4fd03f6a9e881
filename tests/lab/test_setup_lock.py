"""The lock: read as written, without addresses; what it pins is taken, what has changed is refused or said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab import components, lock
from sapper.lab.components import Source
from sapper.lab.kernel_choice import choose_kernel
from sapper.lab.lock import Pin, distribution, moved, read_lock, shipped, verify, write_lock
from sapper.lab.packages import Apt, Package
from sapper.lab.unavailable import LabUnavailable

NAMES = st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,20}", fullmatch=True)
PINS = st.builds(
    Pin,
    st.from_regex(r"([0-9]:)?[0-9][0-9A-Za-z.+~-]{0,15}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)
TABLES = st.dictionaries(
    NAMES, st.dictionaries(st.just("guest"), st.dictionaries(NAMES, PINS, min_size=1), min_size=1)
)


@given(TABLES)
def test_what_is_written_is_read(tables: dict[str, dict[str, dict[str, Pin]]]) -> None:
    text = write_lock(tables)
    assert {name: read_lock(text, name) for name in tables} == tables
    assert read_lock(text, "no such distribution") == {}


@pytest.mark.parametrize("text", ["[", '["debian-12".guest]\nx = 1', '["debian-12".guest]\nx = {version = "1"}'])
def test_rubbish_is_one_line(text: str) -> None:
    with pytest.raises(LabUnavailable, match="the lock file cannot be read") as caught:
        read_lock(text, "debian-12")
    assert "\n" not in str(caught.value)


def test_distributions() -> None:
    assert distribution('NAME="Debian"\nVERSION_ID="12"\nID=debian\n') == "debian-12"
    assert distribution('ID="ubuntu"\nID_LIKE=debian\nVERSION_ID="24.04"\n') == "ubuntu-24.04"
    assert distribution("") == "linux-unknown"


def test_the_shipped_lock_pins_the_whole_guest_and_names_no_address() -> None:
    text = files("sapper.lab").joinpath("guest.lock").read_text()
    assert "://" not in text
    assert not re.search(r"\b[a-z-]+\.(org|com|net|io)\b", text)
    tables = read_lock(text, "debian-12")
    assert set(tables) == {"guest", "kernel", "kernel-backports", "qemu"}
    assert set(components.GUEST) <= set(tables["guest"])
    assert components.QEMU in tables["qemu"]
    for word in ("kernel", "kernel-backports"):
        assert any(name.startswith("linux-image-") for name in tables[word])
    for pins in tables.values():
        assert all(re.fullmatch(r"[0-9a-f]{64}", pin.sha256) for pin in pins.values())


class StandInApt:
    """apt with these versions of each package, the newest last; archives hold their name and version."""

    def __init__(self, directory: Path, versions: dict[str, list[str]]) -> None:
        self.archives = directory
        self.versions = versions
        self.updated = False
        self.updates: list[dict[str, list[str]]] = []
        self.progress = print

    def _package(self, name: str, version: str) -> Package:
        return Package(name, version, 1)

    def lacking(self, names: Sequence[str]) -> list[Package]:
        chosen = dict(word.split("=") for word in names if "=" in word)
        if wrong := [name for name, version in chosen.items() if version not in self.versions[name]]:
            raise LabUnavailable(f"Version of {wrong[0]} was not found")
        wanted = {name: versions for name, versions in self.versions.items() if not name.startswith("linux-image-")}
        return [self._package(name, chosen.get(name, versions[-1])) for name, versions in wanted.items()]

    def kernel(self, metapackages: Sequence[str]) -> list[Package]:
        return [self._package("linux-image-9", "9")]

    def known(self, name: str, version: str) -> Package | None:
        return self._package(name, version) if version in self.versions.get(name, []) else None

    def download(self, packages: Sequence[Package]) -> None:
        for package in packages:
            self.archive(package).write_text(f"{package.name} {package.version}")

    def archive(self, package: Package) -> Path:
        return self.archives / f"{package.name}_{package.version}"

    def update(self) -> None:
        self.updated = True
        if self.updates:
            self.versions = self.updates.pop()


def sum_of(name: str, version: str) -> Pin:
    return Pin(version, hashlib.sha256(f"{name} {version}".encode()).hexdigest())


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that pins version 1 of ``a`` and ``b``, and the kernel 6."""
    pins = {
        "guest": {"a": sum_of("a", "1"), "b": sum_of("b", "1")},
        "kernel": {"linux-image-6": sum_of("linux-image-6", "6")},
    }
    path = tmp_path / "guest.lock"
    path.write_text(write_lock({lock.this_distribution(): pins}))
    monkeypatch.setenv(lock.VARIABLE, str(path))


def planned(apt: StandInApt) -> tuple[dict[str, str], list[str]]:
    said: list[str] = []
    source = object.__new__(Source)
    values: dict[str, Any] = {
        "progress": said.append,
        "choice": choose_kernel("default"),
        "main": apt,
        "kernels": apt,
    }
    for name, value in values.items():
        setattr(source, name, value)
    plans = components.plan(["guest", "kernel"], source)
    return {package.name: package.version for packages in plans.values() for package in packages}, said


@pytest.mark.usefixtures("pinned")
def test_the_locked_versions_are_taken_where_newer_ones_are_there_too(tmp_path: Path) -> None:
    apt = StandInApt(tmp_path, {"a": ["1", "2"], "b": ["1"], "linux-image-6": ["6"]})
    versions, said = planned(apt)
    assert versions == {"a": "1", "b": "1", "linux-image-6": "6"}
    assert said == []


@pytest.mark.usefixtures("pinned")
def test_a_registry_that_moved_on_is_said_in_one_line_and_used(tmp_path: Path) -> None:
    versions, said = planned(StandInApt(tmp_path, {"a": ["2"], "b": ["1"]}))
    assert versions == {"a": "2", "b": "1", "linux-image-9": "9"}
    assert said == [
        "the registry has moved on from the lock: a 1 is now 2, linux-image-9 9 (not in the lock); using what there is"
    ]


@pytest.mark.usefixtures("pinned")
def test_old_package_lists_are_renewed_before_the_lock_is_given_up(tmp_path: Path) -> None:
    apt = StandInApt(tmp_path, {"a": ["0"], "b": ["1"]})
    apt.updates = [{"a": ["1"], "b": ["1"], "linux-image-6": ["6"]}]
    versions, said = planned(apt)
    assert apt.updated
    assert versions == {"a": "1", "b": "1", "linux-image-6": "6"}
    assert said == []


@pytest.mark.usefixtures("pinned")
def test_an_archive_that_is_not_the_locked_one_is_refused_and_removed(tmp_path: Path) -> None:
    apt = StandInApt(tmp_path, {"a": ["1"], "b": ["1"], "linux-image-6": ["6"]})
    packages = apt.lacking(["a", "b"])
    apt.download(packages)
    verify(packages, shipped("guest"), cast(Apt, apt))
    apt.archive(packages[1]).write_text("tampered")
    with pytest.raises(LabUnavailable, match="b 1 is not the locked one") as caught:
        verify(packages, shipped("guest"), cast(Apt, apt))
    assert "\n" not in str(caught.value)
    assert not apt.archive(packages[1]).exists()


def test_moved_tells_changes_and_strangers() -> None:
    pins = {"a": Pin("1", "0"), "b": Pin("1", "0")}
    packages = [Package("a", "1", 1), Package("b", "2", 1), Package("c", "3", 1)]
    assert moved(packages, pins) == ["b 1 is now 2", "c 3 (not in the lock)"]


def test_no_lock_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lock.VARIABLE, "")
    assert shipped("guest") == {}
    monkeypatch.setenv(lock.VARIABLE, "/no/such/lock")
    with pytest.raises(LabUnavailable, match="No such file"):
        shipped("guest")
