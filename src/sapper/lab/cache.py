"""The lab's cache directory: complete components, a lock between two set-ups, and what is left of broken ones.

A component (the guest's packages, its kernel, an unpacked QEMU) is built in a directory of its own whose name ends
in ``.partial``, renamed when it is whole, and only then named by ``NAME.json``, which is replaced atomically. So an
interrupted set-up leaves a directory that nobody names, and the next one removes it. ``NAME.json`` lists every
file and its size: a component with a file missing is built anew. A running guest holds a shared lock on the
directories that it uses; one that is in use is never removed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from sapper.lab.unavailable import LabUnavailable

Progress = Callable[[str], None]
PARTIAL = ".partial"
COMPONENTS = ("guest", "kernel", "qemu")
_OTHER_KERNEL = "kernel-"
# Counts up whenever a component is made in another way; what an older sapper made is then made anew.
RECIPE = 2


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One finished directory. ``packages`` maps name to version; ``files`` maps path to size (-1 for a link)."""

    name: str
    directory: str
    packages: dict[str, str]
    files: dict[str, int]
    recipe: int = 1

    def path(self, cache: Path) -> Path:
        return cache / self.directory


def cache_directory() -> Path:
    """The user's cache directory, made with mode 0700 if it is not there. ``SAPPER_CACHE`` overrides."""
    named = os.environ.get("SAPPER_CACHE")
    if named:
        path = Path(named)
    else:
        from platformdirs import user_cache_dir

        path = Path(user_cache_dir("sapper"))
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
        return path.resolve()
    except OSError as error:
        raise LabUnavailable(f"the cache directory {path} cannot be used: {error.strerror}") from None


@contextmanager
def locked(cache: Path, progress: Progress) -> Iterator[None]:
    """One set-up at a time; a second one waits, and says so."""
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another set-up to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def complete(cache: Path, name: str) -> Component | None:
    """The component called ``name`` if it is there and whole, else None."""
    try:
        component = msgspec.json.decode((cache / f"{name}.json").read_bytes(), type=Component)
    except (OSError, msgspec.DecodeError):
        return None
    whole = component.recipe == RECIPE and _list_files(component.path(cache)) == component.files
    return component if whole else None


def build(cache: Path, name: str, fill: Callable[[Path], dict[str, str]]) -> Component:
    """Makes a component anew: ``fill`` gets an empty directory and returns the packages it unpacked there."""
    directory = f"{name}.{secrets.token_hex(4)}"
    partial = cache / (directory + PARTIAL)
    try:
        partial.mkdir()
        packages = fill(partial)
        files = _list_files(partial)
        component = Component(name=name, directory=directory, packages=packages, files=files, recipe=RECIPE)
        partial.rename(cache / directory)
        write_atomically(cache / f"{name}.json", msgspec.json.encode(component))
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return component


def sweep(cache: Path, keep: set[str]) -> None:
    """Removes what interrupted or older set-ups left, except what a running guest uses. Call it with the lock."""
    for path in cache.iterdir():
        name = path.name.split(".")[0]
        ours = name in COMPONENTS or name.startswith(_OTHER_KERNEL) or path.name.endswith(PARTIAL)
        if path.is_dir() and ours and path.name not in keep:
            remove_unused(path)


def remove_unused(directory: Path) -> bool:
    """Removes ``directory`` unless a living process holds a lock on it. The kernel drops locks with their process."""
    try:
        held = hold(directory, exclusive=True)
    except OSError:
        return False
    try:
        shutil.rmtree(directory, ignore_errors=True)
    finally:
        release(held)
    return True


def hold(directory: Path, exclusive: bool = False) -> int:
    """Locks ``directory`` until :func:`release` or the process' end. Raises BlockingIOError if that must wait."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        if directory.stat().st_ino != os.fstat(descriptor).st_ino:
            raise OSError(errno.ESTALE, "replaced while it was being locked")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def release(held: int) -> None:
    """Unlocks explicitly: a forked child has the same descriptor, and closing ours alone would leave the lock."""
    fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)


def write_atomically(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remember(cache: Path, name: str, facts: dict[str, str]) -> None:
    """Keeps small findings about this machine (whether KVM works). Losing them costs only time."""
    with suppress(OSError):
        write_atomically(cache / f"{name}.json", json.dumps(facts).encode())


def recall(cache: Path, name: str) -> dict[str, str]:
    try:
        facts = json.loads((cache / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in facts.items()} if isinstance(facts, dict) else {}


def _list_files(root: Path) -> dict[str, int]:
    """Every file below ``root`` with its size, links as -1; scandir, because this runs before every guest."""
    found: dict[str, int] = {}
    pending = [(str(root), "")]
    while pending:
        directory, prefix = pending.pop()
        try:
            entries = list(os.scandir(directory))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                found[prefix + entry.name] = -1
            elif entry.is_dir():
                pending.append((entry.path, f"{prefix}{entry.name}/"))
            else:
                found[prefix + entry.name] = entry.stat(follow_symlinks=False).st_size
    return found


def refusal(error: OSError, cache: Path) -> LabUnavailable:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return LabUnavailable(f"no space left for the lab in {cache}: it needs about 400 MB")
    return LabUnavailable(f"the lab cannot be set up in {cache}: {error.strerror or error}")
