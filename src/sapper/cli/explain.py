"""``sapper explain CODE|TOPIC``: the page of a finding or of a word of the reports; without one, the list of all."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.cli.arguments import Parser, one_of
from sapper.cli.failure import Unusable
from sapper.cli.nearest import suggestion
from sapper.cli.terminal import print_json, print_lines
from sapper.render.explanation import index_lines, rule_lines, topic_lines
from sapper.rules.register import RULES
from sapper.rules.rule import Rule
from sapper.rules.topics.register import TOPICS
from sapper.rules.topics.topic import Topic

_COMMAND = "explain"


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """The document "sapper/explain/1": the codes and topics that were asked for, or all of them."""

    schema: Literal["sapper/explain/1"] = "sapper/explain/1"
    rules: tuple[Rule, ...] = ()
    topics: tuple[Topic, ...] = ()


def run(words: list[str]) -> int:
    """Explain what the command line names."""
    parser = Parser(_COMMAND, "Say what a finding's code or a word of the reports means, with examples.")
    parser.add_argument(
        "name", nargs="?", metavar="CODE|TOPIC", help="for example LEAK101, vti or boot; all without"
    )
    parser.add_argument(
        "--format",
        type=one_of("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text or json (default: text)",
    )
    options = parser.parse(words)
    rules = tuple(module.RULE for module in RULES)
    found = _find(options.name, rules) if options.name is not None else Explained(rules=rules, topics=TOPICS)
    if options.format == "json":
        print_json(found)
    elif options.name is None:
        print_lines(index_lines(found.rules, found.topics))
    else:
        pages = [*map(rule_lines, found.rules), *map(topic_lines, found.topics)]
        print_lines([each for page in pages for each in page])
    return 0


def _find(name: str, rules: tuple[Rule, ...]) -> Explained:
    codes = {rule.code: rule for rule in rules}
    topics = {topic.name: topic for topic in TOPICS}
    if name.upper() in codes:
        return Explained(rules=(codes[name.upper()],))
    if name.lower() in topics:
        return Explained(topics=(topics[name.lower()],))
    near = suggestion(name.upper(), codes) or suggestion(name.lower(), topics)
    hint = near or "; 'sapper explain' lists them"
    raise Unusable(f"no code and no topic is called {name!r}{hint}", _COMMAND)
