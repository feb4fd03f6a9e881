"""Kernel payloads made here and found again; loading order against every dependency, for any acyclic graph."""

import gzip
import lzma
import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.lab.kernel_image import decompress, loading_order, module_name, vmlinux
from sapper.lab.unavailable import LabUnavailable

ELF = b"\x7fELF" + bytes(range(256)) * 9000


def zstd(data: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("needs zstd")
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def xz(data: bytes) -> bytes:
    filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
    return lzma.compress(data, lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=filters)


def bzimage(payload: bytes, setup_sectors: int = 3, offset: int = 700) -> bytes:
    setup = bytearray((setup_sectors + 1) * 512)
    setup[0x1F1] = setup_sectors
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", setup, 0x248, offset, len(payload) + 4)
    return bytes(setup) + b"\x90" * offset + payload + struct.pack("<I", len(ELF)) + b"tail"


@pytest.mark.parametrize("pack", [xz, gzip.compress, zstd, lambda data: data], ids=["xz", "gzip", "zstd", "none"])
def test_vmlinux_is_found_in_a_bzimage(pack: "object") -> None:
    assert callable(pack)
    packed = pack(ELF)
    assert vmlinux(bzimage(packed)).startswith(ELF)


@pytest.mark.parametrize("image", [b"", b"MZ" * 600, bzimage(xz(b"no kernel")), bzimage(b"\xfd7zXZ\x00rubbish")])
def test_rubbish_is_one_line(image: bytes) -> None:
    with pytest.raises(LabUnavailable) as caught:
        vmlinux(image)
    assert "\n" not in str(caught.value)


def test_zstd_that_ends_early_is_an_error() -> None:
    with pytest.raises(LabUnavailable, match="damaged"):
        decompress(zstd(ELF)[:-20])


@given(st.binary(max_size=5000))
def test_decompress_undoes_each_packer(data: bytes) -> None:
    assert decompress(xz(data)) == data
    assert decompress(gzip.compress(data)) == data


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, set[int]]:
    """Module number to all it needs, directly or not; a module needs only smaller numbers."""
    graph: dict[int, set[int]] = {}
    for node in range(draw(st.integers(1, 12))):
        direct = draw(st.sets(st.integers(0, node - 1))) if node else set()
        graph[node] = direct.union(*(graph[other] for other in direct))
    return graph


@given(graphs(), st.data())
def test_every_module_comes_after_what_it_needs(graph: dict[int, set[int]], data: st.DataObject) -> None:
    # As depmod writes it: what is needed, the most basic one last.
    lines = [
        f"kernel/m-{node}.ko.xz: " + " ".join(f"kernel/m-{n}.ko.xz" for n in sorted(needed, reverse=True))
        for node, needed in graph.items()
    ]
    wanted = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    order = loading_order("\n".join(lines), [f"m_{node}" for node in wanted] + ["built_in"])
    numbers = [int(module_name(path).removeprefix("m_")) for path in order]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) == set(wanted).union(*(graph[node] for node in wanted))
    for place, node in enumerate(numbers):
        assert graph[node] <= set(numbers[:place])
