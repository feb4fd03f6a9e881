"""A real guest: it answers, it hangs only until its deadline, and nothing is left of it however the host ends."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sapper.lab.guest import Guest
from sapper.lab.setup import setup
from sapper.lab.unavailable import GuestDied, GuestHung

pytestmark = pytest.mark.lab

HERE = str(Path(__file__).parent)
HANG = "rdinit=/bin/busybox -- sleep 9999"
CHILD = """
import sys, time
from sapper.lab.guest import Guest
with Guest(agent_module="guest_agent_stub", agent_paths=({here!r},), boot_deadline_s=170, extra_append={append!r}) as guest:
    print("up", flush=True)
    time.sleep(300)
"""


def stub_guest(
    append: str = "", deadline_s: float = 180, progress: Callable[[str], None] = lambda message: None
) -> Guest:
    return Guest(
        agent_module="guest_agent_stub",
        agent_paths=(HERE,),
        boot_deadline_s=deadline_s,
        extra_append=append,
        progress=progress,
    )


@pytest.fixture(autouse=True)
def private_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of the test's own: nothing may be left there, and its name in TMPDIR marks our QEMUs."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def child() -> Iterator["Child"]:
    started = Child()
    yield started
    started.end()


def heed_interrupts() -> None:
    """A shell without job control starts what it puts into the background with SIGINT ignored, and so its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Child:
    """A Python of its own that runs a guest."""

    process: subprocess.Popen[str]

    def start(self, append: str = "") -> None:
        program = CHILD.format(here=HERE, append=append)
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
        )

    def wait_up(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def qemus(directory: Path) -> list[int]:
    """The QEMU processes that were started with ``directory`` as their TMPDIR."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line, variables = (path / "cmdline").read_bytes(), (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"qemu-system" in line and f"TMPDIR={directory}".encode() in variables:
            found.append(int(path.name))
    return found


def eventually_none(directory: Path, deadline_s: float = 5.0) -> bool:
    end = time.monotonic() + deadline_s
    while qemus(directory):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_guest_answers_and_has_what_a_router_needs(private_temporary: Path) -> None:
    with stub_guest() as guest:
        assert guest.kernel == guest.installed.release
        assert guest.accel in {"tcg", "kvm"}
        commands = (
            "ip link add d0 type dummy && ip link add g0 type gre local 192.0.2.1 remote 192.0.2.2",
            "ip link add v0 type xfrm dev d0 if_id 7 && ip netns add east",
            "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode transport aead 'rfc4106(gcm(aes))' "
            "0x0102030405060708090a0b0c0d0e0f1011121314 128",
            "nft add table inet t && nft add chain inet t c '{ type filter hook output priority 0; }' && "
            "nft add rule inet t c meta l4proto gre rt ipsec missing counter drop",
            "/usr/lib/ipsec/charon --version && touch /etc/written && test -e /dev/shm",
        )
        for command in commands:
            answer = guest.call({"run": ["sh", "-ec", command]}, 60)
            assert answer["code"] == 0, answer
        answer = guest.call({"size": 5_000_000, "data": "y" * 3_000_000}, 60)
        assert (len(answer["data"]), answer["got"]) == (5_000_000, 3_000_000)
        with pytest.raises(GuestHung, match=r"did not answer within 1 s"):
            guest.call({"run": ["sleep", "30"]}, 1)
    assert not Path("/etc/written").exists()
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []


def test_agent_that_ends_is_said_at_once() -> None:
    with stub_guest() as guest:
        guest.send({"exit": 1})
        with pytest.raises(GuestDied, match="the agent ended with 0"):
            guest.receive(30)


def test_agent_that_cannot_start_is_said_with_its_reason(private_temporary: Path) -> None:
    with pytest.raises(GuestDied, match="No module named 'no_such_agent'") as caught:
        Guest(agent_module="no_such_agent", boot_deadline_s=180).__enter__()
    assert "\n" not in str(caught.value)
    assert list(private_temporary.iterdir()) == []


def test_hang_at_boot_ends_within_its_deadline(private_temporary: Path) -> None:
    setup(lambda message: None)
    said: list[str] = []
    started = time.monotonic()
    with pytest.raises(GuestHung, match=r"no guest after 2 tries in \d+ s") as caught:
        stub_guest(HANG, 16, said.append).__enter__()
    assert 15 < time.monotonic() - started < 25
    assert "\n" not in str(caught.value)
    assert any("trying once more" in message for message in said)
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []


def test_kernel_panic_ends_long_before_the_deadline() -> None:
    started = time.monotonic()
    with pytest.raises(GuestDied, match=r"Kernel panic"):
        stub_guest("rdinit=/bin/busybox -- true").__enter__()
    assert time.monotonic() - started < 100


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_leaves_nothing(child: Child, private_temporary: Path, number: signal.Signals) -> None:
    child.start()
    child.wait_up()
    assert len(qemus(private_temporary)) == 1
    child.process.send_signal(number)
    child.process.wait(10)
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []


def test_signal_during_boot_leaves_nothing(child: Child, private_temporary: Path) -> None:
    child.start()
    while not qemus(private_temporary):
        time.sleep(0.02)
        assert child.process.poll() is None
    child.process.send_signal(signal.SIGINT)
    child.process.wait(10)
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []


def test_killed_host_leaves_nothing(child: Child, private_temporary: Path) -> None:
    child.start()
    child.wait_up()
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait(10)
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []


def test_killed_host_takes_a_hanging_guest_with_it(child: Child, private_temporary: Path) -> None:
    """This guest does not notice that its channel is closed, so only the kernel can end QEMU."""
    child.start(HANG)
    while not qemus(private_temporary):
        time.sleep(0.02)
        assert child.process.poll() is None
    time.sleep(3)
    os.kill(child.process.pid, signal.SIGKILL)
    assert eventually_none(private_temporary)


def test_two_guests_do_not_disturb_each_other(child: Child, private_temporary: Path) -> None:
    child.start()
    with stub_guest() as first, stub_guest() as second:
        child.wait_up()
        first.send({"who": 1})
        second.send({"who": 2})
        assert (second.receive(30), first.receive(30)) == ({"who": 2}, {"who": 1})
        second.close()
        assert first.call({"who": 3}, 30) == {"who": 3}
        assert len(qemus(private_temporary)) == 2


@pytest.mark.parametrize("append", ["", HANG], ids=["waiting", "booting"])
def test_another_thread_can_close_it(private_temporary: Path, append: str) -> None:
    """As a program does on Ctrl-C that runs guests in threads: nobody waits for the deadline."""
    guest = stub_guest(append)
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            with guest:
                guest.call({"run": ["sleep", "100"]}, 100)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    while not (qemus(private_temporary) if append else hasattr(guest, "kernel")):
        time.sleep(0.05)
    started = time.monotonic()
    guest.close()
    thread.join(10)
    assert time.monotonic() - started < 5
    assert [type(failure) for failure in failures] == [GuestDied]
    assert eventually_none(private_temporary)
    assert list(private_temporary.iterdir()) == []
