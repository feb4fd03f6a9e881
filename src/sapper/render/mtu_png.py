"""A packet's drawing as PNG, by Pillow, which is an optional dependency (``pip install 'sapper[png]'``).

Drawn at twice the size, so that it stays sharp on dense screens. Pillow brings the font.
"""

from __future__ import annotations

import io
from importlib import import_module

from sapper.render.mtu_picture import Drawing

_SCALE = 2
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


class PillowMissing(Exception):
    """Pillow is not installed; the message says how to get it."""

    def __init__(self) -> None:
        super().__init__("PNG needs Pillow: pip install 'sapper[png]'; --svg needs nothing")


def png(drawing: Drawing) -> bytes:
    """The whole file. Raises PillowMissing."""
    try:
        image_module, draw_module, font_module = (
            import_module(f"PIL.{name}") for name in ("Image", "ImageDraw", "ImageFont")
        )
    except ImportError:
        raise PillowMissing from None
    image = image_module.new("RGB", (drawing.width * _SCALE, drawing.height * _SCALE), "#ffffff")
    canvas = draw_module.Draw(image)
    for box in drawing.boxes:
        left, top = box.x * _SCALE, box.y * _SCALE
        right, bottom = left + max(box.width * _SCALE - 1, 1), top + box.height * _SCALE
        canvas.rectangle((left, top, right, bottom), fill=box.fill, outline="#ffffff" if box.width > 2 else None)
    for word in drawing.words:
        font = font_module.load_default(word.size * _SCALE)
        place = (word.x * _SCALE, word.y * _SCALE)
        canvas.text(place, word.text, fill=word.fill, font=font, anchor=_ANCHORS[word.anchor])
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
