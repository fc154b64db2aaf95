"""A function, followed through the versions of its document."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.followed import Followed
from lsp_server.core.functions import functions_in

PYTHON = """\
import os


# Twice as much.
def twice(x):
    return x + x


def half(x):
    return x / 2
"""
CPP = """\
#include <vector>

int twice(int x) {
    return x + x;
}

int half(int x) {
    return x / 2;
}
"""


def followed(name: str, text: str = PYTHON, language: str = "python") -> tuple[Followed, Document]:
    document = Document("file:///a", language, text)
    function = next(one for one in functions_in(document) if one.name == name)
    return Followed.function(document, function), document


def replaced(document: Document, old: str, new: str) -> Document:
    start = document.text.index(old)
    return document.edited(Span(start, start + len(old)), new)


KEPT = {
    "above": ("import os\n", "import os\nimport sys\n"),
    "right above": ("# Twice", "x = 1\n\n\n# Twice"),
    "a name in the next function": ("half(x)", "third(x)"),
    "a blank line behind it": ("x + x\n\n\n", "x + x\n\n\n\n"),
    "another function behind it": ("x + x\n\n\n", "x + x\n\n\ndef other():\n    pass\n\n\n"),
    "a bracket that is open for now": ("def half", "(def half"),
    "a string that is open for now, right above": ("# Twice", '"""\n\n# Twice'),
}
CHANGED = {
    "its name": ("twice(x)", "double(x)"),
    "its comment": ("Twice as", "Double as"),
    "a decorator": ("# Twice", "# And cached.\n# Twice"),
    "white space": ("x + x", "x +  x"),
    "a statement at its end": ("x + x\n", "x + x\n    print(x)\n"),
    "an indented comment at its end, then code": ("x + x\n", "x + x\n\n    # more\n    print(x)\n"),
    "nothing left of it": ("# Twice as much.\ndef twice(x):\n    return x + x\n", ""),
}


@pytest.mark.parametrize(("old", "new"), KEPT.values(), ids=KEPT)
def test_an_edit_elsewhere_moves_it(old: str, new: str):
    function, document = followed("twice")
    text, edited = function.text, replaced(document, old, new)
    assert function.follow(edited)
    assert function.span.of(edited.text) == text


@pytest.mark.parametrize(("old", "new"), CHANGED.values(), ids=CHANGED)
def test_an_edit_of_its_own_text_loses_it_and_an_undo_brings_it_back(old: str, new: str):
    function, document = followed("twice")
    assert not function.follow(replaced(document, old, new))
    assert function.follow(document)
    assert function.span.of(document.text) == function.text


@pytest.mark.parametrize(
    ("old", "new", "there"),
    [
        ("#include <vector>\n", "#include <vector>\n#include <map>\n", True),
        ("int half", "long half", True),
        ("int half", "/* int half", True),
        ("x + x;", "2 * x;", False),
        ("int twice", "inline int twice", False),
    ],
)
def test_it_is_the_same_in_c(old: str, new: str, there: bool):
    function, document = followed("twice", CPP, "cpp")
    assert function.follow(replaced(document, old, new)) is there


def test_the_last_function_of_a_file_ends_where_a_line_is_added_to_it():
    function, document = followed("half")
    assert not function.follow(document.edited(Span(len(PYTHON), len(PYTHON)), "    # and\n    print()\n"))
    assert function.follow(document.edited(Span(len(PYTHON), len(PYTHON)), "\n\nx = 1\n"))


def test_many_edits_at_once_are_as_good_as_one():
    function, document = followed("twice")
    text = replaced(replaced(document, "import os", "import os, sys"), "x / 2", "0.5 * x").text
    assert function.follow(Document("file:///a", "python", f'"""A file."""\n{text}'))
    assert function.span.start == text.index("# Twice") + len('"""A file."""\n')


def test_places_in_it_and_elsewhere_are_told_for_the_latest_version():
    function, document = followed("twice")
    edited = replaced(replaced(document, "import os", "import os\nimport sys"), "x / 2", "x // 2")
    places = {part: PYTHON.index(part) for part in ("x + x", "import os", "def half", "x / 2")}
    assert function.now(Span(places["import os"], places["import os"])) == Span(0, 0)
    function.follow(edited)
    moved = {part: function.now(Span(start, start + len(part))) for part, start in places.items()}
    assert [moved[part] and moved[part].of(edited.text) for part in moved] == ["x + x", "import os", "def half", None]


def test_no_place_is_told_in_it_while_it_is_not_there():
    function, document = followed("twice")
    function.follow(replaced(document, "x + x", "x"))
    start = PYTHON.index("x + x")
    assert function.now(Span(start, start + 1)) is None
