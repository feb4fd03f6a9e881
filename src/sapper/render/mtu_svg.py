"""A packet's drawing as SVG 1.1, written out by hand: rectangles with titles, and text.

The text is in the file as text, so that it can be found and read aloud.
"""

from __future__ import annotations

from html import escape

from sapper.render.mtu_picture import Drawing

_FONT = "DejaVu Sans, Verdana, Arial, sans-serif"


def svg(drawing: Drawing) -> str:
    """The whole file."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}"'
        f' viewBox="0 0 {drawing.width} {drawing.height}" role="img" font-family="{_FONT}">',
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#ffffff"/>',
    ]
    lines += [
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" fill="{box.fill}"'
        f' stroke="#ffffff" stroke-width="0.5"><title>{escape(box.title)}</title></rect>'
        for box in drawing.boxes
    ]
    lines += [
        f'<text x="{word.x:g}" y="{word.y:g}" font-size="{word.size}" fill="{word.fill}"'
        f' text-anchor="{word.anchor}">{escape(word.text)}</text>'
        for word in drawing.words
    ]
    return "\n".join([*lines, "</svg>", ""])
