"""What a change says about what it changes."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import CATEGORIES, Edit
from lsp_server.core.phrasing import Wording, phrased


def of(marked: str, text: str) -> tuple[str, Wording]:
    """The wording for ``text`` instead of what stands between the two marks."""
    before, old, after = marked.split("|")
    document = Document("file:///a.py", "python", before + old + after)
    wording = phrased(document, Edit(Span(len(before), len(before) + len(old)), text))
    assert wording.category in {row.name for row in CATEGORIES}
    return wording.span.of(document.text), wording


@pytest.mark.parametrize(
    ("marked", "text", "category", "message"),
    [
        ("if a |<| b:\n", "<=", "off-by-one", "`<` should be `<=`."),
        ("if a |<| b:\n", ">", "wrong-condition", "`<` should be `>`."),
        ("if a |and| b:\n", "or", "wrong-condition", "`and` should be `or`."),
        ("while |a|:\n", "b", "wrong-condition", "`a` should be `b`."),
        ("x = |min|(a)\n", "max", "wrong-call", "`min` should be `max`."),
        ("x = a.|find|(b)\n", "index", "wrong-call", "`find` should be `index`."),
        ("x = a[|1|]\n", "0", "off-by-one", "`1` should be `0`."),
        ("x = range(n|| )\n", " + 1", "off-by-one", "`+ 1` is missing here: `x = range(n + 1 )`."),
        ("x = range(n| - 1|)\n", "", "off-by-one", "`- 1` should not be here: `x = range(n)`."),
        ("    |x = 1|\n", "", "wrong-value", "`x = 1` should not be here."),
        ("x = |a| / b\n", "c", "wrong-value", "`a` should be `c`."),
        ("x = a |+| b\n", "-", "wrong-value", "`+` should be `-`."),
        ("|    x = 1\n|    y = 2\n", "", "excess-code", "`x = 1` should not be here."),
        ("||    y = 2\n", "    x = 1\n", "missing-code", "A line is missing above this one: `x = 1`."),
        ("|    x = 1\n|    y = 2\n", "    x = f(y)\n", "wrong-value", "`x = 1` should be `x = f(y)`."),
    ],
)
def test_the_kind_of_mistake_is_that_of_the_change(marked, text, category, message):
    _, wording = of(marked, text)
    assert (wording.category, wording.message) == (category, message)
    assert wording.fix.title


def test_what_is_pointed_at_is_what_changes():
    assert of("if a |<| b:\n", ">")[0] == "<"
    assert of("    x = 1\n|    y = 2\n|    z = 3\n", "")[0] == "y = 2"
    assert of("    x = 1\n||    y = 2\n", "    w = 1\n")[0] == "y = 2"


def test_an_insertion_points_at_what_it_stands_behind():
    assert of("x = len(items||)\n", ", 1")[0] == "items"
    assert of("||x = 1\n", "not ")[0] == "x"


def test_a_line_behind_the_last_one_is_pointed_at_somewhere():
    text = "    x = 1\n"
    wording = phrased(Document("file:///a.py", "python", text), Edit(Span(len(text), len(text)), "    return x\n"))
    assert wording.category == "missing-code"


def test_long_texts_are_cut():
    message = of("x = |a|\n", "b" * 500)[1].message
    assert len(message) < 150
    assert "…" in message
