"""A set-up that was interrupted or damaged is made whole by running it again, and only what was broken is made anew."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from sapper.lab import cache as store
from sapper.lab import components
from sapper.lab.packages import Apt
from sapper.lab.setup import setup
from sapper.lab.unavailable import LabUnavailable

pytestmark = pytest.mark.lab


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished set-up."""
    finished = Path(setup(lambda message: None).cache)
    copy = tmp_path / "cache"
    shutil.copytree(finished, copy, symlinks=True, ignore=shutil.ignore_patterns("*.new"))
    monkeypatch.setenv("SAPPER_CACHE", str(copy))
    return copy


def component(cache: Path, name: str) -> store.Component:
    found = store.complete(cache, name)
    assert found is not None
    return found


def test_whole_set_up_is_left_alone(cache: Path) -> None:
    said: list[str] = []
    setup(said.append)
    assert said == []


def test_damaged_kernel_is_made_anew_alone(cache: Path) -> None:
    guest, kernel = component(cache, "guest"), component(cache, "kernel")
    module = next(path for path in kernel.path(cache).rglob("ip_gre.ko*"))
    module.unlink()
    (cache / "kernel.abcd.partial").mkdir()
    said: list[str] = []
    setup(said.append)
    assert component(cache, "guest") == guest
    assert component(cache, "kernel").files == kernel.files
    assert not kernel.path(cache).exists()
    assert not (cache / "kernel.abcd.partial").exists()
    assert not (cache / "archives").exists()
    assert any("fetching 1 packages" in message for message in said)


def test_half_a_download_is_fetched_again(cache: Path) -> None:
    """The packages are there from an interrupted run: one whole, one cut off, one damaged at the right length."""
    apt = Apt(cache, lambda message: None)
    packages = apt.lacking(components.GUEST)
    if len(packages) < 3:
        pytest.skip("the host has the guest's packages")
    apt.download(packages)
    cut, damaged = apt.archive(packages[0]), apt.archive(packages[1])
    cut.write_bytes(cut.read_bytes()[: packages[0].size // 2])
    damaged.write_bytes(bytes(packages[1].size))
    (cache / "guest.json").unlink()
    with suppress(LabUnavailable):  # what is damaged may be named first, and is fetched again at the next run
        setup(lambda message: None)
    installed = setup(lambda message: None)
    assert Path(installed.packages, "usr/lib/ipsec/charon").exists()
    assert component(cache, "guest").packages == {package.name: package.version for package in packages}
