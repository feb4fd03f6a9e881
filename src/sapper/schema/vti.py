"""``interfaces vti``: a virtual tunnel interface, whose ends come from the IPsec peer that binds it."""

from __future__ import annotations

from sapper.schema.interface import shared_options
from sapper.schema.option import Option, tag
from sapper.schema.value import matching

OPTIONS: tuple[Option, ...] = (
    tag("interfaces vti", "Virtual tunnel interface", matching("a VTI (vti0 …)", r"vti[0-9]+")),
    *shared_options("interfaces vti *", mtu_default="1500"),
)
