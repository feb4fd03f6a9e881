"""Lines for people: control characters stay visible, columns line up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.render.line import Piece, aligned, line, plain_text, visible


@given(st.text())
def test_visible_text_is_printable_and_printable_text_is_unchanged(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)
    if text.isprintable():
        assert visible(text) == text


@given(st.lists(st.text(), max_size=5))
def test_a_line_stays_one_line_whatever_its_pieces_hold(texts: list[str]) -> None:
    assert plain_text([line(*texts)]).count("\n") == 1


@given(st.lists(st.lists(st.text("ab\n", max_size=4), min_size=2, max_size=2), min_size=1))
def test_columns_start_at_the_same_place_in_every_row(rows: list[list[str]]) -> None:
    laid_out = aligned([line(*(Piece(cell) for cell in row)) for row in rows])
    assert len({len(pieces[0].text) for pieces in laid_out}) == 1
    for pieces, row in zip(laid_out, rows, strict=True):
        assert pieces[1].text.startswith(visible(row[1]))


def test_rows_may_differ_in_length() -> None:
    laid_out = aligned([line("a"), line("bb", "c")])
    assert plain_text(laid_out) == "a\nbb  c\n"
