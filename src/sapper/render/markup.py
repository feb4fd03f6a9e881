"""HTML and SVG built as an element tree, so that escaping is the serialiser's work and cannot be forgotten.

Control characters, which no HTML document may hold, become visible escapes on the way in.
"""

from __future__ import annotations

from xml.etree import ElementTree as Tree

from sapper.render.line import visible


def element(tag: str, *children: Tree.Element | str | None, **attributes: str | float | None) -> Tree.Element:
    """One element. ``class_`` is ``class``, other underscores are dashes; attributes and children None are left out.

    Numbers are written with at most one decimal: they are picture coordinates.
    """
    node = Tree.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            node.set(name.rstrip("_").replace("_", "-"), _text(value))
    last: Tree.Element | None = None
    for child in children:
        if isinstance(child, Tree.Element):
            node.append(child)
            last = child
        elif child and last is None:
            node.text = (node.text or "") + visible(child)
        elif child and last is not None:
            last.tail = (last.tail or "") + visible(child)
    return node


def html_page(root: Tree.Element) -> str:
    """A whole HTML document."""
    return "<!doctype html>\n" + Tree.tostring(root, encoding="unicode", method="html") + "\n"


def _text(value: str | float) -> str:
    return visible(value) if isinstance(value, str) else f"{round(value, 1):g}"
