"""Kernels by name and by path, with and without apt: what is taken in boots, what is missing is named in one line."""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

import pytest

from sapper.lab import cache as store
from sapper.lab import host_programs
from sapper.lab.guest import Guest
from sapper.lab.kernel_choice import VARIABLE, choose_kernel
from sapper.lab.kernel_component import beside
from sapper.lab.kernel_file import has_pvh_entry, is_elf, release_of
from sapper.lab.setup import Installed, setup
from sapper.lab.suite import FORMAT, parse_targets, source_list
from sapper.lab.unavailable import LabUnavailable


def elf(segments: list[tuple[int, bytes]]) -> bytes:
    """An ELF file of 64 bits with these program headers (type, content)."""
    start = 64 + 56 * len(segments)
    headers, contents = b"", b""
    for kind, content in segments:
        headers += struct.pack("<IIQQQQQQ", kind, 4, start + len(contents), 0, 0, len(content), len(content), 4)
        contents += content
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    return (
        ident
        + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
        + headers
        + contents
    )


def note(name: bytes, kind: int, description: bytes) -> bytes:
    pad = -len(name) % 4
    return struct.pack("<III", len(name), len(description), kind) + name + bytes(pad) + description


def bzimage(version: bytes) -> bytes:
    image = bytearray(0x400)
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x20E, 0x100)
    return bytes(image[:0x300]) + version + b"\0"


def test_release_of_both_kinds_of_image() -> None:
    assert release_of(bzimage(b"6.12.95+deb12-amd64 (builder) #1 SMP")) == "6.12.95+deb12-amd64"
    assert release_of(elf([(1, b"xx Linux version 6.6.40-vyos (a@b) (gcc) #1\n")])) == "6.6.40-vyos"


@pytest.mark.parametrize("image", [b"", b"MZ" * 400, elf([(1, b"no kernel")]), bzimage(b"")])
def test_what_is_no_kernel_is_said(image: bytes) -> None:
    with pytest.raises(LabUnavailable, match="no Linux kernel"):
        release_of(image)


def test_pvh_entry_is_found_behind_other_notes() -> None:
    pvh, other = note(b"Xen\0", 18, bytes(8)), note(b"GNU\0", 3, bytes(20))
    assert has_pvh_entry(elf([(1, b"code"), (4, other + pvh)]))
    assert not has_pvh_entry(elf([(4, other + note(b"Xen\0", 5, bytes(4)))]))
    assert not has_pvh_entry(elf([(1, pvh)]))
    assert not has_pvh_entry(b"\x7fELF")


def test_static_programs_are_told_from_dynamic_ones() -> None:
    assert host_programs.is_static(elf([(1, b"code")]))
    assert not host_programs.is_static(elf([(3, b"/lib64/ld-linux-x86-64.so.2\0"), (1, b"code")]))
    assert not host_programs.is_static(Path(shutil.which("ls") or "/bin/ls").read_bytes())


@pytest.mark.parametrize("text", ["backport", "6.12", "DEFAULT"])
def test_unknown_kernel_is_one_line(text: str) -> None:
    with pytest.raises(LabUnavailable, match="expected default, backports or the path") as caught:
        choose_kernel(text)
    assert "\n" not in str(caught.value)


def test_kernel_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image, modules = tmp_path / "vmlinuz", tmp_path / "modules"
    image.write_bytes(b"x")
    modules.mkdir()
    monkeypatch.setenv(VARIABLE, "backports")
    assert choose_kernel().suite == "backports"
    assert choose_kernel("default").component == "kernel"
    chosen = choose_kernel(f"{image}:{modules}")
    assert (chosen.image, chosen.modules) == (str(image), str(modules))
    assert chosen.component == choose_kernel(str(image)).component != "kernel"
    for text in (str(tmp_path / "gone"), f"{image}:{tmp_path / 'gone'}", f"{image}:", str(tmp_path)):
        with pytest.raises(LabUnavailable, match="no such"):
            choose_kernel(text)


def test_a_kernel_that_was_compiled_anew_is_another_one(tmp_path: Path) -> None:
    image = tmp_path / "vmlinuz"
    image.write_bytes(b"x")
    chosen = choose_kernel(str(image))
    before = chosen.identity()
    image.write_bytes(b"xy")
    assert chosen.identity() != before
    image.unlink()
    with pytest.raises(LabUnavailable, match="No such file"):
        chosen.identity()


@pytest.mark.parametrize(
    ("image", "modules"),
    [
        ("boot/vmlinuz-6.1", "lib/modules/6.1"),
        ("boot/vmlinuz-6.1", "usr/lib/modules/6.1"),
        ("vmlinuz", "6.1"),
        ("vmlinuz", "modules/6.1"),
        ("vmlinuz", "modules"),
        ("linux/arch/x86/boot/bzImage", "linux/arch/x86/boot/lib/modules/6.1"),
    ],
)
def test_modules_beside_a_kernel(tmp_path: Path, image: str, modules: str) -> None:
    (tmp_path / modules / "kernel").mkdir(parents=True)
    assert beside(tmp_path / image, "6.1") == tmp_path / modules
    with pytest.raises(LabUnavailable, match=r"lib/modules/6\.2\) are not beside it"):
        beside(tmp_path / "elsewhere/image", "6.2")


def test_a_suite_comes_from_the_hosts_own_mirror() -> None:
    lines = [
        "http://m.example/security|bookworm-security|Debian|main|$(SIGNED_BY)",
        "http://m.example/other|stable|Vendor|main|/key.gpg",
        "http://m.example/debian/|bookworm|Debian|main|/usr/share/keyrings/k.gpg",
        "rubbish",
    ]
    text = source_list(parse_targets("\n".join(lines)), "backports")
    assert "URIs: http://m.example/debian/\nSuites: bookworm-backports\n" in text
    assert "Signed-By: /usr/share/keyrings/k.gpg\n" in text
    assert FORMAT.count("|") == lines[0].count("|")
    with pytest.raises(LabUnavailable, match="no source of this host's apt is a Debian release"):
        source_list(parse_targets(lines[1]), "backports")


@pytest.fixture
def without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with QEMU and what runs it, and no apt."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("qemu-system-x86_64", "setpriv"):
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"needs {name}")
        (programs / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    return programs


def test_a_host_without_apt_hears_all_that_is_missing_at_once(
    without_apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(host_programs, "find", lambda name: None)
    (without_apt / "qemu-system-x86_64").unlink()
    with pytest.raises(LabUnavailable) as caught:
        setup(lambda message: None)
    message = str(caught.value)
    assert "\n" not in message
    for word in (
        "no apt-get",
        "busybox (linked statically)",
        "charon",
        "nft",
        "qemu-system-x86_64",
        "--kernel PATH",
    ):
        assert word in message
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """A cache that has the guest's user space and no kernel; what the finished set-up is."""
    whole = setup(lambda message: None)
    private = tmp_path / "cache"
    private.mkdir()
    guest = store.complete(Path(whole.cache), "guest")
    assert guest is not None
    shutil.copytree(whole.packages, private / guest.directory, symlinks=True)
    shutil.copy(Path(whole.cache) / "guest.json", private)
    monkeypatch.setenv("SAPPER_CACHE", str(private))
    monkeypatch.setenv("SAPPER_ACCEL", os.environ.get("SAPPER_ACCEL", "tcg"))
    return whole


@pytest.mark.lab
def test_a_kernel_by_path_boots_without_apt(cache: Installed, without_apt: Path) -> None:
    kernel = f"{cache.vmlinux}:{cache.modules}"
    said: list[str] = []
    with Guest(kernel=kernel, progress=said.append) as guest:
        assert guest.kernel == cache.release
        assert "sha256:" in guest.versions["linux"]
        answer = guest.call(
            {"do": "run", "words": ["ip", "link", "add", "g0", "type", "gre", "local", "192.0.2.1"]}, 30
        )
        assert answer["status"] == 0, answer
    assert said == [f"taking in the kernel {cache.vmlinux}"]
    again: list[str] = []
    setup(again.append, kernel=kernel)
    assert again == []


@pytest.mark.lab
def test_a_kernel_without_what_the_guest_needs_is_named(cache: Installed, tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    shutil.copytree(cache.modules, modules)
    for name in ("overlay.ko", "9p.ko"):
        for path in modules.rglob(f"{name}*"):
            path.unlink()
    with pytest.raises(LabUnavailable, match="lacks what the guest starts with: 9p, overlay") as caught:
        setup(lambda message: None, kernel=f"{cache.vmlinux}:{modules}")
    assert "\n" not in str(caught.value)


@pytest.mark.lab
def test_a_newer_kernel_lies_beside_the_first_and_works_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    default = setup(lambda message: None)
    newer = setup(lambda message: None, kernel="backports")
    assert newer.release != default.release
    assert is_elf(Path(newer.vmlinux).read_bytes())
    assert release_of(Path(newer.vmlinux).read_bytes()) == newer.release
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sapper.lab.setup.host_qemu", lambda: default.qemu)
    assert setup(pytest.fail, kernel="backports") == newer
    assert setup(pytest.fail) == default
