"""Finds a pip on a machine that may have none of its own.

Debian and Ubuntu split Python: without their package python3-venv there is no ensurepip, and without python3-pip no
pip. Three places are tried: the wheel that ensurepip would use, the host's pip, and Debian's package of the wheel,
downloaded and unpacked into the checkout, which needs no root. A wheel of pip runs as it is, so that nothing is
installed to install with. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path


class CannotSetUp(Exception):
    """The message is the one line that the user sees."""


def say(message: str) -> None:
    """One progress line."""
    print(f"sapper: {message}", file=sys.stderr, flush=True)


def clean_environment() -> dict[str, str]:
    """The user's environment without what would send Python to other packages than the virtual environment's."""
    misleading = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV"}
    return {key: value for key, value in os.environ.items() if key not in misleading}


def pip_environment() -> dict[str, str]:
    """The user's index, proxy and certificates stay; what would install elsewhere than into ``.venv`` goes."""
    elsewhere = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_CONSTRAINT", "PIP_REQUIREMENT"}
    environment = {key: value for key, value in clean_environment().items() if key not in elsewhere}
    environment.update(
        PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore"
    )
    return environment


def pip_wheel_of_ensurepip() -> Path | None:
    """The pip wheel that came with this Python, or that Debian keeps for ensurepip."""
    debian = sysconfig.get_config_var("WHEEL_PKG_DIR")
    places = [Path(debian)] if debian else []
    places.append(Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled")
    return next((wheel for place in places for wheel in sorted(place.glob("pip-*.whl"))), None)


def pip_wheel_of_debian(cache: Path) -> Path | None:
    """Debian's package with the pip wheel, downloaded and unpacked into the cache; None if there is none."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    unpacked = cache / "python3-pip-whl"
    wheels = unpacked / "usr/share/python-wheels"
    if not list(wheels.glob("pip-*.whl")):
        say("this Python has no pip: fetching Debian's python3-pip-whl, which stays in this checkout")
        download_package("python3-pip-whl", cache, unpacked)
    return next(iter(sorted(wheels.glob("pip-*.whl"))), None)


def download_package(name: str, cache: Path, unpacked: Path) -> None:
    """``apt-get download`` with the host's package lists, else with lists of our own; then ``dpkg -x``."""
    lists = cache / "apt"
    for part in ("lists/partial", "archives/partial", "download"):
        (lists / part).mkdir(parents=True, exist_ok=True)
    private = (
        "-o",
        f"Dir::State::lists={lists / 'lists'}",
        "-o",
        f"Dir::Cache={lists}",
        "-o",
        "APT::Sandbox::User=",
    )
    for options, update in ((("-o", f"Dir::Cache={lists}"), False), (private, True)):
        if update and not quiet(["apt-get", "-q", *options, "update"], lists):
            continue
        if quiet(["apt-get", "-q", *options, "download", name], lists / "download"):
            archive = max((lists / "download").glob(f"{name}_*.deb"), key=lambda file: file.stat().st_mtime)
            if quiet(["dpkg", "-x", str(archive), str(unpacked)], cache):
                return


def quiet(command: list[str], directory: Path) -> bool:
    """Runs it there without output; whether it went well."""
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def host_pip(python: Path) -> list[str] | None:
    """The host's own pip, if it is new enough to install into another environment."""
    command = [sys.executable, "-m", "pip", "--python", str(python)]
    done = subprocess.run([*command, "--version"], capture_output=True, env=pip_environment(), check=False)
    return command if done.returncode == 0 else None


def find_pip(python: Path, cache: Path) -> list[str]:
    """A command that is pip for that interpreter. Raises CannotSetUp with the package to install."""
    wheel = pip_wheel_of_ensurepip()
    if wheel is None:
        command = host_pip(python)
        if command is not None:
            return command
        wheel = pip_wheel_of_debian(cache)
    if wheel is None:
        raise CannotSetUp("pip is missing: install the package python3-venv, then run make again")
    return [str(python), f"{wheel}/pip"]
