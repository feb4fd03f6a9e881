"""``auto`` tries once, remembers, and tries again when the machine has changed; refusals are one line each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sapper.lab import provider_check, sandbox
from sapper.lab.guest import Guest
from sapper.lab.provider import choose, open_lab
from sapper.lab.provider_host import Host
from sapper.lab.unavailable import LabUnavailable


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[str]]:
    """Makes this machine one with that fingerprint and refusal; returns the trials made of it."""
    monkeypatch.setenv("SAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SAPPER_KERNEL", raising=False)
    monkeypatch.delenv("SAPPER_PROVIDER", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    trials: list[str] = []
    refusals: dict[str, str] = {}

    def become(fingerprint: str, refusal: str) -> list[str]:
        refusals[fingerprint] = refusal
        monkeypatch.setattr(provider_check, "fingerprint", lambda: fingerprint)
        monkeypatch.setattr(provider_check, "refusal", try_out)
        return trials

    def try_out() -> str:
        trials.append(provider_check.fingerprint())
        return refusals[trials[-1]]

    return become


def test_auto_tries_once_for_each_state_of_the_machine(machine: Callable[[str, str], list[str]]) -> None:
    said: list[str] = []
    trials = machine("boot 1", "this host lacks charon (strongSwan)")
    assert [choose(said.append) for _ in range(3)] == ["vm"] * 3
    assert said == [
        "the host's own kernel cannot be the lab: this host lacks charon (strongSwan); booting a guest",
    ]
    machine("boot 1, charon", "")
    assert [choose(said.append) for _ in range(2)] == ["host"] * 2
    assert trials == ["boot 1", "boot 1, charon"]
    assert len(said) == 1


def test_a_named_kernel_is_a_guests(
    machine: Callable[[str, str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = machine("any", "")
    assert choose(pytest.fail, "backports") == "vm"
    monkeypatch.setenv("SAPPER_KERNEL", "backports")
    assert choose(pytest.fail) == "vm"
    monkeypatch.delenv("SAPPER_KERNEL")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose(pytest.fail) == "vm"
    assert trials == []


def test_the_environment_decides_for_auto_alone(
    machine: Callable[[str, str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine("any", "")
    assert isinstance(open_lab("auto", pytest.fail), Host)
    monkeypatch.setenv("SAPPER_PROVIDER", "vm")
    assert not isinstance(open_lab("auto", pytest.fail), Host)
    assert isinstance(open_lab("host", pytest.fail), Host)
    monkeypatch.setenv("SAPPER_PROVIDER", "cloud")
    with pytest.raises(LabUnavailable, match="SAPPER_PROVIDER=cloud: expected auto, host, vm"):
        open_lab("auto", pytest.fail)
    assert isinstance(open_lab("vm", pytest.fail), Guest)


def test_entering_a_host_that_cannot_do_it_is_one_line(machine: Callable[[str, str], list[str]]) -> None:
    machine("any", "this host's kernel cannot do: GRE tunnels (module ip_gre), ESP (module esp4)")
    with pytest.raises(LabUnavailable) as caught, Host():
        pass
    assert str(caught.value) == (
        "provider host: this host's kernel cannot do: GRE tunnels (module ip_gre), ESP (module esp4);"
        " or use --provider vm"
    )


@pytest.mark.parametrize(
    ("loaded", "shut_off", "expected"),
    [
        ((), "0", ["dummy", "ip_gre", "sit"]),
        (("ip_gre", "dummy"), "0", ["sit"]),
        ((), "2", ["dummy"]),
        (("dummy", "ip_gre", "sit"), "0", []),
    ],
)
def test_modules_whose_loading_would_show_on_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: tuple[str, ...], shut_off: str, expected: list[str]
) -> None:
    switch = tmp_path / "fb_tunnels_only_for_init_net"
    switch.write_text(f"{shut_off}\n")
    monkeypatch.setattr(provider_check, "_SHUT_OFF", switch)
    monkeypatch.setattr(provider_check, "_loaded", lambda: set(loaded))
    monkeypatch.setattr(provider_check, "_available", lambda: {"dummy", "ip_gre", "sit", "veth"})
    assert provider_check.to_load() == expected


@pytest.mark.netns
def test_the_sandbox_cannot_reach_the_host(tmp_path: Path) -> None:
    """Nothing here would do harm if the sandbox had a hole: it looks at what it could do, and does not do it."""
    marker = tmp_path / "marker"
    script = (
        f"touch {marker}; touch /run/mine /run/tmp/mine; ip link add sapper0 type veth peer name sapper1;"
        " [ ! -w /proc/sys/kernel/panic ] || echo hole; ls /sys/class/net; ps ax -o pid=,comm=;"
        " grep CapEff /proc/self/status"
    )
    before = {path.name for path in Path("/sys/class/net").iterdir()}
    done = subprocess.run(sandbox.command_line(["sh", "-c", script]), capture_output=True, text=True, check=False)
    words = done.stdout.split()
    assert not marker.exists()
    assert not Path("/run/mine").exists()
    assert {path.name for path in Path("/sys/class/net").iterdir()} == before
    assert {"lo", "sapper0", "sapper1"} <= set(words)
    assert not before - {"lo"} & set(words)
    assert "hole" not in words
    assert sum(line.strip()[:1].isdigit() for line in done.stdout.splitlines()) <= 3
    # CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_SYS_TIME of include/uapi/linux/capability.h
    assert not int(words[-1], 16) & (1 << 16 | 1 << 17 | 1 << 22 | 1 << 25)
