"""Findings in the words of the text, not of its upgrade.

Up to 1.3 a peer is named by its address or identity; the upgrade renames it. A person looks for the name that the
text has, and a command must name the peer that is there.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.rules.finding import Finding, Fix
from sapper.rules.subject import Subject

_PEER = "vpn ipsec site-to-site peer"


def written_peers(subject: Subject) -> dict[str, str]:
    """The upgraded paths of renamed peers, each with the path that the text has."""
    renamed = {}
    text = subject.document.source.text
    for peer in subject.top.each(*_PEER.split()):
        for span in peer.node.spans[:1]:
            name = text[span.start : span.end].strip("'\"")
            if name and name != peer.name:
                renamed[peer.where] = f"{_PEER} {name}"
    return renamed


def as_written(finding: Finding, renamed: dict[str, str]) -> Finding:
    """The finding with the message, the path and the commands in the text's own words."""
    for upgraded in _heads(finding.path):
        if upgraded in renamed:
            written = renamed[upgraded]
            return msgspec.structs.replace(
                finding,
                message=finding.message.replace(upgraded, written),
                path=written + finding.path.removeprefix(upgraded),
                fixes=tuple(_fix(fix, upgraded, written) for fix in finding.fixes),
            )
    return finding


def _heads(path: str) -> Iterator[str]:
    """The path and all its beginnings that are peers, so that nobody walks through every renamed one."""
    if path.startswith(_PEER):
        yield path
        end = path.find(" ", len(_PEER) + 1)
        while end >= 0:
            yield path[:end]
            end = path.find(" ", end + 1)


def _fix(fix: Fix, upgraded: str, written: str) -> Fix:
    return msgspec.structs.replace(
        fix, commands=tuple(command.replace(upgraded, written) for command in fix.commands)
    )
