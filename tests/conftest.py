"""Where and how a test runs: what needs root is skipped without it, and what fills the machine runs alone.

A file's tests run in one worker, so that what a file boots is booted once. Property tests have no deadline per
example, because a loaded machine is no defect; under CI they draw the same examples each time, so that a change is
judged by what it changes. ``make fast`` draws few examples.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("sapper", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("fast", settings.get_profile("sapper"), max_examples=15)
settings.load_profile("fast" if "SAPPER_FAST" in os.environ else "sapper")


def may_make_namespaces() -> bool:
    """Whether this process can make a network namespace of its own: root alone is not enough in a container."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None:
        return False
    return subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs_root = [item for item in items if item.get_closest_marker("netns")]
    if needs_root and not may_make_namespaces():
        for item in needs_root:
            item.add_marker(pytest.mark.skip(reason="needs root and network namespaces"))


@pytest.fixture(scope="module")
def whole_machine() -> Iterator[None]:
    """For what fills all processors with guests: two of that kind at once, in two workers, only wait for each other."""
    with (Path(tempfile.gettempdir()) / f"sapper-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
