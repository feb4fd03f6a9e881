"""The set-up repairs what it finds half done. It runs for real, on a lock with one tiny package of our own.

The package is a wheel made here and offered in a directory, so that no network is needed and every run is short.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import bootstrap
import pip_source
import pytest

pytestmark = pytest.mark.setup


def write_wheel(directory: Path, name: str, version: str) -> str:
    """A wheel with one module; the hash that a lock needs."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},{digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    directory.mkdir(exist_ok=True)
    wheel = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)  # the same time in each, so the same hash
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def write_locks(checkout: Path, version: str, pebble: str, gravel: str) -> None:
    line = f"pebble=={version} \\\n    --hash=sha256:{pebble}\n"
    (checkout / "requirements/run.txt").write_text(line)
    (checkout / "requirements/dev.txt").write_text(line + f"gravel==1.0 \\\n    --hash=sha256:{gravel}\n")


def make_checkout(directory: Path, patch: pytest.MonkeyPatch) -> Path:
    """A checkout whose locks name the packages of ours, and pip told where they are. Its path has a blank."""
    wheels = directory / "wheels"
    place = directory / "check out"
    (place / "requirements").mkdir(parents=True)
    package = place / "src" / "sapper"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("def main() -> int:\n    print('sapper runs')\n    return 0\n")
    write_locks(place, "1.0", write_wheel(wheels, "pebble", "1.0"), write_wheel(wheels, "gravel", "1.0"))
    patch.setattr(bootstrap, "IMPORTED", {"run": ("pebble",), "dev": ("gravel",)})
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", wheels.as_uri())
    patch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return place


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_checkout(tmp_path, monkeypatch)


def ask(checkout: Path, code: str) -> str:
    command = [str(checkout / ".venv/bin/python"), "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def works(checkout: Path) -> bool:
    command = [str(checkout / ".venv/bin/sapper")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False).stdout == "sapper runs\n"
    return ran and ask(checkout, "import pebble; print(pebble.VERSION)") != ""


def test_a_fresh_checkout_gets_what_the_lock_names(checkout: Path) -> None:
    bootstrap.set_up(checkout, "run")
    assert works(checkout)
    assert not list((checkout / ".venv").glob("lib/*/site-packages/gravel*"))


def test_a_second_make_changes_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.set_up(checkout, "dev")
    before = {
        path: path.lstat().st_mtime_ns for path in (checkout / ".venv").rglob("*") if "__pycache__" not in str(path)
    }
    monkeypatch.setattr(bootstrap, "find_pip", lambda *_: pytest.fail("pip was asked for"))
    bootstrap.set_up(checkout, "run")
    bootstrap.set_up(checkout, "dev")
    after = {
        path: path.lstat().st_mtime_ns for path in (checkout / ".venv").rglob("*") if "__pycache__" not in str(path)
    }
    assert before == after


def test_tests_add_to_what_the_demo_installed(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.set_up(checkout, "run")
    bootstrap.set_up(checkout, "dev")
    assert ask(checkout, "import pebble, gravel; print(gravel.VERSION)") == "1.0"
    assert "anew" not in capsys.readouterr().err


def delete(pattern: str) -> Callable[[Path], None]:
    """Damage: what matches in the environment is gone."""

    def damage(directory: Path) -> None:
        found = list(directory.glob(pattern))
        assert found
        for path in found:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    return damage


def write(pattern: str, text: str) -> Callable[[Path], None]:
    """Damage: what matches in the environment holds another text."""

    def damage(directory: Path) -> None:
        for path in directory.glob(pattern):
            path.write_text(text)

    return damage


def upgrade_python(directory: Path) -> None:
    """Damage: the interpreter that the environment was made from is no more."""
    (directory / "bin/python").unlink()
    (directory / "bin/python").symlink_to("/nowhere/python3")


def replace_by_file(directory: Path) -> None:
    """Damage: no environment at all."""
    shutil.rmtree(directory)
    directory.write_text("")


DAMAGE: dict[str, Callable[[Path], None]] = {
    "the interpreter deleted": delete("bin/python*"),
    "the interpreter gone after an upgrade": upgrade_python,
    "a module deleted": delete("lib/*/site-packages/pebble.py"),
    "a module that does not start": write("lib/*/site-packages/pebble.py", "syntax error"),
    "a file deleted that nothing imports": delete("lib/*/site-packages/pebble*/METADATA"),
    "a record deleted": delete("lib/*/site-packages/pebble*/RECORD"),
    "the packages deleted": delete("lib"),
    "interrupted before the end": delete(bootstrap.STAMP),
    "a stamp cut short": write(bootstrap.STAMP, '{"run": "12'),
    "a file in its place": replace_by_file,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One finished set-up. An environment works from a copy too, so each damage is done to a copy."""
    with pytest.MonkeyPatch.context() as patch:
        place = make_checkout(tmp_path_factory.mktemp("whole"), patch)
        bootstrap.set_up(place, "run")
        yield place


def test_an_environment_without_damage_is_kept(whole: Path) -> None:
    assert bootstrap.defect(whole / ".venv", bootstrap.stamp_for(whole, "dev")) is None


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_noticed(damage: str, whole: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(whole / ".venv", tmp_path / "venv", symlinks=True)
    DAMAGE[damage](copy)
    assert bootstrap.defect(copy, bootstrap.stamp_for(whole, "dev")) is not None


@pytest.mark.parametrize("damage", ["the interpreter deleted", "a file in its place"])
def test_damage_is_repaired(damage: str, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.set_up(checkout, "run")
    capsys.readouterr()
    DAMAGE[damage](checkout / ".venv")
    bootstrap.set_up(checkout, "run")
    assert works(checkout)
    assert "making it anew" in capsys.readouterr().err
    assert not list(checkout.glob(".venv.gone-*"))


def test_a_changed_lock_leaves_nothing_of_the_old_one(checkout: Path, tmp_path: Path) -> None:
    bootstrap.set_up(checkout, "dev")
    wheels = tmp_path / "wheels"
    write_locks(checkout, "2.0", write_wheel(wheels, "pebble", "2.0"), write_wheel(wheels, "gravel", "1.0"))
    bootstrap.set_up(checkout, "run")
    assert ask(checkout, "import pebble; print(pebble.VERSION)") == "2.0"
    assert not list((checkout / ".venv").glob("lib/*/site-packages/gravel*"))


def test_a_moved_checkout_is_set_up_anew(checkout: Path, tmp_path: Path) -> None:
    bootstrap.set_up(checkout, "run")
    moved = checkout.rename(tmp_path / "moved")
    bootstrap.set_up(moved, "run")
    assert works(moved)


@pytest.mark.parametrize("lock", ["pebble==1.0\n", f"pebble==1.0 --hash=sha256:{'0' * 64}\n"])
def test_what_the_lock_does_not_vouch_for_is_refused(
    lock: str, checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (checkout / "requirements/run.txt").write_text(lock)
    with pytest.raises(pip_source.CannotSetUp):
        bootstrap.set_up(checkout, "run")
    assert not (checkout / ".venv" / bootstrap.STAMP).exists()
    assert "hash" in capfd.readouterr().err.lower()


def test_an_installation_that_stops_halfway_is_not_trusted(checkout: Path, tmp_path: Path) -> None:
    bootstrap.set_up(checkout, "run")
    wheels = tmp_path / "wheels"
    write_locks(checkout, "1.0", write_wheel(wheels, "pebble", "1.0"), "0" * 64)
    with pytest.raises(pip_source.CannotSetUp):
        bootstrap.set_up(checkout, "dev")
    assert bootstrap.read_stamp(checkout / ".venv") == {}
    write_locks(checkout, "1.0", write_wheel(wheels, "pebble", "1.0"), write_wheel(wheels, "gravel", "1.0"))
    bootstrap.set_up(checkout, "dev")
    assert works(checkout)


def test_without_any_pip_one_line_names_the_package(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("pip_wheel_of_ensurepip", "host_pip", "pip_wheel_of_debian"):
        monkeypatch.setattr(pip_source, source, lambda *_: None)
    with pytest.raises(pip_source.CannotSetUp, match="python3-venv") as caught:
        bootstrap.set_up(checkout, "run")
    assert "\n" not in str(caught.value)


def test_two_makes_wait_for_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "cache" / "setup.lock"
    order: list[str] = []

    def second() -> None:
        with bootstrap.waiting_lock(lock):
            order.append("second")

    with bootstrap.waiting_lock(lock):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        assert other.is_alive()
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]
    assert capsys.readouterr().err.count("waiting") == 1


def test_the_stamp_names_the_locks(checkout: Path) -> None:
    bootstrap.set_up(checkout, "dev")
    stamp = json.loads((checkout / ".venv" / bootstrap.STAMP).read_text())
    assert stamp.keys() == {"checkout", "run", "dev"}
