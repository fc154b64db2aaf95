"""The document: its line index is the protocol's, its offsets are code points."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.document import Document, Span

TEXTS = st.text(st.sampled_from("ab\n\r\x0b\x0c\x1c\x85\u2028\u2029é😀"), max_size=40)


def of(text: str) -> Document:
    return Document("a.py", "python", text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\n\r\r\n", ["", "", "", ""]),
        ("a\x0cb\u2028c\x85d\n", ["a\x0cb\u2028c\x85d", ""]),
    ],
)
def test_lines_end_at_newline_and_carriage_return_only(text: str, lines: list[str]) -> None:
    document = of(text)
    assert [document.line_text(line) for line in range(len(document.line_starts))] == lines


@given(TEXTS)
def test_every_offset_lies_on_the_line_that_begins_before_it(text: str) -> None:
    document = of(text)
    for offset in range(len(text) + 1):
        line = document.line_at(offset)
        assert document.line_starts[line] <= offset
        assert line + 1 == len(document.line_starts) or offset < document.line_starts[line + 1]


@given(TEXTS)
def test_lines_and_terminators_make_the_text(text: str) -> None:
    document = of(text)
    assert [document.line_text(line) for line in range(len(document.line_starts))] == re.split(r"\r\n|\n|\r", text)


@pytest.mark.parametrize(("text", "newline"), [("", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r"), ("a\nb\r\n", "\n")])
def test_the_first_terminator_is_the_documents(text: str, newline: str) -> None:
    assert of(text).newline == newline


def test_an_edit_makes_a_new_document() -> None:
    old = of("abc")
    new = old.edited(Span(1, 2), "XY", version=7)
    assert (old.text, new.text, new.version, new.uri) == ("abc", "aXYc", 7, "a.py")
    assert old.edited(Span(0, 0), "z").version == old.version


@given(TEXTS, TEXTS, st.data())
def test_an_edited_document_has_the_lines_of_its_text(before: str, text: str, data: st.DataObject) -> None:
    edges = data.draw(st.lists(st.integers(0, len(before)), min_size=2, max_size=2).map(sorted))
    document = of(before)
    assert document.line_starts
    edited = document.edited(Span(*edges), text)
    assert edited.line_starts == of(edited.text).line_starts
