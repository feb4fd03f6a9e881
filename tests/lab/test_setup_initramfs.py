"""The cpio archive against a cpio program, if there is one, and against the format's own arithmetic."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab.cache import cache_directory, complete
from sapper.lab.initramfs import Entry, cpio, run_archive


def cpio_program() -> list[str]:
    if found := shutil.which("cpio"):
        return [found]
    if found := shutil.which("busybox"):
        return [found, "cpio"]
    guest = complete(cache_directory(), "guest")
    if guest and "usr/bin/busybox" in guest.files:
        return [str(guest.path(cache_directory()) / "usr/bin/busybox"), "cpio"]
    pytest.skip("needs cpio, or busybox of a finished set-up")


names = st.text("abcdefgh-._", min_size=1, max_size=40).filter(lambda name: name not in {".", ".."})
entries = st.dictionaries(names, st.one_of(st.none(), st.binary(max_size=2000)), max_size=8)


@given(entries)
def test_archive_is_aligned_and_ends_with_its_trailer(files: dict[str, bytes | None]) -> None:
    archive = cpio([Entry(name, 0o644, content) for name, content in files.items()])
    assert len(archive) % 512 == 0
    place = 0
    seen: dict[str, bytes | None] = {}
    while True:
        assert place % 4 == 0
        assert archive[place : place + 6] == b"070701"
        fields = [int(archive[place + 6 + 8 * n : place + 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = archive[place + 110 : place + 109 + name_size].decode()
        start = -(-(place + 110 + name_size) // 4) * 4
        if name == "TRAILER!!!":
            break
        seen[name] = None if mode & 0o170000 == 0o040000 else archive[start : start + size]
        place = -(-(start + size) // 4) * 4
    assert seen == files


def test_a_cpio_program_unpacks_it(tmp_path: Path) -> None:
    program = cpio_program()
    files = [Entry("d", 0o755, None), Entry("d/one", 0o640, b"x" * 4099), Entry("empty", 0o755, b"")]
    subprocess.run([*program, "-id"], input=cpio(files), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "d/one").read_bytes() == b"x" * 4099
    assert (tmp_path / "d/one").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o755
    listed = subprocess.run([*program, "-t"], input=cpio(files), check=True, capture_output=True).stdout
    assert listed.decode().split() == ["d", "d/one", "empty"]


@pytest.mark.parametrize("path", ["/plain", '/with space/it\'s "odd" $HOME'])
def test_the_scripts_are_shell(tmp_path: Path, path: str) -> None:
    archive = run_archive(f"{path}/python", [path], "a.b")
    for begin in (b"#!/bin/busybox sh", b"export PATH=/usr/local"):
        text = archive[archive.index(begin) :].split(b"\0")[0]
        subprocess.run(["sh", "-n"], input=text, check=True)
