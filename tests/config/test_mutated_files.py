"""A thousand broken files: real configurations with bits flipped, pieces lost, doubled and swapped.

None gives a traceback, hangs or takes much memory, and whatever is said about one has a place in it. The whole check
takes longer than the reading, so that only some of the files go through it; SAPPER_EXAMPLES says how many files.
"""

from __future__ import annotations

import os
import random
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from test_hostile_text import watchdog

from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set
from sapper.config.read import read
from sapper.config.shape import either, written_shape
from sapper.config.tree import Document, UnreadableText
from sapper.config.unprintable import UnprintableWord
from sapper.config.upgrade import upgrade
from sapper.rules.check import check_text
from sapper.schema.shape import shape_of

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"
REAL = sorted([*FILES.glob("*.boot"), *FILES.glob("*.expected.set")])
ARTICLES = sorted(
    path for path in (Path(__file__).parent.parent / "articles").iterdir() if path.suffix in (".set", ".boot")
)
COUNT = int(os.environ.get("SAPPER_EXAMPLES", "1000"))
GROUPS = 10
PIECES = [b"{", b"}", b"'", b'"', b"\\", b"\n", b"\r\n", b"/*", b"*/ ", b"//", b"#", b"\xff\xfe", b"\0", b"\xef\xbb\xbf",
          b"set ", b"delete ", b"comment ", b"\t", b" ", b"[", b"]", b",", b":", b"\xe2\x80\xa8", b"{ " * 50, b"'" * 9]  # fmt: skip


def originals() -> list[bytes]:
    texts = [path.read_bytes() for path in [*REAL, *ARTICLES]]
    documents = [read(text.decode(), "x") for text in texts if text.count(b"\n") < 200]
    return [
        *texts,
        *(print_json(document.root, either(shape_of, written_shape(document))).encode() for document in documents),
    ]


def mutated(original: bytes, chance: random.Random) -> bytes:
    data = bytearray(original)
    for _ in range(chance.choice([1, 1, 2, 4, 16, 64])):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice([1, 2, 10, 100, 1000]))
        match chance.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at:at] = chance.choice(PIECES)
            case 4:
                del data[at:]
            case 5:
                piece = data[at:end]
                del data[at:end]
                there = chance.randrange(len(data) + 1)
                data[there:there] = piece
            case _:
                data[at:end] = chance.randbytes(end - at).replace(
                    b"\0", b" "
                )  # else most would be refused as binary
        if not data:
            break
    return bytes(data)


def read_and_print(text: str) -> Document | UnreadableText:
    try:
        document = read(text, "x")
    except UnreadableText as refusal:
        return refusal
    root = upgrade(document).root
    print_set(root, shape_of)
    print_json(root, shape_of)
    with suppress(UnprintableWord):
        print_braces(root, either(shape_of, written_shape(document)))
    return document


def everything_has_a_place(text: str, read_as: Document | UnreadableText) -> None:
    last_line = text.count("\n") + 1
    if isinstance(read_as, UnreadableText):
        assert 1 <= read_as.place.line <= last_line
        assert read_as.place.column >= 1
        assert 0 <= read_as.place.offset <= len(text)
        assert read_as.message
        return
    for defect in read_as.defects:
        assert 0 <= defect.span.start < defect.span.end <= len(text)
        assert 1 <= read_as.source.place(defect.span.start).line <= last_line
    for path, node in read_as.root.walk():
        assert node.spans, path
        assert all(0 <= span.start < span.end <= len(text) for span in (*node.spans, node.extent)), path


@pytest.mark.skipif(not REAL, reason="the real configurations are not here")
@pytest.mark.parametrize("group", range(GROUPS))
def test_a_broken_file_is_read_or_refused_with_its_place(group: int) -> None:
    texts = originals()
    for number in range(group, COUNT, GROUPS):
        chance = random.Random(number)
        text = mutated(chance.choice(texts), chance).decode("utf-8", "surrogateescape")
        traced = number % 20 == group
        if traced:
            tracemalloc.start()
        with watchdog(10):
            read_as = read_and_print(text)
        if traced:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak < 10 * len(text) + 50_000_000
        if number % 7 == group % 7:
            everything_has_a_place(text, read_as)


@pytest.mark.skipif(not REAL, reason="the real configurations are not here")
def test_a_broken_file_goes_through_the_whole_check() -> None:
    texts = originals()
    for number in range(max(COUNT // 40, 1)):
        chance = random.Random(number)
        text = mutated(chance.choice(texts), chance).decode("utf-8", "surrogateescape")
        with watchdog(20):
            report = check_text(text, "x")
        assert all(finding.line >= 1 and finding.column >= 1 for finding in report.findings)
