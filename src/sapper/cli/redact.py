"""``sapper redact CONFIG…``: a configuration fit for a public bug report. The key of the addresses is never kept."""

from __future__ import annotations

import os
from pathlib import Path

from sapper.cli.arguments import Parser
from sapper.cli.failure import Unusable
from sapper.cli.output import write_exactly, write_file, write_files
from sapper.cli.source import Input, read_inputs, warn
from sapper.config.read import read
from sapper.config.tree import Document, UnreadableText
from sapper.render.redaction import Redaction
from sapper.rules.check import check_text

_COMMAND = "redact"
_KEY_BYTES = 16


def run(words: list[str]) -> int:
    """Redact what the command line names."""
    parser = Parser(
        _COMMAND,
        "Print configurations without secrets, addresses and names: the same shape, fit for a public bug report.",
        "Words and addresses that occur in several CONFIGs are replaced by the same in all of them.",
    )
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="a file, or - for standard input")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write there; a directory where several CONFIGs are given"
    )
    options = parser.parse(words)
    documents = [_document(entry) for entry in read_inputs(options.configs)]
    if len(documents) > 1 and options.output is None:
        raise Unusable("several configurations need --output DIRECTORY", _COMMAND)
    redaction = Redaction(os.urandom(_KEY_BYTES))
    texts = [redaction.text(document) for document in documents]
    for document, text in zip(documents, texts, strict=True):
        _compare(document, text)
    if options.output is None:
        write_exactly(texts[0])
    elif len(texts) == 1 and not options.output.is_dir():
        write_file(options.output, texts[0])
    else:
        names = [
            f"router-{number}{Path(document.source.path).suffix}" for number, document in enumerate(documents, 1)
        ]
        write_files(options.output, dict(zip(names, texts, strict=True)))
    return 0


def _document(entry: Input) -> Document:
    if entry.failure is not None:
        raise Unusable(f"{entry.path}:{entry.place.line}:{entry.place.column}: {entry.failure}", None)
    try:
        return read(entry.text, entry.path)
    except UnreadableText as error:
        raise Unusable(str(error), None) from None


def _compare(document: Document, text: str) -> None:
    """Say what a reader of the redacted text will see otherwise than its owner does."""
    before, after = (_seen(each, document.source.path) for each in (document.source.text, text))
    for what in sorted(before ^ after):
        where = "only in the original" if what in before else "only in the redacted text"
        warn(f"{document.source.path}: {what} is found {where}")


def _seen(text: str, path: str) -> set[str]:
    report = check_text(text, path)
    found = {finding.code for finding in report.findings if not finding.code.startswith("SYN")}
    for number, tunnel in enumerate(report.tunnels):
        for name, verdict in tunnel.verdicts.items():
            found.add(f"tunnel {number + 1}: {name} {verdict.verdict}")
    return found
