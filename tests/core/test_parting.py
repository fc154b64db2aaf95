"""Where prompts that fill in the middle are parted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lsp_server.core.document import Document
from lsp_server.core.parting import MIDDLE_LINES, Parting, parting

FILE = "import os\r\n\r\n{}\r\nprint(1)\r\n"


def at(marked: str, uri: str = "file:///a", last: Parting | None = None) -> Parting:
    text = FILE.replace("{}", marked)
    return parting(Document(uri, "python", text.replace("|", "")), text.index("|"), last)


def test_it_is_the_line_of_the_cursor() -> None:
    found = at("x = 1\r\ny =|")
    assert (found.line, found.before, found.after) == (3, "import os\r\n\r\nx = 1\r\n", "\r\nprint(1)\r\n")


@pytest.mark.parametrize("typed", ["|", "y = 1|", "y = 1\r\nz = 2\r\n|", "y\r\n" * MIDDLE_LINES + "z|"])
def test_it_stays_while_the_middle_grows(typed: str) -> None:
    first = at("y =|")
    assert at(typed, last=first) == first


@pytest.mark.parametrize(("typed", "closed"), [("y = f(|)", ")"), ("y = {\r\n    |\r\n}", "\r\n}"), ("y = f()|", "")])
def test_what_the_editor_has_closed_by_itself_is_no_change_behind_it(typed: str, closed: str) -> None:
    first = at("y =|")
    assert at(typed, last=first) == replace(first, closed=closed)
    assert at("y = f(x|)", last=at(typed, last=first)) == replace(first, closed=")")


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        ("y =|", "y\r\n" * (MIDDLE_LINES + 1) + "z|", 2 + MIDDLE_LINES + 1),
        ("y =|", "y = 1|z", 2),
        ("\r\ny =|", "# above\r\ny =|", 3),
        ("\r\ny =|", "|", 2),
    ],
    ids=["too long", "changed behind it", "changed above it", "gone back above it"],
)
def test_it_is_another_one_where_more_than_the_middle_has_changed(before: str, now: str, line: int) -> None:
    first = at(before)
    found = at(now, last=first)
    assert found != first
    assert found.line == line


def test_it_is_another_one_in_another_document() -> None:
    first = at("y =|")
    assert at("y =|", "file:///b", first).uri == "file:///b"
