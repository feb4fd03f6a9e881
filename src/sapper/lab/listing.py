"""What the lab can do, by word, for ``sapper lab list``: each section is found by the register that has the words.

A part of the lab that has words of its own adds its line to :data:`SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sapper.proof.states.lifecycle import TABLE


def _states() -> list[str]:
    return [row.label for row in TABLE if not row.momentary]


def _events() -> list[str]:
    from sapper.lab.faults.register import FAULTS

    return sorted(FAULTS)


def _providers() -> list[str]:
    from sapper.lab.provider import PROVIDERS

    return list(PROVIDERS)


def _kernels() -> list[str]:
    from sapper.lab.kernel_choice import BACKPORTS, DEFAULT

    return [DEFAULT, BACKPORTS]


SECTIONS: dict[str, tuple[str, Callable[[], Sequence[str]]]] = {
    "states": ("lifecycle states that are driven", _states),
    "events": ("events of a scenario file", _events),
    "providers": ("providers of a kernel (--provider)", _providers),
    "kernels": ("kernels of a guest (--kernel), or a path", _kernels),
}


def listing(section: str | None = None) -> str:
    """The words of one section, one a line; or of all, each section below its title, which begins with ``#``."""
    if section is not None:
        return "".join(f"{word}\n" for word in SECTIONS[section][1]())
    return "\n".join(
        f"# {title}\n" + "".join(f"{word}\n" for word in words()) for title, words in SECTIONS.values()
    )
