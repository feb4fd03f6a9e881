"""Reads the stack language: layers from the outermost inwards, joined by ``/``, options after ``:`` joined by ``,``.

``pppoe/ipv4/udp/esp:aes256gcm128/ipv4/gre:key/ipv4/tcp``. Words are read in any case. Whatever does not fit raises
WrongStack with a column and what would fit. A layer that another always brings (UDP under VXLAN) may be left out.
Reading one layer under another is remembered, because callers read thousands of stacks of few layers.
"""

from __future__ import annotations

from functools import lru_cache

from sapper.mtu import register
from sapper.mtu.misread import WrongOption, WrongStack, nearest
from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.stack import Layer, Stack, stack_of

MOST_LAYERS = 64
_IPV4_BYTES = 20
_IP_HEADERS = frozenset({"ip", "ipsec"})
"""What they imply completes a stack that ends there; it never stands between two layers that were written."""


def parse(text: str) -> Stack:
    """The stack that ``text`` describes. Raises WrongStack, with a column in ``text``."""
    words = text.split("/")
    if len(words) > MOST_LAYERS:
        raise WrongStack(f"{len(words)} layers; at most {MOST_LAYERS} are read")
    layers: list[Layer] = []
    outer, column = "", 1
    for word in words:
        try:
            layers.extend(_under(outer, word.strip().lower()))
        except WrongOption as error:
            raise WrongStack(error.message, column + _find(word, error.option)) from None
        except WrongStack as error:
            raise WrongStack(error.message, column + _find(word, word.strip())) from None
        outer = layers[-1].key
        column += len(word) + 1
    layers.extend(_implied_inside(outer))
    return stack_of(tuple(layers))


def _find(word: str, part: str) -> int:
    """Where ``part`` starts in ``word``; the end of it where nothing is named."""
    at = word.lower().find(part.lower()) if part else len(word.rstrip())
    return max(at, 0)


@lru_cache(maxsize=4096)
def _under(outer: str, text: str) -> tuple[Layer, ...]:
    """The layer that ``text`` names, with the layers implied between it and ``outer`` ("" for the outermost)."""
    protocol, options = _split(text)
    if not outer:
        if not protocol.outermost:
            raise WrongStack(f"{protocol.word} cannot be the outermost layer; {_what_it_needs(protocol)}")
        return (_layer(protocol, options, text, None),)
    under, between = layer_of(outer), []
    while not _fits(protocol, under):
        if protocol.rides and "udp" in under.shape.carries and under.word != "udp":
            step = _layer(*_split(protocol.rides), protocol.rides, under, implied=True)
        elif under.shape.implies and not _IP_HEADERS & under.groups:
            step = _layer(*_split(under.shape.implies), under.shape.implies, under, implied=True)
        else:
            raise WrongStack(_misfit(protocol, under, outer))
        between.append(step)
        under = step
    return (*between, _layer(protocol, options, text, under))


@lru_cache(maxsize=4096)
def _implied_inside(outer: str) -> tuple[Layer, ...]:
    """The layers that the innermost one always has inside."""
    layers: list[Layer] = []
    under = layer_of(outer)
    while under.shape.implies:
        under = _layer(*_split(under.shape.implies), under.shape.implies, under, implied=True)
        layers.append(under)
    return tuple(layers)


@lru_cache(maxsize=4096)
def layer_of(key: str, outer: str = "") -> Layer:
    """The layer of that text, under a layer of the word ``outer``; what it carries does not depend on that."""
    protocol, options = _split(key)
    return Layer(key, protocol.word, protocol.title, protocol.groups, protocol.shape(options, outer))


def _layer(protocol: Protocol, options: Options, key: str, under: Layer | None, *, implied: bool = False) -> Layer:
    shape = protocol.shape(options, under.word if under else "")
    if under is not None and under.shape.strips and "ip" in protocol.groups:
        shape = shape._replace(front=_pseudo_header(shape.header, protocol), note="not sent in BEET mode")
    return Layer(key, protocol.word, protocol.title, protocol.groups, shape, implied)


def _pseudo_header(header: int, protocol: Protocol) -> int:
    """What BEET mode sends for an inner IP header: IPv4 options in a pseudo header, IPv6 extension headers as such."""
    if "ip6" in protocol.groups:
        return header - 2 * _IPV4_BYTES
    options = header - _IPV4_BYTES
    return options + 8 - (options & 4) if options else 0


def _fits(protocol: Protocol, under: Layer) -> bool:
    return bool(protocol.groups & under.shape.carries) or protocol.word in under.shape.carries


def _split(text: str) -> tuple[Protocol, Options]:
    """A layer's protocol and its options. Raises WrongStack or WrongOption."""
    word, colon, rest = text.partition(":")
    protocol = register.find(word.strip())
    if protocol is None:
        raise WrongStack(register.unknown(word.strip()))
    words: dict[str, str | None] = {}
    for option in rest.split(",") if colon else ():
        name, equals, value = option.strip().partition("=")
        _check_option(protocol, option.strip(), name)
        if name in words:
            raise WrongOption(option.strip(), f"{name} stands there twice")
        words[name] = value if equals else None
    return protocol, Options(words)


def _check_option(protocol: Protocol, option: str, name: str) -> None:
    if not option:
        raise WrongOption("", f"an option of {protocol.word} is missing here")
    if protocol.open_options or name in protocol.options:
        return
    known = list(protocol.options)
    hint = nearest(name, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
    raise WrongOption(option, f"{protocol.word} has no option {name!r}{hint}")


def _misfit(protocol: Protocol, under: Layer, outer: str) -> str:
    brought = f" (which {outer.partition(':')[0]} brings)" if under.key != outer else ""
    carried = [word for word in register.FILES if (known := register.find(word)) and _fits(known, under)]
    fits = f"what fits there: {', '.join(carried)}" if carried else "nothing fits there"
    return f"{protocol.word} cannot stand right under {under.word}{brought}; {fits}"


def _what_it_needs(protocol: Protocol) -> str:
    """``it stands under ipv4 or ipv6``: the words of all layers that carry it."""
    carriers = []
    for word in register.FILES:
        known = register.find(word)
        example = known.example or word if known else word
        if known and word != protocol.word and _fits(protocol, layer_of(example)):
            carriers.append(word)
    return f"it stands under {', '.join(carriers)}" if carriers else "nothing carries it"
