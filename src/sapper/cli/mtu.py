"""``sapper mtu STACK|CONFIG…``: options, files and output; what the sizes are is in :mod:`sapper.mtu`.

A word that starts with a layer's name is a stack, and one with ``protocols=`` in it a share link of the web
calculator; anything else is a configuration (``./ipv4`` is a file). What one stack does not need is not imported:
the answer should come before the finger has left the key.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sapper.cli.failure import FINDINGS, Refused, Unusable
from sapper.cli.terminal import print_lines, write
from sapper.mtu import register
from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.report import Questions, stack_report

if TYPE_CHECKING:
    from sapper.cli.arguments import Parser
    from sapper.cli.source import Input
    from sapper.mtu.anatomy import Piece
    from sapper.mtu.calculator import SharedLink
    from sapper.mtu.document import StackReport
    from sapper.mtu.mix import Mix
    from sapper.mtu.of_plan import TunnelSizes
    from sapper.mtu.path import Hop
    from sapper.mtu.stack import Stack

_COMMAND = "mtu"
_LEAST_LINK, _MOST_LINK = 1, 65535
_EPILOG = """\
A STACK is outermost first, joined by '/', options after ':' joined by ',':
  sapper mtu pppoe/ipv4/udp/esp:aes256gcm128/ipv4/gre:key/ipv4/tcp
  sapper mtu ipv4/esp:aes256-sha256/gre/ipv4 --what-if
An IP layer right under esp is tunnel mode, anything else transport mode.
A share link of the articles' web calculator is a STACK too.
The layers: {layers}.
"""


class Wanted:
    """The command line, read. A stack alone needs no option reader, which costs more time than its answer."""

    def __init__(self, subjects: list[str]) -> None:
        self.subjects = subjects
        self.link = 1500
        self.payload: int | None = None
        self.mix: str | None = None
        self.hop: list[str] = []
        self.what_if = False
        self.format = "text"
        self.svg: str | None = None
        self.png: str | None = None


def run(words: list[str]) -> int:
    """Answer for one stack, or for configurations."""
    options = Wanted(words)
    if len(words) != 1 or words[0].startswith("-"):
        vars(options).update(vars(_parser().parse(words)))
    first = options.subjects[0]
    if _is_link(first) or register.known(first) or _is_misspelt(first):
        if len(options.subjects) > 1:
            raise Unusable(f"one stack at a time; {options.subjects[1]!r} is one too many", _COMMAND)
        return _run_stack(first, options)
    return _run_configs(options)


def _is_link(text: str) -> bool:
    """True for what looks like a share link of the web calculator."""
    return "protocols=" in text.lower() or "://" in text


def _is_misspelt(text: str) -> bool:
    """True for what is no file and starts with nearly a layer's name."""
    import os.path

    from sapper.mtu.misread import nearest

    word = text.partition("/")[0].partition(":")[0].lower()
    return not os.path.lexists(text) and bool(nearest(word, register.FILES))


def _parser() -> Parser:
    from sapper.cli.arguments import Parser, one_of

    parser = Parser(
        _COMMAND,
        "The largest packet, the MSS and the bytes on the wire of a stack, or of a configuration's tunnels.",
        _EPILOG.format(layers=", ".join(register.FILES)),
    )
    parser.add_argument(
        "subjects", nargs="+", metavar="STACK|CONFIG", help="a stack, a share link, or configurations"
    )
    parser.add_argument("--link", type=_link, default=1500, metavar="N", help="the link's MTU (default: 1500)")
    parser.add_argument(
        "--payload", type=_payload, metavar="N", help="bytes in the innermost layer: what is on the wire"
    )
    parser.add_argument("--mix", metavar="MIX", help="a traffic mix: imix, or LENGTH:COUNT,… of inner packets")
    parser.add_argument(
        "--hop",
        action="append",
        default=[],
        metavar="HOP",
        help="a hop of the path: an MTU, or STACK@MTU; may be repeated",
    )
    parser.add_argument("--what-if", action="store_true", help="compare every ESP transform")
    parser.add_argument(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text or json (default: text)",
    )
    parser.add_argument("--svg", metavar="FILE", help="draw the largest packet as SVG")
    parser.add_argument("--png", metavar="FILE", help="draw it as PNG (needs Pillow)")
    return parser


def _link(text: str) -> int:
    return _number(text, _LEAST_LINK, _MOST_LINK)


def _payload(text: str) -> int:
    return _number(text, 0, _MOST_LINK)


def _number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r} is no number of bytes from {low} to {high}")
    return int(text)


def _run_stack(text: str, options: Wanted) -> int:
    try:
        stack, asked = _read(text, options)
        report = stack_report(stack, asked)
        if options.svg or options.png:
            _draw(stack, report, options)
        if options.format == "json":
            import json

            write(json.dumps(report, indent=2) + "\n")
        else:
            from sapper.render.mtu_text import stack_lines

            print_lines(stack_lines(report, _packet(stack, report), blocks=_has_blocks()))
    except (WrongStack, NoRoom) as error:
        raise Unusable(str(error), _COMMAND) from None
    return 0


def _read(text: str, options: Wanted) -> tuple[Stack, Questions]:
    shared: SharedLink | None = None
    if _is_link(text):
        from sapper.mtu.calculator import read_link

        shared = read_link(text)
    mix: Mix | None = None
    hops: tuple[Hop, ...] = ()
    if options.mix:
        from sapper.mtu.mix import read_mix

        mix = read_mix(options.mix)
    if options.hop:
        from sapper.mtu.path import read_hop

        hops = tuple(map(read_hop, options.hop))
    asked = Questions(options.link, options.payload, mix=mix, hops=hops, what_if=options.what_if, shared=shared)
    if shared is None:
        return parse(text), asked
    try:
        return parse(shared.stack), asked
    except WrongStack as error:
        says = f"the calculator adds {shared.sum} for {','.join(shared.names)}"
        raise WrongStack(f"{says}, but no packet is {shared.stack}: {error.message}") from None


def _packet(stack: Stack, report: StackReport) -> tuple[Piece, ...]:
    from sapper.mtu.anatomy import pieces

    return pieces(stack, report["inner_mtu"], report["link_mtu"])


def _draw(stack: Stack, report: StackReport, options: Wanted) -> None:
    from sapper.render.mtu_picture import draw

    caption = f"link MTU {report['link_mtu']}, largest inner packet {report['inner_mtu']}"
    drawing = draw(report["stack"], caption, _packet(stack, report))
    if options.svg:
        from sapper.render.mtu_svg import svg

        _write_file(options.svg, svg(drawing).encode())
    if options.png:
        from sapper.render.mtu_png import PillowMissing, png

        try:
            _write_file(options.png, png(drawing))
        except PillowMissing as error:
            raise Refused(str(error), _COMMAND) from None


def _write_file(path: str, content: bytes) -> None:
    try:
        with open(path, "wb") as file:  # noqa: PTH123 - pathlib costs a fifth of the whole command
            file.write(content)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}", _COMMAND) from None


def _has_blocks() -> bool:
    try:
        "▏█".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _run_configs(options: Wanted) -> int:
    """Every tunnel of the configurations; exit status 1 where one of several could not be read."""
    from sapper.cli.source import read_inputs
    from sapper.mtu.config_report import config_report

    _refuse_stack_options(options)
    routers, unread = [], []
    for entry in read_inputs(options.subjects):
        try:
            routers.append(_tunnels(entry))
        except Unusable as error:
            unread.append(error)
    if not routers:
        raise unread[0]
    for failure in unread:
        sys.stderr.write(f"{failure}\n")
    report = config_report(routers)
    if options.format == "json":
        import json

        write(json.dumps(report, indent=2) + "\n")
    else:
        from sapper.render.mtu_config_text import config_lines

        print_lines(config_lines(report))
    return FINDINGS if unread else 0


def _refuse_stack_options(options: Wanted) -> None:
    for name in ("payload", "mix", "hop", "what_if", "svg", "png"):
        if getattr(options, name):
            what = f"--{name.replace('_', '-')} is for a stack"
            raise Unusable(f"{what}, and {options.subjects[0]!r} is none (its first word is no layer)", _COMMAND)


def _tunnels(entry: Input) -> tuple[str, list[TunnelSizes]]:
    """A router's name and its tunnels. Raises Unusable with the place in the file."""
    from os.path import basename, splitext

    from sapper.config.read import read
    from sapper.config.tree import UnreadableText
    from sapper.config.upgrade import upgrade
    from sapper.kernel.compile import compile_router
    from sapper.model.build import build
    from sapper.mtu.of_connections import connection_sizes
    from sapper.mtu.of_plan import tunnel_sizes

    if entry.failure is not None:
        raise Unusable(f"{entry.path}:{entry.place.line}:{entry.place.column}: {entry.failure}", None)
    try:
        upgraded = upgrade(read(entry.text, entry.path))
    except UnreadableText as error:
        raise Unusable(str(error), None) from None
    name = "router" if entry.path == "-" else splitext(basename(entry.path))[0]  # noqa: PTH119, PTH122
    plan = compile_router(build(upgraded.root, upgraded.generation, name).router)
    sizes = [*tunnel_sizes(plan, upgraded.generation), *connection_sizes(plan, upgraded.generation)]
    return name, sizes
