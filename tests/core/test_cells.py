"""Cells of a notebook, and the lines in them that are not Python."""

from __future__ import annotations

import pytest

from lsp_server.core.cells import as_python, language_of_cell, seen_below
from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion


def cell(text: str) -> Document:
    return Document("cell:1", "python", text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("%matplotlib inline\nx = 1", "#matplotlib inline\nx = 1"),
        ("x = 1\n!pip install it's\ny = 2", "x = 1\n#pip install it's\ny = 2"),
        ("if a:\n    %time f(\n    g()", "if a:\n    #time f(\n    g()"),
        ("?print\n", "#print\n"),
        ("%%time\nf()", "#%time\nf()"),
        ("x = (a\n  % b)", "x = (a\n  % b)"),
        ("x = a \\\n  % b", "x = a \\\n  % b"),
        ('x = """\n%s\n!\n"""\n%time x', 'x = """\n%s\n!\n"""\n#time x'),
        ("x = 5 % 3\ny = not x != 1", "x = 5 % 3\ny = not x != 1"),
        ("%a\r\n!b\r\nx", "#a\r\n#b\r\nx"),
        ("files = !ls", "files = !ls"),
    ],
)
def test_lines_for_the_notebooks_shell_are_comments_of_the_same_length(text: str, read: str) -> None:
    assert as_python(text) == read


@pytest.mark.parametrize("text", ["%%bash\nls", "\n %%html\n<p>", "%% writefile x.py\nx", "%%sql\nselect 1", "%%\n"])
def test_a_cell_in_another_language_says_so(text: str) -> None:
    assert language_of_cell(text).startswith("%%")


@pytest.mark.parametrize("text", ["x", "%%time\nx", "%time x", "", "%%timeit -n 3\nx", "x = 1\n%%bash"])
def test_a_cell_of_python_says_nothing(text: str) -> None:
    assert language_of_cell(text) == ""


def test_the_cells_above_come_first_and_what_is_suggested_is_told_for_the_cell() -> None:
    above = [cell("import os\n"), cell("%%bash\nls"), cell(" \n"), cell("!ls\nx = 1")]
    seen = seen_below(cell("y = "), above, "notebook:1")
    assert seen.document.text == "import os\n\n#ls\nx = 1\n\ny = "
    assert seen.document.uri == "notebook:1"
    place = seen.front + 4
    assert seen.told(Suggestion(Span(place, place), "x", "")).span == Span(4, 4)


def test_line_ends_are_those_of_the_cell() -> None:
    assert seen_below(cell("y\r\n"), [cell("a\nb")], "n").document.text == "a\r\nb\r\n\r\ny\r\n"


def test_without_anything_above_a_cell_is_as_it_is() -> None:
    seen = seen_below(cell("y = 1"), [], "n")
    assert (seen.document.text, seen.front) == ("y = 1", 0)
