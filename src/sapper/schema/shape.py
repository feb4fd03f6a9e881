"""The schema as a shape: what kind of word stands at a path, for the printers of the config room."""

from __future__ import annotations

from sapper.config.shape import Kind, Path
from sapper.schema.register import follow


def shape_of(path: Path) -> Kind | None:
    """The kind of the word at a path of real words; a tag's name is a node. None where the schema has no words."""
    word = follow(path)
    if word is None:
        return None
    undetailed = word.option.kind == "node" and word.option.standing != "modelled" and not word.children
    return None if undetailed else word.option.kind
