"""Which changes can be right at all."""

from __future__ import annotations

import shutil

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit
from lsp_server.core.functions import functions_in
from lsp_server.pipelines.admissible import Admissible
from lsp_server.pipelines.opinions import Checks
from lsp_server.trial.compiler import refused_lines

TEXT = """\
import os


def shown(items, limit):
    found = []
    for item in items:
        if item < limit:
            found.append('item')
    return found
"""


def change(text: str, old: str, new: str, language: str = "python") -> tuple[Admissible, Edit]:
    document = Document("file:///a", language, text)
    admissible = Admissible(document, functions_in(document)[-1], Checks(compile=refused_lines))
    start = text.index(old)
    return admissible, Edit(Span(start, start + len(old)), new)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("item < limit", "item <= limit", True),
        ("item < limit", "item <", False),
        ("item < limit", "item < limits", False),
        ("item < limit", "(item < limit)", False),
        ("'item'", '"item"', False),
        ("    found = []\n", "", False),
        ("    found = []\n", "    found = list()\n", True),
        ("    return found\n", "    return found  # all\n", False),
        ("    return found\n", "    return os.path.join(*found)\n", True),
        ("    return found\n", "    return re.escape(found)\n", False),
        ("            found.append('item')\n", "            found.append(item)\n", True),
    ],
)
def test_python(old, new, allowed):
    admissible, edit = change(TEXT, old, new)
    assert admissible.allows(edit) == allowed


def test_what_was_undefined_before_does_not_count():
    admissible, edit = change("def f(a):\n    b = a < 1\n    return there(b)\n", "<", "<=")
    assert admissible.allows(edit)


def test_in_a_file_that_does_not_parse_the_tree_decides():
    admissible, edit = change("def g(:\n\n\ndef f(a):\n    return a < 1\n", "<", "<=")
    assert admissible.allows(edit)
    admissible, edit = change("def g(:\n\n\ndef f(a):\n    return a < 1\n", "a < 1", "a < (1")
    assert not admissible.allows(edit)


CPP = "int f(int a) {\n    int b = a;\n    return a < 1; // less\n}\n"


@pytest.mark.skipif(shutil.which("c++") is None, reason="install a C++ compiler")
@pytest.mark.parametrize(("old", "new", "compiles"), [("a < 1", "b < 1", True), ("a < 1", "c < 1", False)])
async def test_cpp_is_asked_of_the_compiler(old, new, compiles):
    admissible, edit = change(CPP, old, new, "cpp")
    assert admissible.allows(edit)
    assert await admissible.compiles(edit) == compiles


def test_cpp_must_parse_and_say_something_else():
    for old, new in (("a < 1;", "a < ;"), (" // less", ""), ("return a", "return  a")):
        admissible, edit = change(CPP, old, new, "cpp")
        assert not admissible.allows(edit)
