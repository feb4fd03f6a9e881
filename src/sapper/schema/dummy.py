"""``interfaces dummy``: an interface that carries addresses and sends nothing."""

from __future__ import annotations

from sapper.schema.interface import shared_options
from sapper.schema.option import Option, tag
from sapper.schema.value import matching

OPTIONS: tuple[Option, ...] = (
    tag("interfaces dummy", "Dummy interface", matching("a dummy interface (dum0 …)", r"dum[0-9]+")),
    *shared_options("interfaces dummy *", mtu_default="1500"),
)
