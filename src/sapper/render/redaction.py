"""A configuration fit for a public report: the same tree, with no secret, no address and no name of its owner.

The text is printed anew from a tree in which every word was decided about, so nothing outside of the tree survives:
no free comment, no line that could not be read. A word stays if the schema has it as a fixed word, if it is a number,
an interface or a value of a type that says nothing about anybody; an address is masked; everything else becomes a name
with a number, the same for the same word. What sapper does not model keeps only words that the schema knows elsewhere.
"""

from __future__ import annotations

import base64
import re

from sapper.address import Address, Attached, Prefix
from sapper.config.downgrade.shape import older_shape
from sapper.config.footer import footer_of, print_footer
from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set
from sapper.config.shape import Path, either, written_shape
from sapper.config.tree import Document, Node
from sapper.model.directive import directives_of
from sapper.render.address_mask import AddressMask
from sapper.render.hidden import is_secret
from sapper.rules.sec506_short_secret import ENOUGH_CHARACTERS
from sapper.schema.protocol import protocol_number
from sapper.schema.register import OPTIONS
from sapper.schema.shape import shape_of

_PLAIN = re.compile(
    r"[0-9]+(?:[-,:.][0-9]+)*|0x[0-9a-fA-F]+|<?!?>?|\*|any|all|none|default|dynamic|!?[a-z]{2,9}[0-9]+(?:\.[0-9]+)*\*?"
)
_MAC = re.compile(r"!?(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
_BASE64_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")
_KNOWN = frozenset(
    (
        *(word for option in OPTIONS for word in (*option.words, *option.type.words)),
        *("gre-bridge", "respond", "hold", "enable", "disable"),  # values of older generations
    )
)
_SHAPE = either(shape_of, older_shape)
_FREE_TEXT = ("description",)


class Redaction:
    """One pass over one or several documents; words that occur in more than one stay the same in all."""

    def __init__(self, key: bytes) -> None:
        self._mask = AddressMask(key)
        self._names: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def text(self, document: Document) -> str:
        """The redacted text, in the document's own syntax and with its footer."""
        root = Node("")
        self._copy(document.root, root)
        for ignore in directives_of(document).ignores:
            node = root.find(*self._path(ignore.path))
            if node is not None:
                node.comment = f"sapper: ignore {ignore.code} redacted"
        shape = either(shape_of, older_shape, written_shape(document))
        if document.syntax == "json":
            return print_json(root, shape)
        if document.syntax == "set":
            return print_set(root, shape)
        footer = footer_of(document)
        text = print_braces(root, shape, footer)
        return text if footer is None or print_footer(footer) in text else text + print_footer(footer)

    def _copy(self, root: Node, into: Node) -> None:
        stack: list[tuple[Node, Path, Node]] = [(root, (), into)]
        while stack:
            above, here, target = stack.pop()
            stack += [
                (child, (*here, child.word), target.add(self._word(here, child.word))) for child in above.values()
            ]

    def _path(self, path: Path) -> list[str]:
        return [self._word(path[:index], word) for index, word in enumerate(path)]

    def _word(self, above: Path, word: str) -> str:
        """What stands for a word behind these."""
        if above and is_secret(above):
            return self._secret(word)
        if above and above[-1] in _FREE_TEXT:
            return "redacted"
        kind = _SHAPE(above) if above else "node"
        if kind == "node" and (_SHAPE((*above, word)) is not None or word in _KNOWN):
            return word
        masked = self._masked(word)
        if masked is not None:
            return masked
        tells_nothing = (
            _PLAIN.fullmatch(word) or word.lower() in _KNOWN or protocol_number(word.removeprefix("!")) is not None
        )
        return word if tells_nothing else self._named(word)

    def _masked(self, word: str) -> str | None:
        """An address, a network, or a range of them, also with ``!``; None for anything else."""
        bare = word.removeprefix("!")
        sign = word[: len(word) - len(bare)]
        if _MAC.fullmatch(word):
            return f"{sign}02:00:00:00:{self._number(bare) >> 8 & 255:02x}:{self._number(bare) & 255:02x}"
        first, dash, last = bare.partition("-")
        if dash:
            ends = [self._one(first), self._one(last)]
            return f"{sign}{ends[0]}-{ends[1]}" if ends[0] is not None and ends[1] is not None else None
        one = self._one(bare)
        return None if one is None else sign + one

    def _one(self, text: str) -> str | None:
        try:
            if "/" not in text:
                return str(self._mask.address(Address.parse(text)))
            attached = Attached.parse(text)
        except ValueError:
            return None
        if Prefix.host(attached.address).network == attached.prefix.network:
            return f"{self._mask.prefix(attached.prefix)}"
        return f"{self._mask.address(attached.address)}/{attached.prefix.length}"

    def _secret(self, word: str) -> str:
        if word not in self._secrets:
            number = len(self._secrets) + 1
            key = base64.b64encode(number.to_bytes(32, "big")).decode()
            # Whether a key is short is a finding; how short is nobody's business.
            shown = f"redacted-secret-number-{number}" if len(word) >= ENOUGH_CHARACTERS else f"redacted-{number}"
            self._secrets[word] = key if _BASE64_KEY.fullmatch(word) else shown
        return self._secrets[word]

    def _named(self, word: str) -> str:
        bare = word.lstrip("@!")
        sign = word[: len(word) - len(bare)]
        if _BASE64_KEY.fullmatch(bare):
            return self._secret(bare)
        if bare not in self._names:
            self._names[bare] = f"name-{len(self._names) + 1}" + (".example" if "." in bare else "")
        return sign + self._names[bare]

    def _number(self, word: str) -> int:
        if word not in self._names:
            self._names[word] = f"name-{len(self._names) + 1}"
        return int(self._names[word].removeprefix("name-").partition(".")[0])
