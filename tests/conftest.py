"""Where and how a test runs: what needs root is skipped without it, and guests are booted one after another.

Tests marked ``lab``, ``netns`` or ``setup`` share one worker of a parallel run, because two guests on two cores only
wait for each other. Property tests have no deadline per example, because a loaded machine is no defect; under CI
they draw the same examples each time, so that a change is judged by what it changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import settings

settings.register_profile("sapper", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("sapper")


def may_make_namespaces() -> bool:
    """Whether this process can make a network namespace of its own: root alone is not enough in a container."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None:
        return False
    return subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode == 0


@pytest.hookimpl(tryfirst=True)  # before xdist, which reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs_root = [item for item in items if item.get_closest_marker("netns")]
    if needs_root and not may_make_namespaces():
        for item in needs_root:
            item.add_marker(pytest.mark.skip(reason="needs root and network namespaces"))
    for item in items:
        if any(item.get_closest_marker(name) for name in ("lab", "netns", "setup")):
            item.add_marker(pytest.mark.xdist_group("machine"))
