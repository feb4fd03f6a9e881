"""HTML by element tree: what goes in as text comes out of a parser as the same text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from sapper.render.line import visible
from sapper.render.markup import element, html_page


class Texts(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data = ""
        self.values: list[str | None] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.data += data


@given(st.text(), st.text(), st.text())
def test_text_and_attributes_survive_a_parser(before: str, after: str, value: str) -> None:
    read = Texts(html_page(element("p", before, element("b", "x"), after, title=value)))
    assert read.tags == ["p", "b"]
    assert read.data.removeprefix("\n").removesuffix("\n") == visible(before) + "x" + visible(after)
    assert read.values == [visible(value)]


def test_names_of_attributes_and_missing_values() -> None:
    node = element("rect", None, class_="row", stroke_width=1.25, fill=None, x=3)
    assert node.attrib == {"class": "row", "stroke-width": "1.2", "x": "3"}
