"""Whether this host's own kernel can be the lab: found out by doing it, in a sandbox, and said by name where it cannot.

Before anything is tried, modules are looked at that put a link of their own into the host's network when they are
loaded (gre0, tunl0, dummy0 …): the lab must not change that network, so whoever wants the provider loads them.
Sources: net/core/sysctl_net_core.c (fb_tunnels_only_for_init_net), drivers/net/dummy.c (numdummies).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sapper.lab import host_programs, sandbox
from sapper.lab.kernel_image import module_name

TRIAL_S = 45.0
# The modules that make links when they are loaded, and the first of these links.
FALLBACK = {
    "dummy": "dummy0",
    "ip_gre": "gre0",
    "ipip": "tunl0",
    "sit": "sit0",
    "ip6_gre": "ip6gre0",
    "ip6_tunnel": "ip6tnl0",
    "ip_vti": "ip_vti0",
    "ip6_vti": "ip6_vti0",
}
PROGRAMS = ("ip", "nft", "charon")
_SHUT_OFF = Path("/proc/sys/net/core/fb_tunnels_only_for_init_net")
_APPARMOR = Path("/sys/kernel/security/apparmor/profiles")
_KEY = "0x" + "5a" * 20
_ESP = f"mode transport aead 'rfc4106(gcm(aes))' {_KEY} 128"
# What to try, and what to name when it fails.
_TRIALS = (
    ("dummy links (module dummy)", "ip link add sapper0 type dummy"),
    ("veth links (module veth)", "ip link add sapper1 type veth peer name sapper2"),
    ("GRE tunnels (module ip_gre)", "ip link add sapper3 type gre local 192.0.2.1 remote 192.0.2.2"),
    ("xfrm interfaces (module xfrm_interface)", "ip link add sapper4 type xfrm dev lo if_id 1"),
    ("ESP (module esp4)", f"ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 {_ESP}"),
    (
        "ESP over IPv6 (module esp6)",
        f"ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto esp spi 0x1000 {_ESP}",
    ),
    ("nftables (module nf_tables)", "nft add table inet sapper"),
    ("named network namespaces", "ip netns add sapper"),
    ("the IKE daemon", "{charon} --version"),
)


def refusal() -> str:
    """Why the host's kernel cannot be the lab, on one line; empty if it can."""
    if os.geteuid() != 0:
        return "network namespaces of the host's own kernel need root"
    missing = host_programs.lacking(PROGRAMS)
    missing += [name for name in sandbox.PROGRAMS if host_programs.find(name) is None]
    if missing:
        return f"this host lacks {', '.join(missing)}"
    if loading := to_load():
        links = ", ".join(FALLBACK[name] for name in loading)
        return (
            f"loading {', '.join(loading)} would put links ({links}) into this host's network:"
            f" run 'modprobe -a {' '.join(loading)}' first"
        )
    if _confined():
        return "an AppArmor profile confines charon: disable it (aa-disable) first"
    failed = try_out()
    return f"this host's kernel cannot do: {', '.join(failed)}" if failed else ""


def fingerprint() -> str:
    """What the answer depends on: the kernel and its boot, the modules loaded, and where charon is."""
    kernel = os.uname()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    loaded = ",".join(name for name in FALLBACK if name in _loaded())
    return f"{kernel.release} {kernel.version} {boot} {loaded} {host_programs.find('charon')}"


def to_load() -> list[str]:
    """The modules that this kernel has, that are not loaded, and that would make a link on the host."""
    shut_off = _SHUT_OFF.exists() and _SHUT_OFF.read_text().strip() == "2"
    loaded, there = _loaded(), _available()
    return [name for name in FALLBACK if name in there and name not in loaded and (name == "dummy" or not shut_off)]


def try_out() -> list[str]:
    """Does in a sandbox what a lab does; what fails, by name."""
    charon = host_programs.find("charon")
    lines = [f"{command.format(charon=charon)} >/dev/null 2>&1 || echo '{what}'" for what, command in _TRIALS]
    try:
        done = subprocess.run(
            sandbox.command_line(["sh", "-c", "\n".join([*lines, "echo end"])]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TRIAL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"an answer within {TRIAL_S:.0f} s"]
    said = done.stdout.splitlines()
    if not said or said[-1] != "end":
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [f"namespaces of a process ({reason})"]
    return said[:-1]


def _loaded() -> set[str]:
    try:
        return {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    except OSError:
        return set()


def _available() -> set[str]:
    try:
        index = Path("/lib/modules", os.uname().release, "modules.dep").read_text()
    except OSError:
        return set()
    return {module_name(line.partition(":")[0]) for line in index.splitlines()}


def _confined() -> bool:
    try:
        return any("charon (enforce)" in line for line in _APPARMOR.read_text().splitlines())
    except OSError:
        return False
