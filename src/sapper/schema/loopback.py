"""``interfaces loopback lo``: the one loopback interface and its further addresses."""

from __future__ import annotations

from sapper.schema.address_value import IP_HOST
from sapper.schema.interface import mirror_options, source_validation_option
from sapper.schema.option import Option, as_immaterial, immaterial, leaf, multi, tag
from sapper.schema.value import DESCRIPTION, matching

_LOOPBACK = "interfaces loopback *"

OPTIONS: tuple[Option, ...] = (
    tag("interfaces loopback", "Loopback interface", matching("lo", r"lo")),
    multi(f"{_LOOPBACK} address", "Further address of the router itself", IP_HOST),
    *as_immaterial("a name for people", leaf(f"{_LOOPBACK} description", "Free text", DESCRIPTION)),
    source_validation_option(f"{_LOOPBACK} ip"),
    *mirror_options(_LOOPBACK),
    *immaterial(_LOOPBACK, "traffic-policy", "orders packets in queues"),
)
