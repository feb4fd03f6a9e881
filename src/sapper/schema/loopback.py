"""``interfaces loopback lo``: the one loopback interface and its further addresses."""

from __future__ import annotations

from sapper.schema.interface import shared_options
from sapper.schema.option import Option, tag
from sapper.schema.value import matching

OPTIONS: tuple[Option, ...] = (
    tag("interfaces loopback", "Loopback interface", matching("lo", r"lo")),
    *shared_options("interfaces loopback *"),
)
