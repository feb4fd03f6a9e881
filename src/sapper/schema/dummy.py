"""``interfaces dummy``: an interface that carries addresses and sends nothing."""

from __future__ import annotations

from sapper.schema.interface import (
    attachment_options,
    core_options,
    eui64_option,
    forwarding_option,
    link_local_option,
    mtu_option,
    source_validation_option,
)
from sapper.schema.option import Option, tag
from sapper.schema.value import matching

_DUMMY = "interfaces dummy *"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces dummy", "Dummy interface", matching("a dummy interface (dum0 …)", r"dum[0-9]+")),
    *core_options(_DUMMY),
    *mtu_option(_DUMMY, default="1500"),
    *attachment_options(_DUMMY),
    source_validation_option(f"{_DUMMY} ip"),
    forwarding_option(f"{_DUMMY} ip"),
    forwarding_option(f"{_DUMMY} ipv6"),
    link_local_option(f"{_DUMMY} ipv6"),
    *eui64_option(f"{_DUMMY} ipv6"),
)
