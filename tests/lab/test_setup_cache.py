"""Components are whole or not there; an interrupted or damaged one is seen and removed; locks hold."""

import multiprocessing
import time
from pathlib import Path

import pytest

from sapper.lab import cache as store
from sapper.lab.unavailable import LabUnavailable


def fill(root: Path) -> dict[str, str]:
    (root / "usr/lib").mkdir(parents=True)
    (root / "usr/lib/file").write_text("content")
    (root / "lib").symlink_to("usr/lib")
    return {"p": "1"}


def test_component_is_complete_after_it_was_built(tmp_path: Path) -> None:
    built = store.build(tmp_path, "guest", fill)
    assert store.complete(tmp_path, "guest") == built
    assert built.files == {"usr/lib/file": 7, "lib": -1}
    assert built.packages == {"p": "1"}


@pytest.mark.parametrize("damage", ["remove", "shorten", "add", "unlink", "directory", "stamp", "no stamp"])
def test_damage_is_seen(tmp_path: Path, damage: str) -> None:
    root = store.build(tmp_path, "guest", fill).path(tmp_path)
    match damage:
        case "remove":
            (root / "usr/lib/file").unlink()
        case "shorten":
            (root / "usr/lib/file").write_text("cont")
        case "add":
            (root / "other").write_text("")
        case "unlink":
            (root / "lib").unlink()
        case "directory":
            root.rename(tmp_path / "elsewhere")
        case "stamp":
            (tmp_path / "guest.json").write_text('{"name": "guest"')
        case _:
            (tmp_path / "guest.json").unlink()
    assert store.complete(tmp_path, "guest") is None


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, LabUnavailable, OSError])
def test_interrupted_build_leaves_the_old_one(tmp_path: Path, interruption: type[BaseException]) -> None:
    old = store.build(tmp_path, "guest", fill)

    def fail(root: Path) -> dict[str, str]:
        fill(root)
        raise interruption

    with pytest.raises(interruption):
        store.build(tmp_path, "guest", fail)
    assert store.complete(tmp_path, "guest") == old
    assert {path.name for path in tmp_path.iterdir()} == {"guest.json", old.directory}


def test_sweep_removes_what_nobody_names_or_uses(tmp_path: Path) -> None:
    used = store.build(tmp_path, "guest", fill)
    held = store.hold(used.path(tmp_path))
    old = store.build(tmp_path, "guest", fill)
    new = store.build(tmp_path, "guest", fill)
    (tmp_path / "kernel.0123.partial").mkdir()
    (tmp_path / "apt-lists").mkdir()
    store.sweep(tmp_path, {new.directory})
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert left == {used.directory, new.directory, "apt-lists"}
    store.release(held)
    store.sweep(tmp_path, {new.directory})
    assert not used.path(tmp_path).exists()
    assert not old.path(tmp_path).exists()


def _set_up(cache: Path, journal: Path) -> None:
    with store.locked(cache, lambda message: None):
        for word in ("in", "out"):
            with journal.open("a") as file:
                file.write(f"{word}\n")
            time.sleep(0.05)


def test_two_set_ups_wait_for_each_other(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    said: list[str] = []
    with store.locked(tmp_path, said.append):
        processes = [multiprocessing.Process(target=_set_up, args=(tmp_path, journal)) for _ in range(3)]
        for process in processes:
            process.start()
        time.sleep(0.2)
        assert not journal.exists()
    for process in processes:
        process.join(10)
    assert journal.read_text().split() == ["in", "out"] * 3
    assert said == []


def test_cache_directory_is_private_and_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPPER_CACHE", str(tmp_path / "deep/cache"))
    assert store.cache_directory() == tmp_path / "deep/cache"
    assert (tmp_path / "deep/cache").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SAPPER_CACHE", str(tmp_path / "file/cache"))
    with pytest.raises(LabUnavailable, match="Not a directory"):
        store.cache_directory()


def test_facts_are_remembered_and_rubbish_is_forgotten(tmp_path: Path) -> None:
    store.remember(tmp_path, "acceleration", {"accel": "tcg"})
    assert store.recall(tmp_path, "acceleration") == {"accel": "tcg"}
    (tmp_path / "acceleration.json").write_text("[1")
    assert store.recall(tmp_path, "acceleration") == {}
    assert store.recall(tmp_path, "nothing") == {}
