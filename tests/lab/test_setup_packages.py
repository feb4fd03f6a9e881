"""apt's words read, packages unpacked on a merged /usr; the packages are built here with dpkg-deb itself."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab.packages import (
    Package,
    apt_error,
    link_merged,
    merged_path,
    parse_kernel_parts,
    parse_uris,
    unpack,
)
from sapper.lab.unavailable import LabUnavailable

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")


def test_uris_are_read_among_other_lines() -> None:
    output = (
        "Reading package lists...\n"
        "'http://a.example/pool/b_1.2-3%2bb1_amd64.deb' b_1.2-3+b1_amd64.deb 928188 MD5Sum:f6\n"
        "'http://a.example/pool/q_x.deb' q-x_1%3a7.2+dfsg-7+deb12u18_all.deb 17 \n"
        "'file:/not/a/package' Release 12\n"
    )
    assert parse_uris(output) == [Package("b", "1.2-3+b1", 928188), Package("q-x", "1:7.2+dfsg-7+deb12u18", 17)]


def test_kernel_parts_of_debian_and_of_ubuntu() -> None:
    debian = "Package: linux-image-amd64\nDepends: linux-image-6.1.0-56-amd64 (= 6.1.192-2)\nSize: 1\n"
    ubuntu = "Depends: linux-image-6.8.0-31-generic, linux-modules-6.8.0-31-generic, linux-base (>= 4)\n"
    assert parse_kernel_parts(debian) == ["linux-image-6.1.0-56-amd64"]
    assert parse_kernel_parts(ubuntu) == ["linux-image-6.8.0-31-generic", "linux-modules-6.8.0-31-generic"]
    assert parse_kernel_parts("Package: x\n") == []


def test_apt_error_prefers_the_first_error_line() -> None:
    assert apt_error("W: slow\nE: Unable to locate package x\nE: more\n") == "Unable to locate package x"
    assert apt_error("only talk\n") == "only talk"
    assert apt_error("") == "no reason given"


@given(st.lists(st.sampled_from(["lib", "bin", "usr", "..", ".", "", "etc", "x"]), max_size=6))
def test_merged_path_never_escapes_nor_hides_the_hosts_links(parts: list[str]) -> None:
    path = merged_path("./" + "/".join(parts))
    if path is None:
        assert ".." in parts or not [part for part in parts if part not in ("", ".")]
    else:
        assert ".." not in path.split("/")
        assert path.split("/")[0] not in {"lib", "bin", "sbin", "lib64"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    content = tmp_path / "content"
    for name, text in {
        "DEBIAN/control": "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n",
        "lib/modules/6/a.ko": "module",
        "usr/lib/b.so.1": "library",
        "bin/tool": "#!/bin/sh\n",
        "usr/share/doc/p/copyright": "text",
    }.items():
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (content / "usr/lib/b.so").symlink_to("b.so.1")
    (content / "sbin").mkdir()
    (content / "sbin/tool2").hardlink_to(content / "bin/tool")
    (content / "bin/tool").chmod(0o755)
    archive = tmp_path / "p_1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", content, archive], check=True, capture_output=True)
    return archive


@needs_dpkg
def test_unpack_merges_usr(package: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    unpack(package, root, lambda path: True)
    link_merged(root)
    assert (root / "lib/modules/6/a.ko").read_text() == "module"
    assert (root / "lib/b.so").readlink() == Path("b.so.1")
    assert (root / "sbin/tool2").samefile(root / "usr/bin/tool")
    assert (root / "bin/tool").stat().st_mode & 0o777 == 0o755
    assert (root / "lib").is_symlink()
    assert not (root / "usr/share/doc").exists()


@needs_dpkg
def test_unpack_takes_only_what_is_wanted(package: Path, tmp_path: Path) -> None:
    unpack(package, tmp_path / "root", lambda path: path.endswith(".ko"))
    files = [path for path in (tmp_path / "root").rglob("*") if not path.is_dir()]
    assert files == [tmp_path / "root/usr/lib/modules/6/a.ko"]


@needs_dpkg
@pytest.mark.parametrize("keep", [0, 100, 400])
def test_damaged_archive_is_one_line_and_removed(package: Path, tmp_path: Path, keep: int) -> None:
    package.write_bytes(package.read_bytes()[:keep])
    with pytest.raises(LabUnavailable, match=r"p_1_all\.deb cannot be unpacked") as caught:
        unpack(package, tmp_path / "root", lambda path: True)
    assert "\n" not in str(caught.value)
    assert not package.exists()
