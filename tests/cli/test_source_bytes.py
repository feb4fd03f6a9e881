"""What is read from a file is its text character for character, so that it can be written back byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.cli.source import looks_like_configuration, read_inputs
from sapper.config.read import read
from sapper.config.source import printable

FILES = Path(__file__).parents[2].parent / "shared" / "oracles" / "vyos-configs"


def text_of(path: Path) -> str:
    (entry,) = read_inputs([str(path)])
    assert entry.failure is None
    return entry.text


@given(st.binary(max_size=60))
def test_any_bytes_come_back(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    assert text.encode("utf-8", "surrogateescape") == content
    printable(text).encode("utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"set a b\r\nset c 'd'\r\n",
        b"\xef\xbb\xbfset a b\n",
        b"set a b\xff\xfe\nset a '\xe4'\n",
        b'a {\n\tb "\xe4"\n}',
        b'{"a": "\xe4\\u00e4"}',
        b"\n\n set a b",
    ],
)
def test_an_unchanged_document_is_written_back_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    document = read(text_of(path), "x")
    assert document.root.children
    assert document.source.text.encode("utf-8", "surrogateescape") == content


@pytest.mark.skipif(not FILES.exists(), reason="the real configurations are not here")
def test_every_real_file_is_written_back_as_it_was() -> None:
    for path in sorted(FILES.glob("*.*")):
        if path.suffix in (".boot", ".set"):
            document = read(text_of(path), path.name)
            assert document.source.text.encode("utf-8", "surrogateescape") == path.read_bytes()


@pytest.mark.parametrize("text", ["\ufeffset a bc\n", "\ufeffa {\n  bc\n}\n", '\ufeff{"a": "bc"}'])
def test_a_byte_order_mark_is_in_no_column(text: str) -> None:
    marked, plain = read(text, "x"), read(text[1:], "x")
    for words in (("a",), ("a", "bc")):
        there, here = marked.root.find(*words), plain.root.find(*words)
        assert there is not None
        assert here is not None
        assert marked.source.place(there.span.start)[:2] == plain.source.place(here.span.start)[:2]
        assert marked.source.place(there.span.start).offset == plain.source.place(here.span.start).offset + 1


def test_bytes_that_are_no_utf_8_are_shown_as_escapes() -> None:
    assert printable(b"a\xe4\xff".decode("utf-8", "surrogateescape")) == "a\\xe4\\xff"
    assert printable("é\ud800") == "é\\xed\\xa0\\x80"
    assert printable("plain é") == "plain é"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"interfaces": {}}', True),
        ('\ufeff{\n "success": true, "data": {"vpn": {}}}', True),
        ('{"name": "a-package", "version": "1"}', False),
        ("[]", False),
        ("set a b\n", True),
        ("set a b\0\n", False),
    ],
)
def test_what_a_directory_takes_for_a_configuration(text: str, expected: bool) -> None:
    assert looks_like_configuration(text) is expected


def test_a_file_that_begins_as_no_text_is_not_read_on(tmp_path: Path) -> None:
    path = tmp_path / "image"
    with path.open("wb") as stream:
        stream.truncate(300 * 1024 * 1024)
    assert len(text_of(path)) == 64 * 1024
