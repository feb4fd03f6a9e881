"""Packages beside the guest's own: fetched once, and made anew when something of them is gone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sapper.lab import beside
from sapper.lab.packages import Package
from sapper.lab.unavailable import LabUnavailable


class Archive:
    """An apt that knows one package, made here, and counts how often it is asked."""

    asked = 0
    failures = 0

    def __init__(self, cache: Path, progress: object) -> None:
        self.cache = cache

    def lacking(self, names: object) -> list[Package]:
        Archive.asked += 1
        if Archive.failures:
            Archive.failures -= 1
            raise LabUnavailable("apt-get install failed: no such version")
        return [Package("tool", "1.0", 1)]

    def download(self, packages: object) -> None:
        pass

    def update(self) -> None:
        pass

    def archive(self, package: Package) -> Path:
        tree = self.cache / "made/tree"
        (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
        (tree / "DEBIAN/control").write_text(
            "Package: tool\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: tool\n"
        )
        (tree / "usr/bin").mkdir(parents=True, exist_ok=True)
        (tree / "usr/bin/tool").write_text("#!/bin/sh\n")
        made = self.cache / "made/tool.deb"
        subprocess.run(["dpkg-deb", "--build", str(tree), str(made)], check=True, capture_output=True)
        return made


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg-deb")
    monkeypatch.setenv("SAPPER_CACHE", str(tmp_path))
    monkeypatch.setattr(beside, "Apt", Archive)
    Archive.asked = Archive.failures = 0
    return tmp_path


def test_it_is_fetched_once(cache: Path) -> None:
    tree = beside.unpacked(("tool",), print)

    assert (tree / "usr/bin/tool").read_text() == "#!/bin/sh\n"
    assert beside.unpacked(("tool",), print) == tree
    assert Archive.asked == 1


def test_a_tree_that_is_not_whole_is_replaced(cache: Path) -> None:
    tree = beside.unpacked(("tool",), print)
    (tree / "usr/bin/tool").unlink()
    again = beside.unpacked(("tool",), print)

    assert (again / "usr/bin/tool").exists()
    assert [path for path in cache.glob("beside-*/") if path != again] == []


def test_stale_lists_are_fetched_anew_once(cache: Path) -> None:
    Archive.failures = 1
    assert (beside.unpacked(("tool",), print) / "usr/bin/tool").exists()
    Archive.failures = 2
    with pytest.raises(LabUnavailable, match="no such version"):
        beside.unpacked(("other",), print)
