"""Makes the checkout ready to run: one virtual environment in ``.venv`` with exactly what a lock file names.

``python3 tools/bootstrap.py run|dev`` is the first line of every make target, so it does nothing where nothing is
to do, and repairs what it finds half done. The stamp in the environment is written last; without it, or with a
file of a package missing, or with an interpreter that no longer starts, the environment is made anew. Two
makes at once wait for each other. Nothing here needs root, or more than the standard library. Kept readable by
older interpreters, so that they can say that they are too old.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import IO, Iterator  # noqa: UP035 - an old interpreter must get as far as its message

from pip_source import CannotSetUp, find_pip, pip_environment, say

OLDEST = (3, 11)
IMPORTED = {
    "run": ("msgspec", "vici", "dpkt", "rich.console", "platformdirs"),
    "dev": ("pytest", "xdist", "hypothesis", "mypy.version", "importlinter", "jsonschema", "pyroute2.netlink"),
}
STAMP = "sapper-setup.json"


@contextlib.contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Holds the lock for one make; the kernel frees it however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this checkout")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lock_hash(lock: Path) -> str:
    """What the stamp says was installed."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def read_stamp(directory: Path) -> dict[str, str]:
    """Lock name to hash; empty for an environment that was never finished."""
    try:
        stamp = json.loads((directory / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(directory: Path, stamp: dict[str, str]) -> None:
    """Atomic, so that an interrupted set-up leaves either no stamp or a true one."""
    draft = directory / (STAMP + ".new")
    draft.write_text(json.dumps(stamp))
    draft.replace(directory / STAMP)


def site_packages(directory: Path) -> Path | None:
    """Where this environment keeps its packages, None if it has no such place, or several."""
    found = list(directory.glob("lib/python3*/site-packages"))
    return found[0] if len(found) == 1 else None


def missing_file(packages: Path) -> str | None:
    """The first file that a package's own record names and that is not there."""
    for record in sorted(packages.glob("*.dist-info")):
        try:
            with (record / "RECORD").open(newline="") as file:
                names = [row[0] for row in csv.reader(file) if row and not row[0].endswith(".pyc")]
        except (OSError, ValueError):
            return f"{record.name}/RECORD"
        for name in names:
            if not os.path.lexists(packages / name):
                return name
    return None


def starts(python: Path, modules: tuple[str, ...]) -> bool:
    """Whether that interpreter runs and can import them all."""
    code = "import " + ", ".join(modules)
    try:
        done = subprocess.run([str(python), "-I", "-c", code], capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def remove_tree(directory: Path) -> None:
    """Moved aside first, so that an interrupted removal is never taken for an environment."""
    for leftover in directory.parent.glob(directory.name + ".gone-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if os.path.lexists(directory):
        aside = directory.with_name(f"{directory.name}.gone-{os.getpid()}")
        directory.rename(aside)
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink()


def create_venv(directory: Path) -> Path:
    """A fresh environment without pip; the path of its interpreter."""
    remove_tree(directory)
    venv.EnvBuilder(symlinks=True, with_pip=False).create(directory)
    return directory / "bin" / "python"


def count_packages(lock: Path) -> int:
    """How many packages the lock names, those for other systems included."""
    return sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())


def install(pip: list[str], lock: Path) -> None:
    """Installs the lock. Only wheels, only with the hashes of the lock, nothing that the lock does not name."""
    command = [*pip, "install", "--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(lock)]
    total = count_packages(lock)
    say(f"installing {total} packages of {lock.name} (seconds to minutes, by the network)")
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=pip_environment(),
        text=True,
        errors="replace",
    ) as process:
        output = follow(process.stdout, total) if process.stdout else []
    if process.returncode != 0:
        sys.stderr.write("".join(output[-12:]))
        raise CannotSetUp(f"pip could not install {lock.name}: see above; the next make goes on from here")


def follow(output: IO[str], total: int) -> list[str]:
    """Counts pip's packages on a terminal; the lines that pip printed."""
    lines: list[str] = []
    seen = 0
    for line in output:
        lines.append(line)
        if line.startswith("Collecting ") and sys.stderr.isatty():
            seen += 1
            print(f"\r\033[Ksapper: {seen}/{total} {line.split()[1]}", end="", file=sys.stderr, flush=True)
    if seen:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return lines


def write_if_other(path: Path, text: str, mode: int) -> None:
    """Leaves a file alone that says the same already, so that a second make changes nothing."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(mode)


def install_project(directory: Path, source: Path) -> None:
    """The project itself: a path file, and the command. No build, and nothing to run when sapper starts."""
    packages = site_packages(directory)
    if packages is None:
        raise CannotSetUp(f"{directory} has no place for packages")
    write_if_other(packages / "sapper-source.pth", f"{source}\n", 0o644)
    command = f"{shebang(directory / 'bin' / 'python')}\nimport sys\n\nfrom sapper.__main__ import main\n\nsys.exit(main())\n"
    write_if_other(directory / "bin" / "sapper", command, 0o755)


def shebang(python: Path) -> str:
    """A first line takes no blanks and little length; else the shell reads what is a text for Python."""
    if " " not in str(python) and len(str(python)) < 120:
        return f"#!{python}"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''"


def stamp_for(checkout: Path, name: str) -> dict[str, str]:
    """What the stamp says after that lock is installed there. ``dev`` holds everything of ``run``."""
    names = ("run", "dev") if name == "dev" else ("run",)
    stamp = {each: lock_hash(checkout / "requirements" / f"{each}.txt") for each in names}
    return {"checkout": str(checkout), **stamp}


def defect(directory: Path, current: dict[str, str]) -> str | None:
    """Why the environment there cannot be used, in words for people; None if it can. ``current``: the true stamp."""
    stamp = read_stamp(directory)
    if not stamp:
        return "was not finished"
    if any(current.get(key) != value for key, value in stamp.items()):
        return "is of other lock files or another place"
    packages = site_packages(directory)
    if packages is None:
        return "has no place for packages"
    missing = missing_file(packages)
    if missing is not None:
        return f"misses {missing}"
    if not starts(directory / "bin" / "python", imported(stamp)):
        return "has an interpreter or packages that do not start"
    return None


def imported(stamp: dict[str, str]) -> tuple[str, ...]:
    """The modules to try for what the stamp says is installed."""
    return tuple(module for name in stamp for module in IMPORTED.get(name, ()))


def set_up(checkout: Path, name: str) -> None:
    """Afterwards ``.venv`` holds that lock and the project. Raises CannotSetUp."""
    directory = checkout / ".venv"
    wanted = stamp_for(checkout, name)
    fresh = not os.path.lexists(directory)
    found = None if fresh else defect(directory, stamp_for(checkout, "dev"))
    if found is not None:
        say(f"the virtual environment {found}: making it anew")
    if fresh or found is not None:
        say(f"making a virtual environment with Python {sys.version.split()[0]}")
        create_venv(directory)
    elif wanted.items() <= read_stamp(directory).items():
        install_project(directory, checkout / "src")
        return
    python = directory / "bin" / "python"
    pip = find_pip(python, checkout / ".cache")
    (directory / STAMP).unlink(missing_ok=True)
    install(pip, checkout / "requirements" / f"{name}.txt")
    install_project(directory, checkout / "src")
    if not starts(python, imported(wanted)):
        raise CannotSetUp("the packages were installed but do not start: run make clean, then make again")
    write_stamp(directory, wanted)
    say("the virtual environment is ready")


def main(arguments: list[str]) -> int:
    """Exit status 0, or 3 with one line on stderr where the machine lacks something."""
    if sys.version_info < OLDEST:
        say(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.11"
        )
        return 3
    if len(arguments) != 1 or arguments[0] not in IMPORTED:
        say("usage: python3 tools/bootstrap.py run|dev")
        return 2
    checkout = Path(__file__).resolve().parent.parent
    try:
        with waiting_lock(checkout / ".cache" / "setup.lock"):
            set_up(checkout, arguments[0])
    except CannotSetUp as error:
        say(str(error))
        return 3
    except OSError as error:
        say(f"set-up stopped: {error}")
        return 3
    except KeyboardInterrupt:
        say("interrupted; the next make goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
