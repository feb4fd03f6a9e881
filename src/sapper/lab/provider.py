"""Which kernel a lab runs on: this host's own (``host``) or a guest's (``vm``); ``auto`` finds out and remembers.

``auto`` takes the host's kernel where it really works: that is tried once, with a deadline, for each boot of the host
and each set of loaded modules, and the cache remembers the outcome. A kernel that was asked for by name is a guest's.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from sapper.lab import cache, kernel_choice, provider_check
from sapper.lab.guest import Guest
from sapper.lab.provider_host import Host
from sapper.lab.unavailable import LabUnavailable

PROVIDERS = ("auto", "host", "vm")
VARIABLE = "SAPPER_PROVIDER"
_NAME = "provider"

Progress = Callable[[str], None]


def open_lab(provider: str, progress: Progress, kernel: str | None = None) -> Guest:
    """A lab to enter, on the provider named. Raises LabUnavailable with one line, here or on entering."""
    if provider == "auto":
        provider = os.environ.get(VARIABLE) or choose(progress, kernel)
    if provider == "host":
        return Host(progress=progress)
    if provider != "vm":
        raise LabUnavailable(f"{VARIABLE}={provider}: expected {', '.join(PROVIDERS)}")
    return Guest(progress=progress, kernel=kernel)


def choose(progress: Progress, kernel: str | None = None) -> str:
    """``host`` if this host's kernel can be the lab, else ``vm``."""
    if kernel is not None or os.environ.get(kernel_choice.VARIABLE) or os.geteuid() != 0:
        return "vm"
    where = cache.cache_directory()
    machine = provider_check.fingerprint()
    known = cache.recall(where, _NAME)
    if known.get("machine") != machine:
        known = {"machine": machine, "refusal": provider_check.refusal()}
        cache.remember(where, _NAME, known)
        if known["refusal"]:
            progress(f"the host's own kernel cannot be the lab: {known['refusal']}; booting a guest")
    return "vm" if known.get("refusal", "-") else "host"
