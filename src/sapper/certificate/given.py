"""The inputs that a certificate is about, and the Plans that they give: read again by whoever writes or checks one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sapper.certificate.document import InputHash, sha256
from sapper.config.read import read
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.of_document import of_document
from sapper.model.project import NAME, Project


class Given(NamedTuple):
    """One configuration: its name without directories, its text, and the ``sapper.toml`` it belongs to, if any."""

    path: str
    text: str
    project: Project = Project()
    project_text: str | None = None


class Router(NamedTuple):
    """``path`` is the input's name."""

    path: str
    plan: Plan


def hashes_of(inputs: Iterable[Given]) -> tuple[InputHash, ...]:
    """The configurations in order, then each project file once."""
    every = list(inputs)
    projects = dict.fromkeys(given.project_text for given in every if given.project_text is not None)
    texts = [(given.path, given.text) for given in every] + [(NAME, text) for text in projects]
    return tuple(InputHash(path=path, sha256=sha256(_bytes(text))) for path, text in texts)


def routers_of(inputs: Iterable[Given], target: str | None) -> list[Router]:
    """The Plans. Raises UnreadableText."""
    return [Router(given.path, _plan(given, target)) for given in inputs]


def _plan(given: Given, target: str | None) -> Plan:
    project = given.project.for_target(target) if target is not None else given.project
    return compile_router(of_document(read(given.text, given.path), project).built.router)


def _bytes(text: str) -> bytes:
    """As they stand in the file: what is no UTF-8 is a lone surrogate in the text."""
    return text.encode("utf-8", "surrogateescape")
